//! `POST /api/session/password-check`: whether a password is good enough for an account.

use schemars::JsonSchema;
use serde::Serialize;
use shared::{
    auth::password_policy::NewPassword,
    http::{ApiResult, Call, Fields, FromFields, response},
};

struct Input;

impl FromFields for Input {
    fn from_fields(form: &mut Fields<'_>) -> Option<Self> {
        form.new_password("password").map(|_: NewPassword| Self)
    }
}

/// That the password is good enough.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Checked")]
pub struct Output {
    /// Always true.
    #[schemars(extend("const" = true))]
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

    response::ok(&Output { valid: true })
}
