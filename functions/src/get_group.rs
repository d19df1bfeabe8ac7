//! `GET /api/permissions/group/{id}`: a group and its active members.

use shared::http::{ApiResult, Call, reply, view::GroupWithMembers};

/// Administrators only.
///
/// # Errors
///
/// 401, 400 for a path without a number, 403, 404.
pub async fn handler(call: Call) -> ApiResult {
    let (caller, target) = call.caller_and_group().await?;
    let admin = caller.admin()?;
    let group = target.found(&admin)?;

    let members = call.store().members(&admin, group.id).await?;

    reply::ok(&GroupWithMembers::new(&group, &members))
}
