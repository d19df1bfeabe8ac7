//! `GET /api/session/password_reset_token_valid`: checks a reset token.

use openapi::{Access, Operation, Tag, errors::invalid_value};
use schemars::JsonSchema;
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use shared::{
    auth::reset_token::ResetGrant,
    http::{ApiResult, Call, Fields, FromFields, NonBlank, response},
};

use crate::route::{Event, Lambda, Permission, Route};

/// A reset token.
#[derive(JsonSchema)]
struct Query {
    /// The part of the reset link after the last slash.
    #[schemars(with = "NonBlank")]
    token: SecretString,
}

impl FromFields for Query {
    fn from_fields(fields: &mut Fields<'_>) -> Option<Self> {
        Some(Self { token: fields.required("token")? })
    }
}

/// The result of the check.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "ResetTokenCheck")]
pub struct Output {
    /// Whether the token is valid.
    valid: bool,
}

/// The route.
pub const ROUTE: Route = Route {
    method: "GET",
    path: "/api/session/password_reset_token_valid",
    function: "check-reset-token",
    summary: "Check a reset token",
    tag: Tag::Passwords,
    access: Access::ResetToken,
    lambda: Lambda::READ,
    permissions: &[Permission::BatchGetItem(&["RESET#*", "USER#*"])],
    event: Event::query(&[("token", "2_bm90IGEgdG9rZW4gYnV0IGl0IGxvb2tzIGxpa2Ugb24")]),
    doc,
    handler: |call| Box::pin(handler(call)),
};

fn doc(operation: Operation<'_>) -> Operation<'_> {
    let [valid, invalid_token] = [true, false].map(|valid| response::ok(&Output { valid }));
    operation
        .text(
            "A reset token is valid once, for two days, and until the password or the email \
            address changes.",
        )
        .query::<Query>()
        .response::<Output>("The result.", &[("valid", valid), ("invalid", invalid_token)])
        .error("invalid", invalid_value::<NonBlank>("token"))
}

/// Checks a reset token without using it. Allowed for everyone.
///
/// The route has no rate limit, because no client can guess the 256 random bits of a token.
///
/// # Errors
///
/// Returns 400 for a missing or blank `token`.
pub async fn handler(call: Call) -> ApiResult {
    let Query { token } = call.query()?;

    let attempt = call.store().reset_attempt(token.expose_secret()).await?;

    response::ok(&Output { valid: ResetGrant::check(&attempt, call.now()).is_some() })
}
