//! The Lambda for [`functions::users::revert_email`].

use functions::users::revert_email;
use shared::lambda::{self, Routes};

const ROUTES: Routes = &[revert_email::ROUTE.pattern()];

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda::Error> {
    lambda::serve(ROUTES, revert_email::handler).await
}
