//! `GET /api/permissions/group/{id}`: returns a group and its active members.

use openapi::{Access, Examples, Operation, Tag};
use shared::http::{ApiError, ApiResult, Call, PathGroup, response, view::GroupDetails};

use crate::route::{Event, Lambda, Permission, Route};

/// The route.
pub const ROUTE: Route = Route {
    method: "GET",
    path: "/api/permissions/group/{id}",
    function: "get-group",
    summary: "Get a group and its members",
    tag: Tag::Groups,
    access: Access::Administrator,
    lambda: Lambda::READ,
    permissions: &[
        Permission::BatchGetItem(&["ADMINS", "GROUPS", "TALLY#*", "USER#*"]),
        Permission::Query(&["APIKEYS", "GROUP#*"]),
        Permission::QueryIndex(&["USERS#active*"]),
    ],
    event: Event::path(&[("id", "3")]),
    doc,
    handler: |call| Box::pin(handler(call)),
};

fn doc(operation: Operation<'_>) -> Operation<'_> {
    let Examples { jane, analysts, .. } = operation.examples();
    let group = response::ok(&GroupDetails::new(analysts, std::slice::from_ref(jane)));
    operation
        .text("Includes active members only, also API keys.")
        .path_id("The group ID.")
        .response::<GroupDetails<'_>>("The group.", &[("group", group)])
        .error("response-too-large", ApiError::BadRequest(response::RESPONSE_TOO_LARGE))
}

/// Returns a group and its active members. Allowed for administrators.
///
/// # Errors
///
/// Returns 401 without a valid session or API key, and 403 for other callers. Returns 400 for an
/// invalid ID, or if the response would be too large. Returns 404 for an unknown group.
pub async fn handler(call: Call) -> ApiResult {
    let (caller, target) = call.authenticate_active(PathGroup).await?;
    let admin = caller.admin()?;
    let group = target.require(&admin)?;

    let members = call.store().members(&admin, group.id).await?;

    response::ok(&GroupDetails::new(&group, &members))
}
