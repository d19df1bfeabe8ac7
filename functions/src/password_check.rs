//! `POST /api/session/password-check`: whether a password is good enough for an account.

use serde::Serialize;
use shared::{
    auth::password::NewPassword,
    http::{ApiResult, Call, Form, FromForm, reply},
};

struct Input;

impl FromForm for Input {
    fn from_form(form: &mut Form<'_>) -> Option<Self> {
        form.new_password("password").map(|_: NewPassword| Self)
    }
}

#[derive(Serialize)]
struct Output {
    valid: bool,
}

/// Anybody. The password is compared with the policy, and nothing is kept of it.
///
/// # Errors
///
/// 400 `password`.
#[expect(clippy::unused_async, reason = "the type is that of every handler")]
pub async fn handler(call: Call) -> ApiResult {
    let Input = call.body()?;

    reply::ok(&Output { valid: true })
}
