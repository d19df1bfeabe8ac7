//! The Lambda for [`functions::sessions::list_login_history`].

use functions::sessions::list_login_history;
use shared::lambda::{self, Routes};

const ROUTES: Routes = &[list_login_history::ROUTE.pattern()];

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda::Error> {
    lambda::serve(ROUTES, list_login_history::handler).await
}
