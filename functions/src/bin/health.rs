//! The Lambda for [`functions::instance::health`].

use functions::instance::health;
use shared::lambda::{self, Routes};

const ROUTES: Routes = &[health::ROUTE.pattern(), health::LIVE.pattern(), health::READY.pattern()];

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda::Error> {
    lambda::serve(ROUTES, health::handler).await
}
