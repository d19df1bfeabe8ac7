//! The Lambda for [`functions::pages::pages`].

use functions::pages::pages;
use shared::lambda::{self, Routes};

const ROUTES: Routes = &[
    pages::ROUTE.pattern(),
    pages::AUTH.pattern(),
    pages::ACCOUNT.pattern(),
    pages::ACCOUNT_PAGE.pattern(),
    pages::ADMIN.pattern(),
    pages::ADMIN_PAGE.pattern(),
    pages::SETUP.pattern(),
    pages::ASSET.pattern(),
];

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda::Error> {
    lambda::serve(ROUTES, pages::handler).await
}
