//! The Lambda for [`functions::users::dismiss_modal`].

use functions::users::dismiss_modal;
use shared::lambda::{self, Routes};

const ROUTES: Routes = &[dismiss_modal::ROUTE.pattern()];

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda::Error> {
    lambda::serve(ROUTES, dismiss_modal::handler).await
}
