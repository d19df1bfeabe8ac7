//! `POST /api/user/{id}/send_invite` and `PUT /api/user/{id}/send_invite`: sends an account's owner a link for a first password.

use shared::{
    auth::reset_token::NewPasswordReset,
    authorization::UserAccess,
    domain::{Action, WriteContext},
    http::{ApiResult, Call, PathUser, response},
    mail::EmailMessage,
};

/// Administrators only. Without mail nothing is sent, and a link that was handed on stays.
///
/// # Errors
///
/// 400 `id`, 401, 403, 404 also for a deactivated account, 412, 503 when the letter is not taken; 409 and
/// 422 for an `Idempotency-Key`.
pub async fn handler(call: Call) -> ApiResult {
    let (caller, target) = call.authenticate_active(PathUser).await?;
    let admin = caller.admin()?;
    let Some(access) = call.dialect().invitation_target(target, &admin)? else {
        return Ok(response::success());
    };

    let context = caller.write_context();
    call.idempotent(context, send_invitation(&call, &access, context)).await
}

/// If the email cannot be sent, the idempotency key is released, so that the client may retry with it.
async fn send_invitation(call: &Call, access: &UserAccess, context: &WriteContext) -> ApiResult {
    let (mail, response) = (&call.settings().mail, response::success());
    if !mail.is_enabled() {
        return Ok(response);
    }
    let user = access.user();
    let reset = NewPasswordReset::new(user, call.now())?;
    let context = context.with_response(&response);
    call.store().issue_password_reset(access, Action::SendInvite, &reset, &context).await?;
    let message = EmailMessage::invitation(&user.email, &call.site_url(), &reset.token);
    if let Err(error) = mail.send(message).await {
        call.store().release_idempotency_key(&context).await?;
        return Err(error.into());
    }

    Ok(response)
}
