//! The Lambda for [`functions::instance::list_audit`].

use functions::instance::list_audit;
use shared::lambda::{self, Routes};

const ROUTES: Routes = &[list_audit::ROUTE.pattern()];

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda::Error> {
    lambda::serve(ROUTES, list_audit::handler).await
}
