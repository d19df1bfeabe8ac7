//! The Lambda for [`functions::users::release_rate_limits`].

use functions::users::release_rate_limits;
use shared::lambda::{self, Routes};

const ROUTES: Routes = &[release_rate_limits::ROUTE.pattern()];

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda::Error> {
    lambda::serve(ROUTES, release_rate_limits::handler).await
}
