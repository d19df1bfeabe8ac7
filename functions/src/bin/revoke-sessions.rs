//! The Lambda for [`functions::sessions::revoke_sessions`].

use functions::sessions::revoke_sessions;
use shared::lambda::{self, Routes};

const ROUTES: Routes = &[revoke_sessions::ROUTE.pattern()];

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda::Error> {
    lambda::serve(ROUTES, revoke_sessions::handler).await
}
