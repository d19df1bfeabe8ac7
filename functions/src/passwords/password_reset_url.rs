//! `POST /api/user/{id}/password-reset-url`: creates a password reset link.

use openapi::{Access, Examples, Operation, Tag};
use schemars::JsonSchema;
use serde::Serialize;
use shared::{
    auth::reset_token::NewPasswordReset,
    authorization::UserAccess,
    domain::WriteContext,
    http::{ApiError, ApiResult, Call, PathUser, response},
};

use crate::route::{Event, Lambda, Permission, Route};

/// A password reset link.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "PasswordResetUrl")]
pub struct Output {
    /// The link. It is valid once, for two days.
    password_reset_url: String,
}

/// The route.
pub const ROUTE: Route = Route {
    method: "POST",
    path: "/api/user/{id}/password-reset-url",
    function: "password-reset-url",
    summary: "Create a password reset link",
    tag: Tag::Passwords,
    access: Access::Administrator,
    lambda: Lambda::READ,
    permissions: &[
        Permission::BatchGetItem(&["IDEMPOTENCY#*", "USER#*"]),
        Permission::ConditionCheckItem(&["USER#*"]),
        Permission::PutItem(&["AUDIT#*", "IDEMPOTENCY#*", "RESET#*"]),
    ],
    event: Event::path(&[("id", "2")]),
    doc,
    handler: |call| Box::pin(handler(call)),
};

fn doc(operation: Operation<'_>) -> Operation<'_> {
    let link = format!("https://users.example.com/auth/reset_password/{}", Examples::RESET_TOKEN);
    let example = response::ok(&Output { password_reset_url: link });
    operation
        .text(
            "The link is valid once, for two days, and replaces an earlier link of an \
            administrator. A deactivated user returns 404.",
        )
        .path_user_id()
        .response::<Output>("The link.", &[("link", example)])
        .conditional_write()
        .idempotent_without_replay()
        .error("contention", ApiError::Contention)
}

/// Creates a password reset link for the administrator to pass on. Allowed for administrators.
///
/// The link is valid once, for two days, and replaces an earlier one.
///
/// # Errors
///
/// Returns 401 without a valid session or API key, and 403 for other callers. Returns 400 for an
/// invalid ID, 404 for an unknown or deactivated user, 409 after contention, and 412 for a failed
/// precondition. Returns 409 or 422 for a rejected `Idempotency-Key`.
pub async fn handler(call: Call) -> ApiResult {
    let (caller, target) = call.authenticate_active(PathUser).await?;
    let admin = caller.admin()?;

    let access = target.require_active(&admin)?;

    let context = caller.write_context();
    call.idempotent(context, issue_link(&call, &access, context)).await
}

/// Issues a reset token. The idempotency record omits the response, because it contains the token.
async fn issue_link(call: &Call, access: &UserAccess, context: &WriteContext) -> ApiResult {
    let reset = NewPasswordReset::new(access.user(), call.now())?;
    call.store().issue_password_reset(access, &reset, context).await?;

    response::ok(&Output { password_reset_url: reset.token.reset_url(&call.site_url()) })
}
