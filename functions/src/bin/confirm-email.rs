//! The Lambda for [`functions::users::confirm_email`].

use functions::users::confirm_email;
use shared::lambda::{self, Routes};

const ROUTES: Routes = &[confirm_email::ROUTE.pattern()];

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda::Error> {
    lambda::serve(ROUTES, confirm_email::handler).await
}
