//! The Lambda for [`functions::passwords::update_password`].

use functions::passwords::update_password;
use shared::lambda::{self, Routes};

const ROUTES: Routes = &[update_password::ROUTE.pattern()];

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda::Error> {
    lambda::serve(ROUTES, update_password::handler).await
}
