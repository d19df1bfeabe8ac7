//! `DELETE /api/permissions/group/{id}`: deletes a group with all memberships.

use shared::http::{ApiResult, Call, PathGroupToDelete, response};

/// Administrators only. The groups that always exist stay. A group that somebody began to delete can
/// be deleted again, which finishes it.
///
/// # Errors
///
/// 400 for a group that always exists or a path without a number, 401, 403, 404.
pub async fn handler(call: Call) -> ApiResult {
    let (caller, target) = call.authenticate_active(PathGroupToDelete).await?;
    let admin = caller.admin()?;
    let group = target.require(&admin)?.ensure_custom()?;

    call.store().delete_group(&admin, group, caller.write_context()).await?;

    Ok(response::no_content())
}
