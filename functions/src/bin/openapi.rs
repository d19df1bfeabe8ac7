//! The Lambda for [`functions::documentation::openapi`].

use functions::documentation::openapi;
use shared::lambda::{self, Routes};

const ROUTES: Routes = &[openapi::ROUTE.pattern()];

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda::Error> {
    lambda::serve(ROUTES, openapi::handler).await
}
