//! The Lambda for [`functions::users::get_user`].

use functions::users::get_user;
use shared::lambda::{self, Routes};

const ROUTES: Routes = &[get_user::ROUTE.pattern()];

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda::Error> {
    lambda::serve(ROUTES, get_user::handler).await
}
