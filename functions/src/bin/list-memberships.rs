//! The Lambda for [`functions::memberships::list_memberships`].

use functions::memberships::list_memberships;
use shared::lambda::{self, Routes};

const ROUTES: Routes = &[list_memberships::ROUTE.pattern()];

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda::Error> {
    lambda::serve(ROUTES, list_memberships::handler).await
}
