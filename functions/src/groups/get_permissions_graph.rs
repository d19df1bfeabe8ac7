//! `GET /api/permissions/graph`: returns the data permissions of all groups, of which there are
//! none.

use std::collections::BTreeMap;

use openapi::{Access, Operation, Tag};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value};
use shared::http::{ApiResult, Call, response};

use crate::route::{Event, Lambda, Permission, Route};

/// Permissions by group ID and database ID.
pub(super) type GroupPermissions = BTreeMap<String, Map<String, Value>>;

/// Data permissions of groups. The service has no databases, so the graph is always empty.
#[derive(Debug, Default, Serialize, JsonSchema)]
pub(super) struct PermissionsGraph {
    /// Always 0: the graph never changes.
    pub(super) revision: u64,
    /// Permissions by group ID and database ID. Always empty.
    pub(super) groups: GroupPermissions,
}

/// The route.
pub const ROUTE: Route = Route {
    method: "GET",
    path: "/api/permissions/graph",
    function: "get-permissions-graph",
    summary: "Get the data permissions of groups",
    tag: Tag::Groups,
    access: Access::Administrator,
    lambda: Lambda::READ,
    permissions: &[Permission::BatchGetItem(&["USER#*"])],
    event: Event::EMPTY,
    doc,
    handler: |call| Box::pin(handler(call)),
};

fn doc(operation: Operation<'_>) -> Operation<'_> {
    let graph = response::ok(&PermissionsGraph::default());
    operation
        .text("The service has no databases, so the graph is empty, with revision 0.")
        .response::<PermissionsGraph>("The graph.", &[("graph", graph)])
}

/// Returns the empty graph of data permissions. Allowed for administrators.
///
/// # Errors
///
/// Returns 401 without a valid session or API key, and 403 for other callers.
pub async fn handler(call: Call) -> ApiResult {
    call.caller().await?.admin()?;

    response::ok(&PermissionsGraph::default())
}
