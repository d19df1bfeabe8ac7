//! The Lambda for [`functions::instance::session_properties`].

use functions::instance::session_properties;
use shared::lambda::{self, Routes};

const ROUTES: Routes = &[session_properties::ROUTE.pattern()];

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda::Error> {
    lambda::serve(ROUTES, session_properties::handler).await
}
