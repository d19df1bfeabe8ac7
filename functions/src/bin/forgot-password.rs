//! The Lambda for [`functions::passwords::forgot_password`].

use functions::passwords::forgot_password;
use shared::lambda::{self, Routes};

const ROUTES: Routes = &[forgot_password::ROUTE.pattern()];

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda::Error> {
    lambda::serve(ROUTES, forgot_password::handler).await
}
