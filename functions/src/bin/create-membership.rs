//! The Lambda for [`functions::memberships::create_membership`].

use functions::memberships::create_membership;
use shared::lambda::{self, Routes};

const ROUTES: Routes = &[create_membership::ROUTE.pattern()];

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda::Error> {
    lambda::serve(ROUTES, create_membership::handler).await
}
