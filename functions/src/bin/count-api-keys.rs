//! The Lambda for [`functions::api_keys::count_api_keys`].

use functions::api_keys::count_api_keys;
use shared::lambda::{self, Routes};

const ROUTES: Routes = &[count_api_keys::ROUTE.pattern()];

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda::Error> {
    lambda::serve(ROUTES, count_api_keys::handler).await
}
