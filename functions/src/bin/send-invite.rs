//! The Lambda for [`functions::users::send_invite`].

use functions::users::send_invite;
use shared::lambda::{self, Routes};

const ROUTES: Routes = &[send_invite::ROUTE.pattern(), send_invite::PUT.pattern()];

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda::Error> {
    lambda::serve(ROUTES, send_invite::handler).await
}
