//! `DELETE /api/user/{id}/sessions/{session}`: ends one session of an account.

use shared::http::{ApiError, ApiResult, Call, PathUser, response};

/// The account's owner or an administrator. It may be the session that the request comes with;
/// the cookie is cleared then.
///
/// # Errors
///
/// 400 `id`, 401, 403, 404 also for a session that does not count.
pub async fn handler(call: Call) -> ApiResult {
    let (caller, target) = call.authenticate_active(PathUser).await?;
    let access = caller.self_or_admin(target)?;

    let ttl = call.settings().session_ttl_minutes;
    let sessions = call.store().sessions(&access, call.now(), ttl).await?;
    let id = call.path("session");
    let session = sessions.iter().find(|session| session.id.as_str() == id);
    let session = session.ok_or(ApiError::NotFound)?;
    call.store().revoke_session(&access, session, ttl, caller.write_context()).await?;

    let response = response::no_content();
    let is_current = call.session_id().as_ref() == Some(&session.id);
    Ok(if is_current { response.cookie(call.cookie_policy(false).clear()) } else { response })
}
