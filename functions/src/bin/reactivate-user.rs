//! The Lambda for [`functions::users::reactivate_user`].

use functions::users::reactivate_user;
use shared::lambda::{self, Routes};

const ROUTES: Routes = &[reactivate_user::ROUTE.pattern()];

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda::Error> {
    lambda::serve(ROUTES, reactivate_user::handler).await
}
