//! `DELETE /api/session`: ends the session that it comes with.

use shared::http::{ApiError, ApiResult, Call, reply};

/// Whoever has a session; the cookie is cleared.
///
/// # Errors
///
/// 403 for a cookie that another site made the browser send, 404 without a session that counts.
pub async fn handler(call: Call) -> ApiResult {
    let token = call.token()?.ok_or(ApiError::NotFound)?;

    let ttl = call.settings().session_ttl_minutes;
    call.store().log_out(&token, call.arrival(), ttl).await?;

    Ok(reply::no_content().cookie(call.cookie_policy(false).clear()))
}
