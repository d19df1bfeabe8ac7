//! The Lambda for [`functions::memberships::delete_membership`].

use functions::memberships::delete_membership;
use shared::lambda::{self, Routes};

const ROUTES: Routes = &[delete_membership::ROUTE.pattern()];

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda::Error> {
    lambda::serve(ROUTES, delete_membership::handler).await
}
