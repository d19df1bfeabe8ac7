//! The Lambda for [`functions::groups::update_permissions_graph`].

use functions::groups::update_permissions_graph;
use shared::lambda::{self, Routes};

const ROUTES: Routes = &[update_permissions_graph::ROUTE.pattern()];

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda::Error> {
    lambda::serve(ROUTES, update_permissions_graph::handler).await
}
