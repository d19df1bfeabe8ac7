//! `DELETE /api/user/{id}`: deactivates a user. No data is deleted.

use openapi::{Access, Operation, Tag};
use shared::http::{ApiError, ApiResult, Call, PathUser, response};

use crate::route::{Event, Lambda, Permission, Route};

/// The route.
pub const ROUTE: Route = Route {
    method: "DELETE",
    path: "/api/user/{id}",
    function: "deactivate-user",
    summary: "Deactivate a user",
    tag: Tag::Users,
    access: Access::Administrator,
    lambda: Lambda::READ,
    permissions: &[
        Permission::BatchGetItem(&["USER#*"]),
        Permission::PutItem(&["AUDIT#*", "USER#*"]),
        Permission::UpdateItem(&["ADMINS", "GROUPS", "LOGIN#*", "TALLY#*"]),
    ],
    event: Event::path(&[("id", "2")]),
    doc,
    handler: |call| Box::pin(handler(call)),
};

fn doc(operation: Operation<'_>) -> Operation<'_> {
    operation
        .text(
            "Revokes all sessions of the user before the response. No data is deleted. A \
            deactivated user stays deactivated.",
        )
        .path_user_id()
        .response::<response::Success>(
            "The user is deactivated.",
            &[("deactivated", Ok(response::success()))],
        )
        .link(&[("reactivate-user", "$request.path.id")])
        .conditional_write()
        .error("last-admin", ApiError::LastAdmin)
        .error("contention", ApiError::Contention)
}

/// Deactivates a user and revokes their sessions. A deactivated user stays unchanged. Allowed for
/// administrators.
///
/// # Errors
///
/// Returns 401 without a valid session or API key, and 403 for other callers. Returns 400 for an
/// invalid ID or the last administrator, 404 for an unknown user, 409 after contention, and 412 for
/// a failed precondition.
pub async fn handler(call: Call) -> ApiResult {
    let (caller, target) = call.authenticate_active(PathUser).await?;
    let admin = caller.admin()?;

    let access = target.require(&admin)?;
    call.store().deactivate(&admin, &access, caller.write_context()).await?;

    Ok(response::success())
}
