//! The Lambda for [`functions::api_keys::list_api_keys`].

use functions::api_keys::list_api_keys;
use shared::lambda::{self, Routes};

const ROUTES: Routes = &[list_api_keys::ROUTE.pattern()];

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda::Error> {
    lambda::serve(ROUTES, list_api_keys::handler).await
}
