//! `DELETE /api/user/{id}/sessions/{session}`: revokes one session of a user.

use openapi::{Access, Operation, Tag};
use shared::{
    domain::SessionId,
    http::{ApiError, ApiResult, Call, PathUser, response},
};

use crate::route::{Event, Lambda, Permission, Route};

/// The route.
pub const ROUTE: Route = Route {
    method: "DELETE",
    path: "/api/user/{id}/sessions/{session}",
    function: "revoke-session",
    summary: "Revoke a session",
    tag: Tag::Sessions,
    access: Access::SelfOrAdministrator,
    lambda: Lambda::READ,
    permissions: &[
        Permission::BatchGetItem(&["USER#*"]),
        Permission::ConditionCheckItem(&["USER#*"]),
        Permission::DeleteItem(&["SESSION#*"]),
        Permission::PutItem(&["AUDIT#*"]),
        Permission::Query(&["SESSION#*"]),
    ],
    event: Event::path(&[("id", "2"), ("session", "mCqxnT0u3bVQ5c1yEo7R2A")]),
    doc,
    handler: |call| Box::pin(handler(call)),
};

fn doc(operation: Operation<'_>) -> Operation<'_> {
    operation
        .text("If it is the session of the request, the cookie is cleared.")
        .dialects("Metabase has no such route. Both dialects are the same.")
        .path_user_id()
        .path_text::<SessionId>("session", "The session ID from the list of sessions.")
        .no_content("The session is revoked.")
        .may_clear_cookie()
        .error("contention", ApiError::Contention)
}

/// Revokes one session of a user. Allowed for the user and for administrators.
///
/// If it is the session of the request, the response clears the cookie.
///
/// # Errors
///
/// Returns 401 without a valid session or API key, and 403 for other callers. Returns 400 for an
/// invalid ID, and 404 for an unknown user or a session that is not valid.
pub async fn handler(call: Call) -> ApiResult {
    let (caller, target) = call.authenticate_active(PathUser).await?;
    let access = caller.self_or_admin(target)?;

    let ttl = call.settings().session_ttl_minutes;
    let sessions = call.store().sessions(&access, call.now(), ttl).await?;
    let id = call.path("session");
    let session = sessions.iter().find(|session| session.id.as_str() == id);
    let session = session.ok_or(ApiError::NotFound)?;
    call.store().revoke_session(&access, session, ttl, caller.write_context()).await?;

    let response = response::no_content();
    let is_current = call.session_ids().contains(&session.id);
    Ok(if is_current { call.clear_session(response) } else { response })
}
