//! `PUT /api/user/{id}/password`: replaces a password and ends the account's sessions.

use secrecy::SecretString;
use shared::{
    auth::{
        hash::{self, Verdict},
        password::NewPassword,
    },
    http::{ApiError, ApiResult, Call, FieldErrors, Form, FromForm, reply, view::ReplacedView},
    permissions::Access,
    store::{Replacement, Throttles},
};

const NOT_THE_CURRENT_ONE: &str = "password must not be the current one.";

/// The seed's form has `password` and `new_password`, Metabase's has `old_password` and `password`.
struct Input {
    new: NewPassword,
    new_field: &'static str,
    current: Option<SecretString>,
    current_field: &'static str,
}

impl FromForm for Input {
    fn from_form(form: &mut Form<'_>) -> Option<Self> {
        let (new_field, current_field) = if form.mentions("new_password") {
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
    let access = holder.password_of(target)?;
    access.active()?;

    if access.is_own() {
        replace_own(&call, &access, input).await
    } else {
        reset(&call, &access, input).await
    }
}

async fn replace_own(call: &Call, access: &Access, input: Input) -> ApiResult {
    let asks = call.dialect().asks_current_password(access.is_admin());
    let guesses = if asks { Some(verify_current(call, access, &input).await?) } else { None };
    let user = access.user();
    let opening = call.opening(user.id, user.generation.next())?;
    let hash = hash::hash(&input.new).await?;
    let new = Replacement::new(&hash, Some(&opening)).guessed(guesses.as_ref());
    call.store().replace_password(access, new, call.now()).await?;

    let cookie = call.cookie_policy(false).set(&opening.token);
    Ok(reply::ok(&ReplacedView::from(&opening.token))?.cookie(cookie))
}

async fn verify_current(
    call: &Call,
    access: &Access,
    input: &Input,
) -> Result<Throttles, ApiError> {
    let wrong = || ApiError::Rule(FieldErrors::one(input.current_field, "Invalid password"));
    let current = input.current.as_ref().ok_or_else(wrong)?;
    let (login, guesses) = call.store().login_of(access).await?;
    guesses.check(call.now())?;
    let hash = login.as_ref().and_then(|login| login.hash.as_ref());
    match hash::verify(current, hash).await? {
        Verdict::Wrong => {
            call.store().count(&guesses, call.now()).await?;
            Err(wrong())
        }
        _ if access.user().must_change_password && input.new.is(current) => {
            Err(ApiError::Rule(FieldErrors::one(input.new_field, NOT_THE_CURRENT_ONE)))
        }
        Verdict::Right | Verdict::RightButOutdated => Ok(guesses),
    }
}

async fn reset(call: &Call, access: &Access, input: Input) -> ApiResult {
    let hash = hash::hash(&input.new).await?;
    let new = Replacement::new(&hash, None);
    call.store().replace_password(access, new, call.now()).await?;

    Ok(reply::no_content())
}
