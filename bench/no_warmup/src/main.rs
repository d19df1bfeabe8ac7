//! `get-user` without the warm-up request before the first poll.

use functions::users::get_user::{ROUTE, handler};
use shared::lambda::{self, Routes};

const ROUTES: Routes = &[ROUTE.pattern()];

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda::Error> {
    lambda::run(lambda::init().await?, ROUTES, handler).await
}
