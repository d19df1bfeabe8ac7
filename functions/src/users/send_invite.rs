//! `POST /api/user/{id}/send_invite` and `PUT /api/user/{id}/send_invite`: sends an invitation email.

use shared::{
    authorization::UserAccess,
    domain::Action,
    http::{ApiResult, Call, response},
    mail::EmailMessage,
    store::NewPasswordReset,
};

use openapi::{Access, Operation, Tag};
use shared::http::ApiError;

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
    let (caller, target) = call.caller_and_target().await?;
    let admin = caller.admin()?;

    match call.dialect().invitation_target(target, &admin)? {
        Some(access) => call.idempotent(admin.origin(), send_invitation(&call, access)).await,
        None => Ok(response::success()),
    }
}

/// A request whose letter is not taken may be sent again, also with the same key.
async fn send_invitation(call: &Call, access: UserAccess) -> ApiResult {
    let (mail, response) = (&call.settings().mail, response::success());
    if !mail.is_enabled() {
        return Ok(response);
    }
    let access = access.answering(&response);
    let user = access.user();
    let permit = NewPasswordReset::new(user, call.now())?;
    call.store().issue_password_reset(&access, Action::SendInvite, &permit).await?;
    let letter = EmailMessage::invitation(&user.email, &call.site_url(), &permit.token);
    if let Err(error) = mail.send(letter).await {
        call.store().release_idempotency_key(access.origin()).await?;
        return Err(error.into());
    }

    Ok(response)
}
