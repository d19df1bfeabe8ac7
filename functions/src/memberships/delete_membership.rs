//! `DELETE /api/permissions/membership/{id}`: takes an account out of a group.

use shared::http::{ApiResult, Call, response};

/// Administrators only. Who leaves Administrators is none any more.
///
/// # Errors
///
/// 400 for All Users, for the last administrator, or for a path without a number; 401, 403, 404.
pub async fn handler(call: Call) -> ApiResult {
    let (caller, target) = call.caller_and_membership().await?;
    let admin = caller.admin()?;
    let (access, group) = target.require(&admin)?;

    call.store().leave_group(&admin, &access, group).await?;

    Ok(response::no_content())
}
