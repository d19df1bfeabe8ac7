//! The Lambda for [`functions::instance::setup`].

use functions::instance::setup;
use shared::lambda::{self, Routes};

const ROUTES: Routes = &[setup::ROUTE.pattern()];

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda::Error> {
    lambda::serve(ROUTES, setup::handler).await
}
