//! The Lambda for [`functions::users::list_recipients`].

use functions::users::list_recipients;
use shared::lambda::{self, Routes};

const ROUTES: Routes = &[list_recipients::ROUTE.pattern()];

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda::Error> {
    lambda::serve(ROUTES, list_recipients::handler).await
}
