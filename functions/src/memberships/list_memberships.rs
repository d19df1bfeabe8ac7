//! `GET /api/permissions/membership`: who is in which groups.

use shared::http::{ApiResult, Call, response, view::MembershipView};

/// Administrators only. Deactivated accounts are there too.
///
/// # Errors
///
/// 401, 403.
pub async fn handler(call: Call) -> ApiResult {
    let admin = call.caller().await?.admin()?;

    let users = call.store().memberships(&admin).await?;

    response::ok(&MembershipView::by_user(&users))
}
