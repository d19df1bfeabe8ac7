//! The Lambda for [`functions::groups::get_group`].

use functions::groups::get_group;
use shared::lambda::{self, Routes};

const ROUTES: Routes = &[get_group::ROUTE.pattern()];

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda::Error> {
    lambda::serve(ROUTES, get_group::handler).await
}
