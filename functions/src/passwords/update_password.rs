//! `PUT /api/user/{id}/password`: replaces a password and ends the account's sessions.

use secrecy::SecretString;
use shared::{
    auth::{
        password_hash::{self, PasswordMatch},
        password_policy::NewPassword,
    },
    authorization::UserAccess,
    domain::{RateLimits, WriteContext},
    http::{
        ApiError, ApiResult, Call, FieldErrors, Fields, FromFields, PathUser, response,
        view::PasswordChanged,
    },
    store::PasswordChange,
};

const SAME_PASSWORD: &str = "password must not be the current one.";

/// The seed's form has `password` and `new_password`, Metabase's has `old_password` and `password`.
struct Input {
    new: NewPassword,
    new_field: &'static str,
    current: Option<SecretString>,
    current_field: &'static str,
}

impl FromFields for Input {
    fn from_fields(form: &mut Fields<'_>) -> Option<Self> {
        let (new_field, current_field) = if form.contains("new_password") {
            ("new_password", "password")
        } else {
            ("password", "old_password")
        };
        let current = form.current_password(current_field);
        Some(Self { new: form.new_password(new_field)?, new_field, current, current_field })
    }
}

/// The account's owner, who must know the current password, or an administrator for another's. Owners
/// who must change it before anything else do so here, to another one.
///
/// # Errors
///
/// 400 on the field of the new or the current password, 401, 403, 404 also for a deactivated account, 429
/// after ten wrong current passwords of the account in an hour, 412.
pub async fn handler(call: Call) -> ApiResult {
    let (caller, target) = call.authenticate(PathUser).await?;
    let input: Input = call.body()?;
    let context = caller.write_context().clone();
    let access = caller.authorize_password_change(target)?;
    access.require_active()?;

    if access.is_own() {
        change_own(&call, &access, input, &context).await
    } else {
        set_password(&call, &access, input, &context).await
    }
}

async fn change_own(
    call: &Call,
    access: &UserAccess,
    input: Input,
    context: &WriteContext,
) -> ApiResult {
    let is_asked = call.dialect().asks_current_password(access.is_admin());
    let rate_limits =
        if is_asked { Some(verify_current(call, access, &input).await?) } else { None };
    let user = access.user();
    let session = call.new_session(user.id, user.generation.next())?;
    let hash = password_hash::hash(&input.new).await?;
    let new = PasswordChange::new(&hash, Some(&session)).with_rate_limits(rate_limits.as_ref());
    call.store().replace_password(access, new, context).await?;

    let cookie = call.cookie_policy(false).set(&session.token);
    Ok(response::ok(&PasswordChanged::from(&session.token))?.cookie(cookie))
}

async fn verify_current(
    call: &Call,
    access: &UserAccess,
    input: &Input,
) -> Result<RateLimits, ApiError> {
    let wrong =
        || ApiError::RuleViolation(FieldErrors::single(input.current_field, "Invalid password"));
    let current = input.current.as_ref().ok_or_else(wrong)?;
    let (credentials, rate_limits) = call.store().credentials_of(access).await?;
    rate_limits.check(call.now())?;
    let hash = credentials.as_ref().and_then(|credentials| credentials.hash.as_ref());
    match password_hash::verify(current, hash).await? {
        PasswordMatch::No => {
            call.store().record_attempt(&rate_limits, call.now()).await?;
            Err(wrong())
        }
        _ if access.user().must_change_password && input.new.is(current) => {
            Err(ApiError::RuleViolation(FieldErrors::single(input.new_field, SAME_PASSWORD)))
        }
        PasswordMatch::Yes | PasswordMatch::YesNeedsRehash => Ok(rate_limits),
    }
}

async fn set_password(
    call: &Call,
    access: &UserAccess,
    input: Input,
    context: &WriteContext,
) -> ApiResult {
    let hash = password_hash::hash(&input.new).await?;
    call.store().replace_password(access, PasswordChange::new(&hash, None), context).await?;

    Ok(response::no_content())
}
