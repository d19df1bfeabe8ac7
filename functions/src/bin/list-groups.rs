//! The Lambda for [`functions::groups::list_groups`].

use functions::groups::list_groups;
use shared::lambda::{self, Routes};

const ROUTES: Routes = &[list_groups::ROUTE.pattern()];

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda::Error> {
    lambda::serve(ROUTES, list_groups::handler).await
}
