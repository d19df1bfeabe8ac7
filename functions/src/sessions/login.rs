//! `POST /api/session`: exchanges a password for a session.

use secrecy::SecretString;
use shared::{
    auth::login::VerifiedCredentials,
    http::{ApiError, ApiResult, Call, Fields, FromFields, NonBlank, response, view::SessionView},
    store::{Conflict, NewSession, WriteError},
};

struct Input {
    username: NonBlank,
    password: SecretString,
    remember: bool,
}

impl FromFields for Input {
    fn from_fields(form: &mut Fields<'_>) -> Option<Self> {
        let username = form.required("username");
        let password = form.required("password");
        let remember = form.bool("remember").unwrap_or_default();
        Some(Self { username: username?, password: password?, remember })
    }
}

/// Anybody. An unknown address, a wrong password and a deactivated account are told alike, and cost
/// the same.
///
/// # Errors
///
/// 400 naming fields, 401, 429 after 10 failures for the address or 50 from the source in an hour.
pub async fn handler(call: Call) -> ApiResult {
    let input: Input = call.body()?;
    let store = call.store();
    let attempt = store.login_attempt(&input.username.0, call.request_meta()).await?;
    attempt.rate_limits().check(call.now())?;

    let verified = match VerifiedCredentials::check(&attempt, &input.password).await? {
        Ok(verified) => verified,
        Err(refused) => {
            store.record_failed_login(&attempt, call.now()).await?;
            return Err(refused.into());
        }
    };
    let opening = begin(&call, &verified).await?;

    let cookie = call.cookie_policy(input.remember).set(&opening.token);
    Ok(response::ok(&SessionView::from(&opening.token))?.cookie(cookie))
}

/// Whoever was deactivated, given another password, or had all sessions ended since the check is refused
/// like the others.
async fn begin(call: &Call, verified: &VerifiedCredentials<'_>) -> Result<NewSession, ApiError> {
    let login = verified.login();
    let opening = call.new_session(login.user, login.generation)?;
    match call.store().create_session(verified, &opening).await {
        Ok(()) => Ok(opening),
        Err(WriteError::Conflict(Conflict::StaleCredentials)) => Err(ApiError::InvalidCredentials),
        Err(error) => Err(error.into()),
    }
}
