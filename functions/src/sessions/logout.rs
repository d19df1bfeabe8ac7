//! `DELETE /api/session`: ends the session that it comes with.

use shared::{
    domain::AuthMethod,
    http::{ApiError, ApiResult, Call, response},
};

/// Whoever has a session; the cookie is cleared.
///
/// # Errors
///
/// 403 for a cookie that another site made the browser send, 404 without a session that counts.
pub async fn handler(call: Call) -> ApiResult {
    let token = call.token()?.ok_or(ApiError::NotFound)?;

    let ttl = call.settings().session_ttl_minutes;
    let context = call.write_context(Some(token.user()), AuthMethod::Session);
    call.store().delete_session(&token, ttl, &context).await?;

    Ok(response::no_content().cookie(call.cookie_policy(false).clear()))
}
