//! The Lambda for [`functions::instance::test_email`].

use functions::instance::test_email;
use shared::lambda::{self, Routes};

const ROUTES: Routes = &[test_email::ROUTE.pattern()];

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda::Error> {
    lambda::serve(ROUTES, test_email::handler).await
}
