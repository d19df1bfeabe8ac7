//! `GET /api/user/current`: the caller's own account, and what they may do.

use shared::http::{ApiResult, Call, HasInvitedUsers};

/// Anybody with a session, be it that they must change their password first.
///
/// # Errors
///
/// 401, 412.
pub async fn handler(call: Call) -> ApiResult {
    let (caller, has_invited) = call.authenticate(HasInvitedUsers).await?;

    let response = call.dialect().current_user(caller.user(), has_invited, call.now())?;

    call.with_preconditions(response)
}
