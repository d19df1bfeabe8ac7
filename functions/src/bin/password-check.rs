//! The Lambda for [`functions::passwords::password_check`].

use functions::passwords::password_check;
use shared::lambda::{self, Routes};

const ROUTES: Routes = &[password_check::ROUTE.pattern()];

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda::Error> {
    lambda::serve(ROUTES, password_check::handler).await
}
