//! The Lambda for [`functions::passwords::password_reset_url`].

use functions::passwords::password_reset_url;
use shared::lambda::{self, Routes};

const ROUTES: Routes = &[password_reset_url::ROUTE.pattern()];

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda::Error> {
    lambda::serve(ROUTES, password_reset_url::handler).await
}
