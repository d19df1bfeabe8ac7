//! The Lambda for [`functions::passwords::reset_password`].

use functions::passwords::reset_password;
use shared::lambda::{self, Routes};

const ROUTES: Routes = &[reset_password::ROUTE.pattern()];

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda::Error> {
    lambda::serve(ROUTES, reset_password::handler).await
}
