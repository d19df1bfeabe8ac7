//! The Lambda for [`functions::users::anonymize_user`].

use functions::users::anonymize_user;
use shared::lambda::{self, Routes};

const ROUTES: Routes = &[anonymize_user::ROUTE.pattern()];

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda::Error> {
    lambda::serve(ROUTES, anonymize_user::handler).await
}
