//! `PUT /api/user/{id}/password`: replaces a password and ends the account's sessions.

use secrecy::SecretString;
use shared::{
    auth::{
        password_hash::{self, PasswordMatch},
        password_policy::NewPassword,
    },
    authorization::UserAccess,
    http::{
        ApiError, ApiResult, Call, FieldErrors, Fields, FromFields, response, view::PasswordChanged,
    },
    store::{PasswordChange, RateLimits},
};

const NOT_THE_CURRENT_ONE: &str = "password must not be the current one.";

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
    let (holder, target) = call.holder_and_target().await?;
    let input: Input = call.body()?;
    let access = holder.authorize_password_change(target)?;
    access.require_active()?;

    if access.is_own() {
        replace_own(&call, &access, input).await
    } else {
        reset(&call, &access, input).await
    }
}

async fn replace_own(call: &Call, access: &UserAccess, input: Input) -> ApiResult {
    let asks = call.dialect().asks_current_password(access.is_admin());
    let guesses = if asks { Some(verify_current(call, access, &input).await?) } else { None };
    let user = access.user();
    let opening = call.new_session(user.id, user.generation.next())?;
    let hash = password_hash::hash(&input.new).await?;
    let new = PasswordChange::new(&hash, Some(&opening)).with_rate_limits(guesses.as_ref());
    call.store().replace_password(access, new, call.now()).await?;

    let cookie = call.cookie_policy(false).set(&opening.token);
    Ok(response::ok(&PasswordChanged::from(&opening.token))?.cookie(cookie))
}

async fn verify_current(
    call: &Call,
    access: &UserAccess,
    input: &Input,
) -> Result<RateLimits, ApiError> {
    let wrong =
        || ApiError::RuleViolation(FieldErrors::single(input.current_field, "Invalid password"));
    let current = input.current.as_ref().ok_or_else(wrong)?;
    let (login, guesses) = call.store().credentials_of(access).await?;
    guesses.check(call.now())?;
    let hash = login.as_ref().and_then(|login| login.hash.as_ref());
    match password_hash::verify(current, hash).await? {
        PasswordMatch::No => {
            call.store().record_attempt(&guesses, call.now()).await?;
            Err(wrong())
        }
        _ if access.user().must_change_password && input.new.is(current) => {
            Err(ApiError::RuleViolation(FieldErrors::single(input.new_field, NOT_THE_CURRENT_ONE)))
        }
        PasswordMatch::Yes | PasswordMatch::YesNeedsRehash => Ok(guesses),
    }
}

async fn reset(call: &Call, access: &UserAccess, input: Input) -> ApiResult {
    let hash = password_hash::hash(&input.new).await?;
    let new = PasswordChange::new(&hash, None);
    call.store().replace_password(access, new, call.now()).await?;

    Ok(response::no_content())
}
