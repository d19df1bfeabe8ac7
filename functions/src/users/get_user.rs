//! `GET /api/user/{id}`: one account.

use shared::http::{ApiResult, Call, PathUser};

/// Its owner or an administrator; who is neither learns nothing about whether it exists.
///
/// # Errors
///
/// 400 `id`, 401, 403, 404, 412.
pub async fn handler(call: Call) -> ApiResult {
    let (caller, target) = call.authenticate_active(PathUser).await?;

    let access = caller.self_or_admin(target)?;
    let response = call.dialect().found_user(access.user())?;

    call.with_preconditions(response)
}
