//! `POST /api/user/{id}/send_invite`: sends an invitation email. PUT is the same.

use openapi::{Access, Operation, Tag};
use shared::{
    auth::reset_token::NewPasswordReset,
    authorization::UserAccess,
    domain::{Action, WriteContext},
    http::{ApiError, ApiResult, Call, PathUser, response},
    mail::EmailMessage,
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
        Permission::PutItem(&["AUDIT#*", "IDEMPOTENCY#*", "USER#*"]),
        Permission::UpdateItem(&["IDEMPOTENCY#*"]),
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

/// A PUT ignores the `Idempotency-Key`.
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
        .error("contention", ApiError::Contention)
}

/// Administrators only. Without mail nothing is sent, and a link that was handed on stays.
///
/// # Errors
///
/// 400 `id`, 401, 403, 404 also for a deactivated account, 412, 503 when the letter is not taken; 409 and
/// 422 for an `Idempotency-Key`.
pub async fn handler(call: Call) -> ApiResult {
    let (caller, target) = call.authenticate_active(PathUser).await?;
    let admin = caller.admin()?;
    let Some(access) = call.dialect().invitation_target(target, &admin)? else {
        return Ok(response::success());
    };

    let context = caller.write_context();
    call.idempotent(context, send_invitation(&call, &access, context)).await
}

/// If the email cannot be sent, the idempotency key is released, so that the client may retry with it.
async fn send_invitation(call: &Call, access: &UserAccess, context: &WriteContext) -> ApiResult {
    let (mail, response) = (&call.settings().mail, response::success());
    if !mail.is_enabled() {
        return Ok(response);
    }
    let user = access.user();
    let reset = NewPasswordReset::new(user, call.now())?;
    let context = context.with_response(&response);
    call.store().issue_password_reset(access, Action::SendInvite, &reset, &context).await?;
    let message = EmailMessage::invitation(&user.email, &call.site_url(), &reset.token);
    if let Err(error) = mail.send(message).await {
        call.store().release_idempotency_key(&context).await?;
        return Err(error.into());
    }

    Ok(response)
}
