//! The current password of a user, as proof of a change.

use secrecy::SecretString;
use shared::{
    auth::password_hash::{self, PasswordMatch},
    authorization::UserAccess,
    domain::{Action, AuditTarget, RateLimits, WriteContext},
    http::{ApiError, Call, FieldErrors},
};

/// Pattern of a password without requirements.
pub(crate) const ANY_PASSWORD: &str = r"^[^\u0000]*$";

/// The error for a wrong or missing current password.
pub(crate) fn wrong_password(field: &'static str) -> ApiError {
    ApiError::RuleViolation(FieldErrors::single(field, "Invalid password"))
}

/// Verifies the current password in a field. Returns the rate limits, which the write may check
/// again.
///
/// # Errors
///
/// Returns 400 for a wrong password, and 429 after ten wrong ones of a user within an hour.
pub(crate) async fn verify_current(
    call: &Call,
    access: &UserAccess,
    (field, password): (&'static str, Option<&SecretString>),
    context: &WriteContext,
) -> Result<RateLimits, ApiError> {
    let current = password.ok_or_else(|| wrong_password(field))?;
    let (credentials, rate_limits) = call.store().credentials_of(access).await?;
    rate_limits.check(call.now())?;
    let hash = credentials.as_ref().and_then(|credentials| credentials.hash.as_ref());
    match password_hash::verify(current, hash).await? {
        PasswordMatch::No => {
            let target = AuditTarget::User(access.user().id);
            let event = (Action::WrongPassword, Some(target));
            call.record_failed_attempt(&rate_limits, event, context).await?;
            Err(wrong_password(field))
        }
        PasswordMatch::Yes | PasswordMatch::YesNeedsRehash => Ok(rate_limits),
    }
}
