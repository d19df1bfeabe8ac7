//! The Lambda for [`functions::users::create_user`].

use functions::users::create_user;
use shared::lambda::{self, Routes};

const ROUTES: Routes = &[create_user::ROUTE.pattern()];

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda::Error> {
    lambda::serve(ROUTES, create_user::handler).await
}
