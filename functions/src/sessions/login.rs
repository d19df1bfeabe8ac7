//! `POST /api/session`: exchanges a password for a session.

use secrecy::SecretString;
use shared::{
    auth::{
        login::{LoginError, VerifiedCredentials},
        session::NewSession,
    },
    domain::AuthMethod,
    http::{ApiError, ApiResult, Call, Fields, FromFields, NonBlank, response, view::SessionView},
    store::{Conflict, WriteError},
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
    let attempt = store.login_attempt(&input.username.0, call.client_ip()).await?;
    attempt.rate_limits.check(call.now())?;

    let verified = match VerifiedCredentials::check(&attempt, &input.password).await {
        Ok(verified) => verified,
        Err(LoginError::Hash(error)) => return Err(error.into()),
        Err(rejected) => {
            let context = call.write_context(None, AuthMethod::Password);
            store.record_failed_login(&attempt, &context).await?;
            return Err(rejected.into());
        }
    };
    let session = create_session(&call, &verified).await?;

    let cookie = call.cookie_policy(input.remember).set(&session.token);
    Ok(response::ok(&SessionView::from(&session.token))?.cookie(cookie))
}

/// Creates the session. If the user was deactivated, or the password or the sessions were revoked since the
/// check, the sign-in fails like one with a wrong password.
async fn create_session(
    call: &Call,
    verified: &VerifiedCredentials<'_>,
) -> Result<NewSession, ApiError> {
    let credentials = verified.credentials();
    let session = call.new_session(credentials.user, credentials.generation)?;
    let context = call.write_context(Some(credentials.user), AuthMethod::Password);
    match call.store().create_session(verified, &session, &context).await {
        Ok(()) => Ok(session),
        Err(WriteError::Conflict(Conflict::StaleCredentials)) => Err(ApiError::InvalidCredentials),
        Err(error) => Err(error.into()),
    }
}
