//! The Lambda for [`functions::sessions::logout`].

use functions::sessions::logout;
use shared::lambda::{self, Routes};

const ROUTES: Routes = &[logout::ROUTE.pattern()];

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda::Error> {
    lambda::serve(ROUTES, logout::handler).await
}
