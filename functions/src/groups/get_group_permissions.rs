//! `GET /api/permissions/graph/group/{id}`: returns the data permissions of a group, of which there
//! are none.

use openapi::{Access, Operation, Tag, errors::invalid};
use shared::{
    domain::GroupId,
    http::{ApiError, ApiResult, Call, PathGroupId, response},
};

use super::get_permissions_graph::PermissionsGraph;
use crate::route::{Event, Lambda, Permission, Route};

/// The route.
pub const ROUTE: Route = Route {
    method: "GET",
    path: "/api/permissions/graph/group/{id}",
    function: "get-group-permissions",
    summary: "Get the data permissions of a group",
    tag: Tag::Groups,
    access: Access::Administrator,
    lambda: Lambda::READ,
    permissions: &[Permission::BatchGetItem(&["USER#*"])],
    event: Event::path(&[("id", "3")]),
    doc,
    handler: |call| Box::pin(handler(call)),
};

fn doc(operation: Operation<'_>) -> Operation<'_> {
    let graph = response::ok(&PermissionsGraph::default());
    operation
        .text("The service has no databases, so the graph is empty, also for an unknown group.")
        .path_text::<GroupId>("id", "The group ID.")
        .error("id-not-a-number", ApiError::InvalidPathId)
        .error("id-out-of-range", invalid("id", "value must be an integer greater than zero."))
        .response::<PermissionsGraph>("The graph.", &[("graph", graph)])
}

/// Returns the empty graph of data permissions. Allowed for administrators.
///
/// # Errors
///
/// Returns 401 without a valid session or API key, and 403 for other callers. Returns 400 for an
/// invalid ID.
pub async fn handler(call: Call) -> ApiResult {
    let (caller, _) = call.authenticate_active(PathGroupId).await?;
    caller.admin()?;

    response::ok(&PermissionsGraph::default())
}
