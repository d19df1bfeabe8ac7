//! The Lambda for [`functions::users::deactivate_user`].

use functions::users::deactivate_user;
use shared::lambda::{self, Routes};

const ROUTES: Routes = &[deactivate_user::ROUTE.pattern()];

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda::Error> {
    lambda::serve(ROUTES, deactivate_user::handler).await
}
