//! `GET /api/user/current`: the caller's own account, and what they may do.

use shared::http::{ApiResult, Call};

/// Anybody with a session, be it that they must change their password first.
///
/// # Errors
///
/// 401, 412.
pub async fn handler(call: Call) -> ApiResult {
    let (holder, has_invited) = call.holder_and_invitations().await?;

    let response = call.dialect().current_user(holder.user(), has_invited, call.now())?;

    call.with_preconditions(response)
}
