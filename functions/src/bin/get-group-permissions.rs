//! The Lambda for [`functions::groups::get_group_permissions_graph`].

use functions::groups::get_group_permissions_graph;
use shared::lambda::{self, Routes};

const ROUTES: Routes = &[get_group_permissions_graph::ROUTE.pattern()];

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda::Error> {
    lambda::serve(ROUTES, get_group_permissions_graph::handler).await
}
