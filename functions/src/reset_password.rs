//! `POST /api/session/reset_password`: exchanges a reset token for a new password and a session.

use secrecy::{ExposeSecret, SecretString};
use shared::{
    auth::{hash, password::NewPassword, reset::ResetGrant},
    http::{ApiError, ApiResult, Call, Form, FromForm, reply, view::ReplacedView},
};

struct Input {
    token: SecretString,
    password: NewPassword,
}

impl FromForm for Input {
    fn from_form(form: &mut Form<'_>) -> Option<Self> {
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
    let (claim, throttles) =
        store.reset_attempt(input.token.expose_secret(), call.source()).await?;
    throttles.check(call.now())?;
    let Some(grant) = ResetGrant::check(&claim, call.arrival()) else {
        store.count(&throttles, call.now()).await?;
        return Err(ApiError::reset_refused());
    };

    let hash = hash::hash(&input.password).await?;
    let user = grant.user();
    let opening = call.opening(user.id, user.generation.next())?;
    store.reset_password(&grant, &hash, &opening).await?;

    let cookie = call.cookie_policy(false).set(&opening.token);
    Ok(reply::ok(&ReplacedView::from(&opening.token))?.cookie(cookie))
}
