//! The Lambda for [`functions::groups::create_group`].

use functions::groups::create_group;
use shared::lambda::{self, Routes};

const ROUTES: Routes = &[create_group::ROUTE.pattern()];

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda::Error> {
    lambda::serve(ROUTES, create_group::handler).await
}
