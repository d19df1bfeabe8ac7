//! `POST /api/email/test`: sends a test email to the caller.

use openapi::{Access, Operation, Tag};
use schemars::JsonSchema;
use serde::Serialize;
use shared::{
    http::{ApiError, ApiResult, Call, response},
    mail::{EmailMessage, UNDELIVERABLE},
};

use crate::route::{Event, Lambda, Permission, Route};

const NOT_CONFIGURED: &str = "The service does not send emails.";

/// The result of a test.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "TestEmail")]
pub struct Output {
    /// Always true.
    #[schemars(extend("const" = true))]
    ok: bool,
}

/// The route.
pub const ROUTE: Route = Route {
    method: "POST",
    path: "/api/email/test",
    function: "test-email",
    summary: "Send a test email",
    tag: Tag::Instance,
    access: Access::Administrator,
    lambda: Lambda::READ.with_email(),
    permissions: &[Permission::BatchGetItem(&["IDEMPOTENCY#*", "USER#*"])],
    event: Event::EMPTY,
    doc,
    handler: |call| Box::pin(handler(call)),
};

fn doc(operation: Operation<'_>) -> Operation<'_> {
    operation
        .text("Sends an email to the address of the caller, as a test of the mail settings.")
        .response::<Output>(
            "The mail service has accepted the email.",
            &[("sent", response::ok(&Output { ok: true }))],
        )
        .error("not-configured", ApiError::BadRequest(NOT_CONFIGURED))
        .error("undeliverable", ApiError::BadRequest(UNDELIVERABLE))
}

/// Sends a test email to the caller. Allowed for administrators.
///
/// # Errors
///
/// Returns 401 without a valid session or API key, and 403 for other callers. Returns 400 without
/// mail settings, or if no email can be sent to the address, and 503 if the mail service does not
/// accept the email.
pub async fn handler(call: Call) -> ApiResult {
    let caller = call.caller().await?;
    caller.admin()?;
    let (mail, to) = (&call.settings().mail, &caller.user().email);
    if !mail.is_enabled() {
        return Err(ApiError::BadRequest(NOT_CONFIGURED));
    }
    if to.deliverable().is_none() {
        return Err(ApiError::BadRequest(UNDELIVERABLE));
    }

    mail.send(EmailMessage::test(&caller.user().into(), &call.mail_site().await)).await?;

    response::ok(&Output { ok: true })
}
