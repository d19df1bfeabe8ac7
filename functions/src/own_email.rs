//! A new email address of the caller's own: proof, limit, and links to both addresses.

use openapi::{
    Operation,
    errors::{invalid_value, rule},
};
use schemars::JsonSchema;
use secrecy::SecretString;
use serde_json::json;
use shared::{
    auth::email_change::NewEmailChange,
    authorization::UserAccess,
    domain::{
        Action, AuthMethod, Email, RateLimitedAction, RateLimits, RetryAfter, User, UserPatch,
        WriteContext,
    },
    http::{ApiError, ApiResult, Call, Dialect, FieldErrors, Fields, FromFields, NonBlank},
    mail::{EmailMessage, Recipient, UNDELIVERABLE},
    store::EmailChangeAttempt,
};

use crate::current_password::{verify_current, wrong_password};

/// The token of a link in an email about a new address.
#[derive(JsonSchema)]
#[schemars(rename = "EmailToken")]
pub(crate) struct LinkToken {
    /// The part of the link after the last slash.
    #[schemars(with = "NonBlank")]
    pub(crate) token: SecretString,
}

impl FromFields for LinkToken {
    fn from_fields(fields: &mut Fields<'_>) -> Option<Self> {
        Some(Self { token: fields.required("token")? })
    }
}

/// Describes the body and the errors of a route for a link.
pub(crate) fn link_doc(operation: Operation<'_>) -> Operation<'_> {
    operation
        .dialects("Too many attempts return 429 in documented, 400 in metabase.")
        .request_body::<LinkToken>(&[(
            "link",
            json!({ "token": "AAAAAAAAAAIAAAAAbm90IGEgdG9rZW4gYnV0IGl0IGxvb2tzIGxpa2Ugb25l" }),
        )])
        .error("invalid", invalid_value::<NonBlank>("token"))
        .error("invalid-token", ApiError::invalid_email_token())
        .error("email-taken", ApiError::EmailTakenOnUpdate)
        .error("contention", ApiError::Contention)
        .error("too-many", RetryAfter::minimum(RateLimitedAction::ResetPassword).into())
}

/// Counts an invalid token, and rejects the request.
///
/// # Errors
///
/// Returns 400 for the token, or 429 after ten invalid ones from a client IP within an hour.
pub(crate) async fn reject(call: &Call, rate_limits: &RateLimits) -> ApiResult {
    rate_limits.check(call.now())?;
    let context = call.write_context(None, AuthMethod::EmailToken);
    let event = (Action::InvalidEmailToken, None);
    call.record_failed_attempt(rate_limits, event, &context).await?;
    Err(ApiError::invalid_email_token())
}

const PROTECTED: &str = "A new email address of the caller's own requires the current password, or \
    a sign-in within ten minutes. With mail settings it is the `pending_email` until \
    `POST /api/user/confirm-email`. The present address withdraws a pending one.";

const UNPROTECTED: &str = "A new email address takes effect at once.";

/// Describes the change of the caller's own address.
pub(crate) fn doc(operation: Operation<'_>) -> Operation<'_> {
    let dialect = operation.dialect();
    operation
        .paragraph(
            "Users may change their own email address ten times an hour. With mail settings, the \
            old address gets an email with a link back.",
        )
        .paragraph(if dialect.protects_own_email() { PROTECTED } else { UNPROTECTED })
        .error("too-many", RetryAfter::minimum(RateLimitedAction::ChangeEmail).into())
        .error_if(dialect == Dialect::Documented, "undeliverable", rule("email", UNDELIVERABLE))
        .error_if(dialect == Dialect::Documented, "wrong-password", wrong_password("password"))
}

/// Changes the caller's own address. It takes effect at once, or is pending until it is confirmed.
///
/// # Errors
///
/// Returns 400 for a wrong current password or an address to which no email can be sent, 404 and
/// 412 for the user, 409 for a taken address, and 429 after ten changes within an hour. Returns 503
/// if the mail service does not accept the email to the new address.
pub(crate) async fn change(
    call: &Call,
    access: &UserAccess,
    (patch, email, password): (UserPatch, Email, Option<SecretString>),
    context: &WriteContext,
) -> Result<User, ApiError> {
    let before = access.require_active()?;
    let is_protected = call.dialect().protects_own_email();
    if is_protected && !access.is_recent(call.now()) {
        verify_current(call, access, ("password", password.as_ref()), context).await?;
    }
    let mut attempt = limited(call, access, &email).await?;
    let is_pending = is_protected && call.settings().mail.is_enabled();
    attempt.links = links(call, before, is_pending.then_some(&email))?;
    let patch = if is_pending { patch.with_pending_email() } else { patch };
    let user = call.store().change_own_email(access, (patch, &attempt), context).await?;
    if let Some(links) = &attempt.links {
        send(call, links, (before, &email)).await?;
    }
    Ok(user)
}

/// The links of a change, if the service sends emails. A pending address gets one of them.
fn links(
    call: &Call,
    before: &User,
    pending: Option<&Email>,
) -> Result<Option<NewEmailChange>, ApiError> {
    if !call.settings().mail.is_enabled() {
        return Ok(None);
    }
    let links = NewEmailChange::new(before, call.now())?;
    let Some(email) = pending else { return Ok(Some(links)) };
    require_deliverable(email)?;
    Ok(Some(links.with_confirmation(before, email, call.now())?))
}

/// Reads the rate limit and the owner of the new address. A taken address counts at once, others
/// with their change.
async fn limited(
    call: &Call,
    access: &UserAccess,
    email: &Email,
) -> Result<EmailChangeAttempt, ApiError> {
    let attempt = call.store().email_change_attempt(access, email).await?;
    attempt.rate_limits.check(call.now())?;
    if attempt.is_taken {
        call.store().record_attempt(&attempt.rate_limits, call.now()).await?;
        return Err(ApiError::EmailTakenOnUpdate);
    }
    Ok(attempt)
}

fn require_deliverable(email: &Email) -> Result<(), ApiError> {
    let error = || ApiError::RuleViolation(FieldErrors::single("email", UNDELIVERABLE));
    email.deliverable().map(drop).ok_or_else(error)
}

/// Sends the emails to both addresses.
///
/// A failed email to the old address is only logged: it is no reason to stop its owner. After a
/// failed email to the new one, earlier links to it stay valid.
async fn send(
    call: &Call,
    links: &NewEmailChange,
    (before, new): (&User, &Email),
) -> Result<(), ApiError> {
    let (mail, site) = (&call.settings().mail, call.mail_site().await);
    let old = Recipient::from(before);
    let (token, _) = &links.reversal;
    mail.send_or_log(EmailMessage::email_change(&old, &site, token)).await;
    if let Some((token, _)) = &links.confirmation {
        mail.send(EmailMessage::email_confirmation(&old.at(new), &site, token)).await?;
    }
    Ok(())
}
