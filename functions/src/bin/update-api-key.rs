//! The Lambda for [`functions::api_keys::update_api_key`].

use functions::api_keys::update_api_key;
use shared::lambda::{self, Routes};

const ROUTES: Routes = &[update_api_key::ROUTE.pattern()];

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda::Error> {
    lambda::serve(ROUTES, update_api_key::handler).await
}
