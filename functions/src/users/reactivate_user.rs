//! `PUT /api/user/{id}/reactivate`: gives a deactivated account its access back.

use shared::http::{ApiResult, Call, PathUser};

/// Administrators only. The account is no administrator afterwards, whatever it was; its sessions
/// stay ended.
///
/// # Errors
///
/// 400 `id` or for an active account, 401, 403, 404, 412.
pub async fn handler(call: Call) -> ApiResult {
    let (caller, target) = call.authenticate_active(PathUser).await?;
    let admin = caller.admin()?;

    let access = target.require(&admin)?;
    let user = call.store().reactivate(&admin, &access, caller.write_context()).await?;

    call.dialect().reactivated(&user)
}
