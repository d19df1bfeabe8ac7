//! The Lambda for [`functions::sessions::revoke_session`].

use functions::sessions::revoke_session;
use shared::lambda::{self, Routes};

const ROUTES: Routes = &[revoke_session::ROUTE.pattern()];

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda::Error> {
    lambda::serve(ROUTES, revoke_session::handler).await
}
