//! `POST /api/user/{id}/send_invite`: sends an invitation email. PUT is the same.

use openapi::{Access, Examples, Operation, Tag};
use schemars::JsonSchema;
use serde::Serialize;
use shared::{
    auth::reset_token::{NewPasswordReset, ResetKind},
    authorization::UserAccess,
    domain::WriteContext,
    http::{ApiError, ApiResult, Call, Dialect, PathUser, response},
    mail::{EmailMessage, UNDELIVERABLE},
};

use crate::route::{Event, Lambda, Permission, Route};

/// The result of an invitation.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Invitation")]
pub struct Output {
    /// Whether the mail service has accepted the email. Always true in metabase.
    success: bool,
    /// The link to pass on, if the service does not send emails. It is valid once, for two days.
    #[serde(skip_serializing_if = "Option::is_none")]
    password_reset_url: Option<String>,
}

impl Output {
    const fn sent() -> Self {
        Self { success: true, password_reset_url: None }
    }

    const fn link(url: String) -> Self {
        Self { success: false, password_reset_url: Some(url) }
    }
}

/// The route.
pub const ROUTE: Route = Route {
    method: "POST",
    path: "/api/user/{id}/send_invite",
    function: "send-invite",
    summary: "Send an invitation email",
    tag: Tag::Users,
    access: Access::Administrator,
    lambda: Lambda::READ.with_email(),
    permissions: &[
        Permission::BatchGetItem(&["IDEMPOTENCY#*", "USER#*"]),
        Permission::ConditionCheckItem(&["USER#*"]),
        Permission::PutItem(&["AUDIT#*", "IDEMPOTENCY#*"]),
        Permission::UpdateItem(&["IDEMPOTENCY#*", "RESET#*"]),
    ],
    event: Event::path(&[("id", "2")]),
    doc,
    handler: |call| Box::pin(handler(call)),
};

/// The same route with PUT.
pub const PUT: Route = Route { method: "PUT", doc: doc_put, ..ROUTE };

fn doc(operation: Operation<'_>) -> Operation<'_> {
    invitation(operation).idempotent()
}

/// PUT ignores an `Idempotency-Key`.
fn doc_put(operation: Operation<'_>) -> Operation<'_> {
    invitation(operation)
}

fn invitation(operation: Operation<'_>) -> Operation<'_> {
    let sent = ("sent", response::ok(&Output::sent()));
    let link =
        format!("https://users.example.com/auth/reset_password/{}#new", Examples::RESET_TOKEN);
    let unsent = ("not-sent", response::ok(&Output::link(link)));
    let examples = match operation.dialect() {
        Dialect::Documented => vec![sent, unsent],
        Dialect::Metabase => vec![sent],
    };
    operation
        .text(
            "The email contains a link for the first password. A deactivated user returns 404. PUT \
            is the same as POST, but ignores an `Idempotency-Key`.",
        )
        .dialects(
            "Without mail settings, documented returns the link, and metabase does nothing. \
            metabase returns 200 for a deactivated or unknown user, and sends no email.",
        )
        .path_user_id()
        .response::<Output>("The invitation.", &examples)
        .conditional_write()
        .error("undeliverable", ApiError::BadRequest(UNDELIVERABLE))
        .error("contention", ApiError::Contention)
}

/// Sends an invitation email to a user. Allowed for administrators.
///
/// Without mail settings, it returns the link in the documented dialect. An earlier link of an
/// administrator stays valid.
///
/// # Errors
///
/// Returns 401 without a valid session or API key, and 403 for other callers. Returns 400 for an
/// invalid ID, or if no email can be sent to the address. Returns 404 for an unknown or deactivated
/// user, 409 after contention, and 412 for a failed precondition. Returns 503 if the mail service
/// does not accept the email, and 409 or 422 for a rejected `Idempotency-Key`.
pub async fn handler(call: Call) -> ApiResult {
    let (caller, target) = call.authenticate_active(PathUser).await?;
    let admin = caller.admin()?;
    let Some(access) = call.dialect().invitation_target(target, &admin)? else {
        return Ok(response::success());
    };

    let context = caller.write_context();
    call.idempotent(context, send_invitation(&call, &access, context)).await
}

/// Issues a reset token and sends it. After a failed email it withdraws the token, so an earlier
/// link stays valid, and releases the idempotency key, so the client may retry with the same key.
async fn send_invitation(call: &Call, access: &UserAccess, context: &WriteContext) -> ApiResult {
    let (mail, response) = (&call.settings().mail, response::ok(&Output::sent())?);
    if !mail.is_enabled() {
        return without_email(call, access, context).await;
    }
    let user = access.user();
    if user.email.deliverable().is_none() {
        return Err(ApiError::BadRequest(UNDELIVERABLE));
    }
    let reset = NewPasswordReset::new(user, call.now())?;
    let context = context.with_response(&response);
    call.store().issue_invitation(access, &reset, &context).await?;
    let site = call.mail_site().await;
    let message = EmailMessage::invitation(&user.into(), &site, &reset.token);
    if let Err(error) = mail.send(message).await {
        call.store().withdraw_password_reset(ResetKind::Given, &reset).await?;
        call.store().release_idempotency_key(&context).await?;
        return Err(error.into());
    }

    Ok(response)
}

/// Issues a reset token and returns the link in the documented dialect. The idempotency record
/// omits the response, because it contains the token.
async fn without_email(call: &Call, access: &UserAccess, context: &WriteContext) -> ApiResult {
    if !call.dialect().returns_invitation_links() {
        return response::ok(&Output::sent());
    }
    let reset = NewPasswordReset::new(access.user(), call.now())?;
    call.store().issue_invitation(access, &reset, context).await?;
    response::ok(&Output::link(reset.token.invitation_url(&call.site_url())))
}
