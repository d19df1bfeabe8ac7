//! The Lambda for [`functions::users::update_user`].

use functions::users::update_user;
use shared::lambda::{self, Routes};

const ROUTES: Routes = &[update_user::ROUTE.pattern()];

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda::Error> {
    lambda::serve(ROUTES, update_user::handler).await
}
