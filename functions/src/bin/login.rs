//! The Lambda for [`functions::sessions::login`].

use functions::sessions::login;
use shared::lambda::{self, Routes};

const ROUTES: Routes = &[login::ROUTE.pattern()];

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda::Error> {
    lambda::serve(ROUTES, login::handler).await
}
