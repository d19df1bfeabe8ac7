//! The Lambda for [`functions::instance::list_settings`].

use functions::instance::list_settings;
use shared::lambda::{self, Routes};

const ROUTES: Routes = &[list_settings::ROUTE.pattern()];

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda::Error> {
    lambda::serve(ROUTES, list_settings::handler).await
}
