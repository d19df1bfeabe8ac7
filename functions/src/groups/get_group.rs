//! `GET /api/permissions/group/{id}`: a group and its active members.

use shared::http::{ApiResult, Call, PathGroup, response, view::GroupDetails};

/// Administrators only.
///
/// # Errors
///
/// 401, 400 for a path without a number, 403, 404.
pub async fn handler(call: Call) -> ApiResult {
    let (caller, target) = call.authenticate_active(PathGroup).await?;
    let admin = caller.admin()?;
    let group = target.require(&admin)?;

    let members = call.store().members(&admin, group.id).await?;

    response::ok(&GroupDetails::new(&group, &members))
}
