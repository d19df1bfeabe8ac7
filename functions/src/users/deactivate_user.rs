//! `DELETE /api/user/{id}`: takes an account's access away. Nothing is deleted.

use shared::http::{ApiResult, Call, PathUser, response};

/// Administrators only; an account that is deactivated already is left as it is.
///
/// # Errors
///
/// 400 `id` or for the last administrator, 401, 403, 404, 412.
pub async fn handler(call: Call) -> ApiResult {
    let (caller, target) = call.authenticate_active(PathUser).await?;
    let admin = caller.admin()?;

    let access = target.require(&admin)?;
    call.store().deactivate(&admin, &access, caller.write_context()).await?;

    Ok(response::success())
}
