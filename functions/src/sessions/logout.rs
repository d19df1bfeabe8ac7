//! `DELETE /api/session`: revokes the session of the request.

use openapi::{Access, Operation, Tag};
use shared::{
    auth::token::SessionToken,
    domain::AuthMethod,
    http::{ApiError, ApiResult, Call, response},
    store::{Conflict, WriteError},
};

use crate::route::{Event, Lambda, Permission, Route};

/// The route.
pub const ROUTE: Route = Route {
    method: "DELETE",
    path: "/api/session",
    function: "logout",
    summary: "Log out",
    tag: Tag::Sessions,
    access: Access::Session,
    lambda: Lambda::READ,
    permissions: &[
        Permission::ConditionCheckItem(&["USER#*"]),
        Permission::DeleteItem(&["SESSION#*"]),
        Permission::PutItem(&["AUDIT#*"]),
    ],
    event: Event::EMPTY,
    doc,
    handler: |call| Box::pin(handler(call)),
};

fn doc(operation: Operation<'_>) -> Operation<'_> {
    operation
        .text("Revokes the session and clears the cookie. Without a valid session, returns 404.")
        .no_content("The session is revoked.")
        .clears_cookie()
}

/// Revokes the session of the request, and clears the cookie. Allowed with a valid session.
///
/// # Errors
///
/// Returns 403 for a cross-site request with the session cookie alone, and 404 without a valid
/// session.
pub async fn handler(call: Call) -> ApiResult {
    let tokens = call.tokens()?;

    delete_first(&call, &tokens).await?;

    Ok(call.clear_session(response::no_content()))
}

/// Deletes the first valid session. A browser may send several cookies.
async fn delete_first(call: &Call, tokens: &[SessionToken]) -> Result<(), ApiError> {
    let ttl = call.settings().session_ttl_minutes;
    for token in tokens {
        let context = call.write_context(Some(token.user()), AuthMethod::Session);
        match call.store().delete_session(token, ttl, &context).await {
            Ok(()) => return Ok(()),
            Err(WriteError::Conflict(Conflict::UnknownSession)) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(ApiError::NotFound)
}
