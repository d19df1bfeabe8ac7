//! `POST /api/user/{id}/send_invite` and `PUT /api/user/{id}/send_invite`: sends an account's owner a link for a first password.

use shared::{
    domain::Action,
    http::{ApiResult, Call, reply},
    mail::Letter,
    permissions::Access,
    store::Permit,
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

    match call.dialect().invitee(target, &admin)? {
        Some(access) => call.once(admin.origin(), invite(&call, access)).await,
        None => Ok(reply::success()),
    }
}

/// A request whose letter is not taken may be sent again, also with the same key.
async fn invite(call: &Call, access: Access) -> ApiResult {
    let (mail, reply) = (&call.settings().mail, reply::success());
    if !mail.is_on() {
        return Ok(reply);
    }
    let access = access.answering(&reply);
    let user = access.user();
    let permit = Permit::new(user, call.now())?;
    call.store().permit_reset(&access, Action::SendInvite, &permit).await?;
    let letter = Letter::invitation(&user.email, &call.site_url(), &permit.token);
    if let Err(error) = mail.send(letter).await {
        call.store().forget(access.origin()).await?;
        return Err(error.into());
    }

    Ok(reply)
}
