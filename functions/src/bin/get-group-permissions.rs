//! The Lambda for [`functions::groups::get_group_permissions`].

use functions::groups::get_group_permissions;
use shared::lambda::{self, Routes};

const ROUTES: Routes = &[get_group_permissions::ROUTE.pattern()];

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda::Error> {
    lambda::serve(ROUTES, get_group_permissions::handler).await
}
