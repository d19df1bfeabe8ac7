//! `GET /api/user/{id}`: returns a user.

use openapi::{Access, Operation, Tag};
use shared::http::{
    ApiResult, Call, Dialect, PathUserWithInvitation,
    dialect::{documented, metabase},
};

use crate::route::{Event, Lambda, Permission, Route};

/// The route.
pub const ROUTE: Route = Route {
    method: "GET",
    path: "/api/user/{id}",
    function: "get-user",
    summary: "Get a user",
    tag: Tag::Users,
    access: Access::SelfOrAdministrator,
    lambda: Lambda::READ,
    permissions: &[Permission::BatchGetItem(&["RESET#*", "USER#*"])],
    event: Event::path(&[("id", "2")]),
    doc,
    handler: |call| Box::pin(handler(call)),
};

fn doc(operation: Operation<'_>) -> Operation<'_> {
    let dialect = operation.dialect();
    let example = ("user", dialect.found_user(&operation.examples().jane, None));
    let operation = operation
        .text("Other callers get 403, whether the user exists or not.")
        .dialects(
            "documented also returns the state of an invitation, metabase `structured_attributes`.",
        )
        .path_user_id();
    let operation = match dialect {
        Dialect::Documented => {
            operation.response::<documented::FoundUser<'_>>("The user.", &[example])
        }
        Dialect::Metabase => operation.response::<metabase::FoundUser<'_>>("The user.", &[example]),
    };
    operation.conditional_read()
}

/// Returns a user. Allowed for the user and for administrators.
///
/// Other callers get 403, so they cannot find out whether a user exists.
///
/// # Errors
///
/// Returns 401 without a valid session or API key, and 403 for other callers. Returns 400 for an
/// invalid ID, 404 for an unknown user, and 412 for a failed precondition.
pub async fn handler(call: Call) -> ApiResult {
    let (caller, (target, invited_until)) =
        call.authenticate_active(PathUserWithInvitation).await?;

    let access = caller.self_or_admin(target)?;
    let response = call.dialect().found_user(access.user(), invited_until)?;

    call.with_preconditions(response)
}
