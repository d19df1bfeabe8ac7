//! The Lambda for [`functions::groups::delete_group`].

use functions::groups::delete_group;
use shared::lambda::{self, Routes};

const ROUTES: Routes = &[delete_group::ROUTE.pattern()];

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda::Error> {
    lambda::serve(ROUTES, delete_group::handler).await
}
