//! The Lambda for [`functions::documentation::docs`].

use functions::documentation::docs;
use shared::lambda::{self, Routes};

const ROUTES: Routes = &[docs::ROUTE.pattern(), docs::ASSET.pattern()];

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda::Error> {
    lambda::serve(ROUTES, docs::handler).await
}
