//! `POST /api/user/{id}/send_invite` and `PUT /api/user/{id}/send_invite`: sends an account's owner a link for a first password.

use shared::{
    authorization::UserAccess,
    domain::Action,
    http::{ApiResult, Call, response},
    mail::EmailMessage,
    store::NewPasswordReset,
};

/// Administrators only. Without mail nothing is sent, and a link that was handed on stays.
///
/// # Errors
///
/// 400 `id`, 401, 403, 404 also for a deactivated account, 412, 503 when the letter is not taken; 409 and
/// 422 for an `Idempotency-Key`.
pub async fn handler(call: Call) -> ApiResult {
    let (caller, target) = call.caller_and_target().await?;
    let admin = caller.admin()?;

    match call.dialect().invitation_target(target, &admin)? {
        Some(access) => call.idempotent(admin.origin(), send_invitation(&call, access)).await,
        None => Ok(response::success()),
    }
}

/// A request whose letter is not taken may be sent again, also with the same key.
async fn send_invitation(call: &Call, access: UserAccess) -> ApiResult {
    let (mail, response) = (&call.settings().mail, response::success());
    if !mail.is_enabled() {
        return Ok(response);
    }
    let access = access.answering(&response);
    let user = access.user();
    let permit = NewPasswordReset::new(user, call.now())?;
    call.store().issue_password_reset(&access, Action::SendInvite, &permit).await?;
    let letter = EmailMessage::invitation(&user.email, &call.site_url(), &permit.token);
    if let Err(error) = mail.send(letter).await {
        call.store().release_idempotency_key(access.origin()).await?;
        return Err(error.into());
    }

    Ok(response)
}
