//! `DELETE /api/user/{id}/sessions`: ends every session of an account.

use shared::http::{ApiResult, Call, PathUser, response};

/// The account's owner or an administrator. Owners end the session that the request comes
/// with, too, and the cookie is cleared.
///
/// # Errors
///
/// 400 `id`, 401, 403, 404.
pub async fn handler(call: Call) -> ApiResult {
    let (caller, target) = call.authenticate_active(PathUser).await?;
    let access = caller.self_or_admin(target)?;

    call.store().revoke_sessions(&access, caller.write_context()).await?;

    let response = response::no_content();
    Ok(if access.is_own() { response.cookie(call.cookie_policy(false).clear()) } else { response })
}
