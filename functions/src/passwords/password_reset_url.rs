//! `POST /api/user/{id}/password-reset-url`: a link with which an account's owner chooses a new password.

use schemars::JsonSchema;
use serde::Serialize;
use shared::{
    auth::reset_token::NewPasswordReset,
    authorization::UserAccess,
    domain::{Action, WriteContext},
    http::{ApiResult, Call, PathUser, response},
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
    let (caller, target) = call.authenticate_active(PathUser).await?;
    let admin = caller.admin()?;

    let access = target.require_active(&admin)?;

    let context = caller.write_context();
    call.idempotent(context, issue_link(&call, &access, context)).await
}

/// The response contains the token, so the idempotency record does not store it.
async fn issue_link(call: &Call, access: &UserAccess, context: &WriteContext) -> ApiResult {
    let reset = NewPasswordReset::new(access.user(), call.now())?;
    call.store().issue_password_reset(access, Action::PasswordResetUrl, &reset, context).await?;

    response::ok(&Output { password_reset_url: reset.token.reset_url(&call.site_url()) })
}
