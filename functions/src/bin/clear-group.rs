//! The Lambda for [`functions::groups::clear_group`].

use functions::groups::clear_group;
use shared::lambda::{self, Routes};

const ROUTES: Routes = &[clear_group::ROUTE.pattern()];

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda::Error> {
    lambda::serve(ROUTES, clear_group::handler).await
}
