//! The Lambda for [`functions::api_keys::regenerate_api_key`].

use functions::api_keys::regenerate_api_key;
use shared::lambda::{self, Routes};

const ROUTES: Routes = &[regenerate_api_key::ROUTE.pattern()];

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda::Error> {
    lambda::serve(ROUTES, regenerate_api_key::handler).await
}
