//! The Lambda for [`functions::memberships::update_membership`].

use functions::memberships::update_membership;
use shared::lambda::{self, Routes};

const ROUTES: Routes = &[update_membership::ROUTE.pattern()];

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda::Error> {
    lambda::serve(ROUTES, update_membership::handler).await
}
