//! `POST /api/user/{id}/password-reset-url`: a link with which an account's owner chooses a new password.

use schemars::JsonSchema;
use serde::Serialize;
use shared::{
    authorization::UserAccess,
    domain::Action,
    http::{ApiResult, Call, response},
    store::NewPasswordReset,
};

/// A link for a new password.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "PasswordResetUrl")]
pub struct Output {
    /// Whoever has it chooses the password, once, within two days.
    password_reset_url: String,
}

/// Administrators only, who hand the link on. It is good for two days, once; the one before it is no
/// longer.
///
/// # Errors
///
/// 400 `id`, 401, 403, 404 also for a deactivated account, 412; 409 and 422 for an
/// `Idempotency-Key`.
pub async fn handler(call: Call) -> ApiResult {
    let (caller, target) = call.caller_and_target().await?;
    let admin = caller.admin()?;

    let access = target.require_active(&admin)?;

    call.idempotent(admin.origin(), permit(&call, &access)).await
}

/// The answer has the token itself, so it is not kept for those who send the request again.
async fn permit(call: &Call, access: &UserAccess) -> ApiResult {
    let permit = NewPasswordReset::new(access.user(), call.now())?;
    call.store().issue_password_reset(access, Action::PasswordResetUrl, &permit).await?;

    response::ok(&Output { password_reset_url: permit.token.reset_url(&call.site_url()) })
}
