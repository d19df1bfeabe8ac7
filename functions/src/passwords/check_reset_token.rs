//! `GET /api/session/password_reset_token_valid`: whether a reset token still counts.

use schemars::JsonSchema;
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use shared::{
    auth::reset_token::ResetGrant,
    http::{ApiResult, Call, Fields, FromFields, response},
};

struct Query {
    token: SecretString,
}

impl FromFields for Query {
    fn from_fields(form: &mut Fields<'_>) -> Option<Self> {
        Some(Self { token: form.required("token")? })
    }
}

/// Whether the token counts.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "TokenValidity")]
pub struct Output {
    valid: bool,
}

/// Whoever has the token: it has too many bits to be guessed here, or anywhere else.
///
/// # Errors
///
/// 400 `token`.
pub async fn handler(call: Call) -> ApiResult {
    let Query { token } = call.query()?;

    let attempt = call.store().reset_attempt(token.expose_secret()).await?;

    response::ok(&Output { valid: ResetGrant::check(&attempt, call.now()).is_some() })
}
