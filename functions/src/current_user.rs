//! `GET /api/user/current`: the caller's own account, and what they may do.

use shared::http::{ApiResult, Call};

/// Anybody with a session.
///
/// # Errors
///
/// 401.
pub async fn handler(call: Call) -> ApiResult {
    let (caller, has_invited) = call.caller_and_invitations().await?;

    call.dialect().current_user(caller.user(), has_invited, call.now())
}
