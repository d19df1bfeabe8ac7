//! The Lambda for [`functions::users::current_user`].

use functions::users::current_user;
use shared::lambda::{self, Routes};

const ROUTES: Routes = &[current_user::ROUTE.pattern()];

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda::Error> {
    lambda::serve(ROUTES, current_user::handler).await
}
