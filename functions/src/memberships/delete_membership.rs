//! `DELETE /api/permissions/membership/{id}`: takes an account out of a group.

use shared::http::{ApiResult, Call, PathMembership, response};

/// Administrators only. Who leaves Administrators is none any more.
///
/// # Errors
///
/// 400 for All Users, for the last administrator, or for a path without a number; 401, 403, 404.
pub async fn handler(call: Call) -> ApiResult {
    let (caller, target) = call.authenticate_active(PathMembership).await?;
    let admin = caller.admin()?;
    let (user, group) = target.require(&admin)?;

    let access = admin.access(user);
    call.store().leave_group(&admin, &access, group, caller.write_context()).await?;

    Ok(response::no_content())
}
