//! `POST /api/user/{id}/send_invite` and `PUT /api/user/{id}/send_invite`: sends an account's owner a link for a first password.

use shared::{
    domain::Action,
    http::{ApiError, ApiResult, Call, reply},
    mail::Letter,
    permissions::Access,
    store::Permit,
};

/// Administrators only. Without mail nothing is sent, and a link that was handed on stays.
///
/// # Errors
///
/// 400 `id`, 401, 403, 404 also for a deactivated account, 412, 503 when the letter is not taken.
pub async fn handler(call: Call) -> ApiResult {
    let (caller, target) = call.caller_and_target().await?;
    let admin = caller.admin()?;

    if let Some(access) = call.dialect().invitee(target, &admin)? {
        invite(&call, &access).await?;
    }

    Ok(reply::success())
}

async fn invite(call: &Call, access: &Access) -> Result<(), ApiError> {
    let mail = &call.settings().mail;
    if !mail.is_on() {
        return Ok(());
    }
    let user = access.user();
    let permit = Permit::new(user, call.now())?;
    call.store().permit_reset(access, Action::SendInvite, &permit).await?;
    mail.send(Letter::invitation(&user.email, &call.site_url(), &permit.token)).await?;
    Ok(())
}
