//! The Lambda for [`functions::sessions::list_sessions`].

use functions::sessions::list_sessions;
use shared::lambda::{self, Routes};

const ROUTES: Routes = &[list_sessions::ROUTE.pattern()];

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda::Error> {
    lambda::serve(ROUTES, list_sessions::handler).await
}
