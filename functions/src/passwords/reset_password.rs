//! `POST /api/session/reset_password`: exchanges a reset token for a new password and a session.

use secrecy::{ExposeSecret, SecretString};
use shared::{
    auth::{password_hash, password_policy::NewPassword, reset_token::ResetGrant},
    domain::AuthMethod,
    http::{ApiError, ApiResult, Call, Fields, FromFields, response, view::PasswordChanged},
};

struct Input {
    token: SecretString,
    password: NewPassword,
}

impl FromFields for Input {
    fn from_fields(form: &mut Fields<'_>) -> Option<Self> {
        let token = form.required("token");
        let password = form.new_password("password");
        Some(Self { token: token?, password: password? })
    }
}

/// Whoever has the token. Nothing is hashed for a token that is worth nothing, whatever the reason.
///
/// # Errors
///
/// 400 naming fields, `password` among them when it is the token that is worth nothing; 429 after ten
/// such tokens from the source in an hour.
pub async fn handler(call: Call) -> ApiResult {
    let input: Input = call.body()?;
    let store = call.store();
    let token = input.token.expose_secret();
    let (attempt, rate_limits) = store.throttled_reset_attempt(token, call.client_ip()).await?;
    rate_limits.check(call.now())?;
    let Some(grant) = ResetGrant::check(&attempt, call.now()) else {
        store.record_attempt(&rate_limits, call.now()).await?;
        return Err(ApiError::invalid_reset_token());
    };

    let hash = password_hash::hash(&input.password).await?;
    let user = grant.user();
    let session = call.new_session(user.id, user.generation.next())?;
    let context = call.write_context(Some(user.id), AuthMethod::ResetToken);
    store.reset_password(&grant, &hash, &session, &context).await?;

    let cookie = call.cookie_policy(false).set(&session.token);
    Ok(response::ok(&PasswordChanged::from(&session.token))?.cookie(cookie))
}
