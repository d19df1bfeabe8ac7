//! The permissions graph. The service has no databases, so it contains no permissions.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{Client, Error, GroupId, operations as op};

/// Data permissions by group ID and database ID.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PermissionsGraph {
    /// The revision, always 0.
    pub revision: u64,
    /// Permissions, always empty.
    #[serde(default)]
    pub groups: Map<String, Value>,
}

/// # Permissions graph
///
/// Every method returns an error if the service rejects the request or does not respond.
#[expect(clippy::missing_errors_doc, reason = "the same for all methods, see above")]
impl Client {
    /// Returns the graph. `GET /api/permissions/graph`
    pub async fn permissions_graph(&self) -> Result<PermissionsGraph, Error> {
        self.request(op::GET_PERMISSIONS_GRAPH, &[]).send().await
    }

    /// Sends the graph without changes. `PUT /api/permissions/graph`
    pub async fn update_permissions_graph(
        &self,
        graph: &PermissionsGraph,
    ) -> Result<PermissionsGraph, Error> {
        self.request(op::UPDATE_PERMISSIONS_GRAPH, &[]).json(graph).send().await
    }

    /// Returns the graph of one group. `GET /api/permissions/graph/group/{id}`
    pub async fn group_permissions(&self, id: GroupId) -> Result<PermissionsGraph, Error> {
        self.request(op::GET_GROUP_PERMISSIONS, &[&id]).send().await
    }
}
