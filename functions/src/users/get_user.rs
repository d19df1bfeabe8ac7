//! `GET /api/user/{id}`: one account.

use shared::http::{ApiResult, Call};

/// Its owner or an administrator; who is neither learns nothing about whether it exists.
///
/// # Errors
///
/// 400 `id`, 401, 403, 404, 412.
pub async fn handler(call: Call) -> ApiResult {
    let (caller, target) = call.caller_and_target().await?;

    let access = caller.self_or_admin(target)?;
    let response = call.dialect().found_user(access.user())?;

    call.with_preconditions(response)
}
