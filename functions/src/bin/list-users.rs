//! The Lambda for [`functions::users::list_users`].

use functions::users::list_users;
use shared::lambda::{self, Routes};

const ROUTES: Routes = &[list_users::ROUTE.pattern()];

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda::Error> {
    lambda::serve(ROUTES, list_users::handler).await
}
