//! `DELETE /api/user/{id}/sessions`: revokes all sessions of a user.

use openapi::{Access, Operation, Tag};
use shared::http::{ApiError, ApiResult, Call, PathUser, response};

use crate::route::{Event, Lambda, Permission, Route};

/// The route.
pub const ROUTE: Route = Route {
    method: "DELETE",
    path: "/api/user/{id}/sessions",
    function: "revoke-sessions",
    summary: "Revoke all sessions of a user",
    tag: Tag::Sessions,
    access: Access::SelfOrAdministrator,
    lambda: Lambda::READ,
    permissions: &[
        Permission::BatchGetItem(&["USER#*"]),
        Permission::PutItem(&["AUDIT#*", "USER#*"]),
        Permission::UpdateItem(&["LOGIN#*"]),
    ],
    event: Event::path(&[("id", "2")]),
    doc,
    handler: |call| Box::pin(handler(call)),
};

fn doc(operation: Operation<'_>) -> Operation<'_> {
    operation
        .text("Users also revoke the session of the request, and their cookie is cleared.")
        .dialects("Metabase has no such route. Both dialects are the same.")
        .path_user_id()
        .no_content("The sessions are revoked.")
        .may_clear_cookie()
        .conditional_write()
        .error("contention", ApiError::Contention)
}

/// Revokes all sessions of a user. Allowed for the user and for administrators.
///
/// Users also revoke the session of their request, and the response clears their cookie.
///
/// # Errors
///
/// Returns 401 without a valid session or API key, and 403 for other callers. Returns 400 for an
/// invalid ID, 404 for an unknown user, 409 after contention, and 412 for a failed precondition.
pub async fn handler(call: Call) -> ApiResult {
    let (caller, target) = call.authenticate_active(PathUser).await?;
    let access = caller.self_or_admin(target)?;

    call.store().revoke_sessions(&access, caller.write_context()).await?;

    let response = response::no_content();
    Ok(if access.is_own() { call.clear_session(response) } else { response })
}
