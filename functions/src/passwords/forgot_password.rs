//! `POST /api/session/forgot_password`: sends a password reset email.

use std::time::Duration;

use shared::{
    domain::Email,
    http::{ApiError, ApiResult, Call, Fields, FromFields, response},
    mail::EmailMessage,
    store::ForgotPasswordAttempt,
    timing::pad_to,
};

use openapi::{Access, Operation, Tag, errors::invalid};
use schemars::JsonSchema;
use serde_json::json;
use shared::domain::{RateLimitedAction, RetryAfter};

use crate::route::{Event, Lambda, Permission, Route};

/// How long every request takes that is not refused, whether somebody has the address or not. A letter
/// that is not handed over by then is given up.
const DURATION: Duration = Duration::from_millis(500);

/// The email address of a user.
#[derive(JsonSchema)]
#[schemars(rename = "ForgotPassword")]
struct Input {
    email: Email,
}

impl FromFields for Input {
    fn from_fields(form: &mut Fields<'_>) -> Option<Self> {
        Some(Self { email: form.required("email")? })
    }
}

/// The route.
pub const ROUTE: Route = Route {
    method: "POST",
    path: "/api/session/forgot_password",
    function: "forgot-password",
    summary: "Request a password reset email",
    tag: Tag::Passwords,
    access: Access::Public,
    lambda: Lambda::READ.rate_limited().with_email(),
    permissions: &[
        Permission::BatchGetItem(&["LOGIN#*", "THROTTLE#*"]),
        Permission::ConditionCheckItem(&["USER#*"]),
        Permission::PutItem(&["AUDIT#*", "USER#*"]),
        Permission::UpdateItem(&["THROTTLE#*"]),
    ],
    event: Event::body(r#"{"email": "admin@example.com"}"#),
    doc,
    handler: |call| Box::pin(handler(call)),
};

fn doc(operation: Operation<'_>) -> Operation<'_> {
    operation
        .text(
            "Neither the response nor its time reveals whether the email address is registered. \
            Three requests for an email address, or fifty from a client IP, within an hour delay \
            the next one.",
        )
        .dialects("Too many requests return 429 in documented, 400 in metabase.")
        .request_body::<Input>(&[("request", json!({ "email": "newuser@example.com" }))])
        .no_content("If the email address is registered, an email is sent.")
        .errors([invalid("email", "value must be a valid email address.")])
        .error("too-many", RetryAfter::minimum(RateLimitedAction::ForgotPassword).into())
}

/// Anybody. Neither the answer, nor what is asked of the table, nor the time tells whether somebody has
/// the address. Without mail there is nothing to do, and tokens that were given out stay.
///
/// # Errors
///
/// 400 `email`, 429 after three requests for the address or fifty from the source in an hour.
pub async fn handler(call: Call) -> ApiResult {
    let Input { email } = call.body()?;
    let forgotten = call.store().forgot_password_attempt(email, call.request_meta()).await?;
    forgotten.rate_limits().check(call.now())?;
    call.store().record_attempt(forgotten.rate_limits(), call.now()).await?;

    if call.settings().mail.is_enabled() {
        pad_to(DURATION, send_reset_email(&call, &forgotten)).await.unwrap_or(Ok(()))?;
    }

    Ok(response::no_content())
}

/// Only what is told of every address alike may fail.
async fn send_reset_email(call: &Call, forgotten: &ForgotPasswordAttempt) -> Result<(), ApiError> {
    let permit = forgotten.new_reset(call.now())?;
    let is_permitted = call.store().issue_forgotten_password_reset(forgotten, &permit).await?;
    let Some(login) = forgotten.login() else { return Ok(()) };

    let (to, site) = (&login.email, call.site_url());
    let letter = if is_permitted {
        EmailMessage::password_reset(to, &site, &permit.token)
    } else {
        EmailMessage::password_reset_unavailable(to, &site)
    };
    call.settings().mail.send_or_log(letter).await;
    Ok(())
}
