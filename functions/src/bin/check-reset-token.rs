//! The Lambda for [`functions::passwords::check_reset_token`].

use functions::passwords::check_reset_token;
use shared::lambda::{self, Routes};

const ROUTES: Routes = &[check_reset_token::ROUTE.pattern()];

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda::Error> {
    lambda::serve(ROUTES, check_reset_token::handler).await
}
