//! `POST /api/session/forgot_password`: sends a password reset email.

use std::time::Duration;

use openapi::{Access, Operation, Tag, errors::invalid_value};
use schemars::JsonSchema;
use serde_json::json;
use shared::{
    auth::reset_token::{ForgotPasswordAttempt, ResetKind},
    domain::{AuthMethod, Email, Instance, RateLimitedAction, RetryAfter, User},
    http::{ApiError, ApiResult, Call, Fields, FromFields, response},
    mail::{EmailMessage, MailSite, Recipient},
    timing::pad_to,
};

use crate::route::{Event, Lambda, Permission, Route};

/// The duration of the work for an email, whether the email address is registered or not. Work that
/// takes longer is cancelled.
const DURATION: Duration = Duration::from_millis(500);

/// The email address of a user.
#[derive(JsonSchema)]
#[schemars(rename = "ForgotPassword")]
struct Input {
    email: Email,
}

impl FromFields for Input {
    fn from_fields(fields: &mut Fields<'_>) -> Option<Self> {
        Some(Self { email: fields.required("email")? })
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
        Permission::BatchGetItem(&["LOGIN#*", "THROTTLE#*", "USER#*"]),
        Permission::ConditionCheckItem(&["USER#*"]),
        Permission::PutItem(&["AUDIT#*"]),
        Permission::UpdateItem(&["RESET#*", "THROTTLE#*"]),
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
        .error("invalid", invalid_value::<Email>("email"))
        .error("too-many", RetryAfter::minimum(RateLimitedAction::ForgotPassword).into())
}

/// Sends a password reset email if a user has the email address. Allowed for everyone.
///
/// The response, its time and the requests to the table do not reveal whether the email address is
/// registered. Without mail settings, it sends no email, and issued tokens stay valid. The profile
/// with name and language is read together with the counters. That of an unknown address is a
/// decoy.
///
/// # Errors
///
/// Returns 400 for an invalid email address. Returns 429 after three requests for an email address,
/// or fifty from a client IP, within an hour.
pub async fn handler(call: Call) -> ApiResult {
    let Input { email } = call.body()?;
    let attempt = call.store().forgot_password_attempt(email, call.client_ip()).await?;
    attempt.rate_limits.check(call.now())?;
    if !call.settings().mail.is_enabled() {
        call.store().record_attempt(&attempt.rate_limits, call.now()).await?;
        return Ok(response::no_content());
    }
    let count = call.store().record_attempt(&attempt.rate_limits, call.now());
    let (counted, profile) = tokio::join!(count, call.store().forgotten_profile(&attempt));
    counted?;
    let email = send_reset_email(&call, &attempt, profile?);
    pad_to(DURATION, email).await.unwrap_or(Ok(()))?;

    Ok(response::no_content())
}

/// Issues a reset token and sends it. Errors must not depend on whether the email address is
/// registered.
async fn send_reset_email(
    call: &Call,
    attempt: &ForgotPasswordAttempt,
    (user, instance): (Option<User>, Option<Instance>),
) -> Result<(), ApiError> {
    let reset = attempt.new_reset(call.now())?;
    let context = call.write_context(None, AuthMethod::Password);
    let is_issued = call.store().issue_forgotten_password_reset(attempt, &reset, &context).await?;
    let Some(credentials) = &attempt.credentials else { return Ok(()) };
    let to = user.as_ref().map_or_else(
        || Recipient::without_profile(&credentials.email),
        |user| Recipient::from(user).at(&credentials.email),
    );
    let site = MailSite::new(call.site_url(), instance);
    let message = if is_issued {
        EmailMessage::password_reset(&to, &site, &reset.token)
    } else {
        EmailMessage::password_reset_unavailable(&to, &site)
    };
    if !call.settings().mail.send_or_log(message).await && is_issued {
        call.store().withdraw_password_reset(ResetKind::Emailed, &reset).await?;
    }
    Ok(())
}
