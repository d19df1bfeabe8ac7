//! The Lambda for [`functions::instance::update_setting`].

use functions::instance::update_setting;
use shared::lambda::{self, Routes};

const ROUTES: Routes = &[update_setting::ROUTE.pattern()];

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda::Error> {
    lambda::serve(ROUTES, update_setting::handler).await
}
