//! `POST /api/user/{id}/send_invite`: sends an invitation email. PUT is the same.

use openapi::{Access, Operation, Tag};
use shared::{
    auth::reset_token::{NewPasswordReset, ResetKind},
    authorization::UserAccess,
    domain::WriteContext,
    http::{ApiError, ApiResult, Call, PathUser, response},
    mail::{EmailMessage, UNDELIVERABLE},
};

use crate::route::{Event, Lambda, Permission, Route};

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
    operation
        .text(
            "The email contains a link for the first password. Without mail settings, nothing is \
            sent. A deactivated user returns 404. PUT is the same as POST, but ignores an \
            `Idempotency-Key`.",
        )
        .dialects("metabase returns 200 for a deactivated or unknown user, and sends no email.")
        .path_user_id()
        .response::<response::Success>(
            "The mail service has accepted the email, or there is no mail service.",
            &[("sent", Ok(response::success()))],
        )
        .conditional_write()
        .error("undeliverable", ApiError::BadRequest(UNDELIVERABLE))
        .error("contention", ApiError::Contention)
}

/// Sends an invitation email to a user. Allowed for administrators.
///
/// Without mail settings, it sends no email, and an earlier link stays valid.
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
    let (mail, response) = (&call.settings().mail, response::success());
    if !mail.is_enabled() {
        return Ok(response);
    }
    let user = access.user();
    if user.email.deliverable().is_none() {
        return Err(ApiError::BadRequest(UNDELIVERABLE));
    }
    let reset = NewPasswordReset::new(user, call.now())?;
    let context = context.with_response(&response);
    call.store().issue_invitation(access, &reset, &context).await?;
    let message = EmailMessage::invitation(&user.into(), &call.site_url(), &reset.token);
    if let Err(error) = mail.send(message).await {
        call.store().withdraw_password_reset(ResetKind::Given, &reset).await?;
        call.store().release_idempotency_key(&context).await?;
        return Err(error.into());
    }

    Ok(response)
}
