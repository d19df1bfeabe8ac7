//! `POST /api/session/password-check`: checks a password against the password policy.

use openapi::{Access, Operation, Tag, errors::common_password};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::json;
use shared::{
    auth::password_policy::NewPassword,
    http::{ApiResult, Call, Fields, FromFields, response},
};

use crate::route::{Event, Lambda, Route};

/// A password for the check.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "a schema, never constructed")]
struct CheckPassword {
    password: NewPassword,
}

struct Input;

impl FromFields for Input {
    fn from_fields(fields: &mut Fields<'_>) -> Option<Self> {
        fields.new_password("password").map(|_: NewPassword| Self)
    }
}

/// The result for an accepted password.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "PasswordCheck")]
pub struct Output {
    /// Always true.
    #[schemars(extend("const" = true))]
    valid: bool,
}

/// The route.
pub const ROUTE: Route = Route {
    method: "POST",
    path: "/api/session/password-check",
    function: "password-check",
    summary: "Check a new password",
    tag: Tag::Passwords,
    access: Access::Public,
    lambda: Lambda::READ,
    permissions: &[],
    event: Event::body(r#"{"password": "c0rrect horse"}"#),
    doc,
    handler: |call| Box::pin(handler(call)),
};

fn doc(operation: Operation<'_>) -> Operation<'_> {
    operation
        .text("Checks a password against the password policy of the instance. Nothing is stored.")
        .request_body::<CheckPassword>(&[("password", json!({ "password": "SecurePassword123!" }))])
        .response::<Output>(
            "The password is accepted.",
            &[("valid", response::ok(&Output { valid: true }))],
        )
        .error("common-password", common_password("password"))
}

/// Checks a new password against the password policy, without storing it. Allowed for everyone.
///
/// # Errors
///
/// Returns 400 on `password` if the policy rejects it.
#[expect(clippy::unused_async, reason = "every handler is asynchronous")]
pub async fn handler(call: Call) -> ApiResult {
    let Input = call.body()?;

    response::ok(&Output { valid: true })
}
