//! `DELETE /api/user/{id}`: takes an account's access away. Nothing is deleted.

use shared::http::{ApiResult, Call, response};

/// Administrators only; an account that is deactivated already is left as it is.
///
/// # Errors
///
/// 400 `id` or for the last administrator, 401, 403, 404, 412.
pub async fn handler(call: Call) -> ApiResult {
    let (caller, target) = call.caller_and_target().await?;
    let admin = caller.admin()?;

    let access = target.require(&admin)?;
    call.store().deactivate(&admin, &access, call.now()).await?;

    Ok(response::success())
}
