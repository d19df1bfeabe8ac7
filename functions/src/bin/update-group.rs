//! The Lambda for [`functions::groups::update_group`].

use functions::groups::update_group;
use shared::lambda::{self, Routes};

const ROUTES: Routes = &[update_group::ROUTE.pattern()];

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda::Error> {
    lambda::serve(ROUTES, update_group::handler).await
}
