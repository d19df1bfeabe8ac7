//! `PUT /api/permissions/graph`: accepts an unchanged graph of data permissions.

use openapi::{Access, Operation, Tag, errors};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, json};
use shared::{
    domain::GroupId,
    http::{
        ApiError, ApiResult, Call, FieldErrors, FieldValue, Fields, FromFields, QueryBool, response,
    },
};

use super::get_permissions_graph::{GroupPermissions, PermissionsGraph};
use crate::route::{Event, Lambda, Permission, Route};

const NO_DATABASES: &str = "There are no databases, so groups cannot have permissions on them.";
/// Error message of Metabase for row and column security.
const SANDBOXES_ARE_PREMIUM: &str = concat!(
    "Sandboxes is a paid feature not currently available to your instance. ",
    "Please upgrade to use it. Learn more at metabase.com/upgrade/",
);
/// Error message of Metabase for connection impersonation.
const IMPERSONATION_IS_PREMIUM: &str = concat!(
    "Connection impersonation is a paid feature not currently available to your instance. ",
    "Please upgrade to use it. Learn more at metabase.com/upgrade/",
);

/// The options of the change.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "a schema, never constructed")]
struct GraphOptions {
    /// Whether to accept an outdated revision.
    force: Option<bool>,
    /// Whether to omit the groups from the response.
    #[schemars(rename = "skip-graph")]
    skip_graph: Option<bool>,
}

/// The graph as read before, without changes.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "a schema, never constructed")]
struct UpdatePermissionsGraph {
    /// The revision as read before.
    revision: Option<u64>,
    /// Permissions by group ID and database ID. There are no databases.
    #[schemars(
        with = "std::collections::BTreeMap<String, Option<Value>>",
        extend(
            "propertyNames" = { "pattern": "^[1-9][0-9]{0,17}$" },
            "additionalProperties" = {
                "type": ["object", "null"],
                "propertyNames": { "pattern": "^[1-9][0-9]{0,17}$" },
                "additionalProperties": { "type": "object", "maxProperties": 0 },
            },
        )
    )]
    groups: SentGroups,
}

/// The graph after the request.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "UpdatedPermissionsGraph")]
struct Output {
    /// Always 0: the graph never changes.
    revision: u64,
    /// Permissions by group ID and database ID. Always empty, and absent with `skip-graph`.
    #[serde(skip_serializing_if = "Option::is_none")]
    groups: Option<GroupPermissions>,
}

impl Output {
    fn new(skip_graph: bool) -> Self {
        let PermissionsGraph { revision, groups } = PermissionsGraph::default();
        Self { revision, groups: (!skip_graph).then_some(groups) }
    }
}

struct Query {
    force: bool,
    skip_graph: bool,
}

impl FromFields for Query {
    fn from_fields(fields: &mut Fields<'_>) -> Option<Self> {
        let mut flag = |name| fields.query(name).is_some_and(|QueryBool(flag)| flag);
        Some(Self { force: flag("force"), skip_graph: flag("skip-graph") })
    }
}

/// The groups of a graph.
struct SentGroups {
    /// Whether a group has permissions on a database.
    have_permissions: bool,
}

impl FieldValue for SentGroups {
    const MESSAGE: &'static str =
        "value must be a map of group IDs to maps of database IDs to permissions.";

    fn decode(value: &Value) -> Result<Self, &'static str> {
        let groups = by_id(value).ok_or(Self::MESSAGE)?;
        let groups = groups.into_iter().filter(|databases| !databases.is_null());
        let databases = groups.map(by_id).collect::<Option<Vec<_>>>().ok_or(Self::MESSAGE)?;
        let databases = databases.into_iter().flatten().map(Value::as_object);
        let permissions = databases.collect::<Option<Vec<_>>>().ok_or(Self::MESSAGE)?;
        Ok(Self { have_permissions: permissions.iter().any(|one| !one.is_empty()) })
    }
}

/// The values of a map from IDs.
fn by_id(value: &Value) -> Option<Vec<&Value>> {
    let entries = value.as_object()?.iter();
    entries.map(|(id, value)| id.parse::<GroupId>().ok().map(|_| value)).collect()
}

struct Input {
    revision: Option<u64>,
    groups: SentGroups,
    /// The error for paid features, if the body contains any.
    premium: Option<&'static str>,
}

impl FromFields for Input {
    fn from_fields(fields: &mut Fields<'_>) -> Option<Self> {
        let revision = fields.json("revision").map(|value| fields.dialect().integer(value));
        if revision == Some(None) {
            fields.add_error("revision", INVALID_REVISION);
        }
        let groups = fields.required("groups");
        let has = |name| fields.json(name).is_some_and(|list| *list != json!([]));
        let premium =
            [("sandboxes", SANDBOXES_ARE_PREMIUM), ("impersonations", IMPERSONATION_IS_PREMIUM)];
        let premium = premium.into_iter().find(|(name, _)| has(name)).map(|(_, message)| message);
        Some(Self { revision: revision.flatten(), groups: groups?, premium })
    }
}

const INVALID_REVISION: &str = "nullable value must be an integer of zero or more.";

/// The route.
pub const ROUTE: Route = Route {
    method: "PUT",
    path: "/api/permissions/graph",
    function: "update-permissions-graph",
    summary: "Set the data permissions of groups",
    tag: Tag::Groups,
    access: Access::Administrator,
    lambda: Lambda::READ,
    permissions: &[Permission::BatchGetItem(&["USER#*"])],
    event: Event::body(r#"{"revision": 0, "groups": {}}"#),
    doc,
    handler: |call| Box::pin(handler(call)),
};

fn doc(operation: Operation<'_>) -> Operation<'_> {
    let graph = response::ok(&Output::new(false));
    operation
        .text(
            "The service has no databases. It accepts an unchanged graph, and rejects permissions \
            on a database with 400.",
        )
        .query::<GraphOptions>()
        .request_body::<UpdatePermissionsGraph>(&[(
            "unchanged",
            json!({ "revision": 0, "groups": { "3": {} } }),
        )])
        .response::<Output>("The graph.", &[("graph", graph)])
        .error("invalid", errors::invalid_value::<SentGroups>("groups"))
        .error("revision-out-of-range", errors::invalid("revision", INVALID_REVISION))
        .error("no-databases", errors::rule("groups", NO_DATABASES))
        .error("outdated", ApiError::OutdatedGraph)
        .error("sandboxes", ApiError::PremiumFeature(SANDBOXES_ARE_PREMIUM))
        .error("impersonations", ApiError::PremiumFeature(IMPERSONATION_IS_PREMIUM))
}

/// Accepts an unchanged graph of data permissions. Allowed for administrators.
///
/// # Errors
///
/// Returns 401 without a valid session or API key, and 403 for other callers. Returns 400 for
/// invalid fields, and for permissions on a database. Returns 402 for paid features of Metabase,
/// and 409 for an outdated revision without `force`.
pub async fn handler(call: Call) -> ApiResult {
    let caller = call.caller().await?;
    let Query { force, skip_graph } = call.query()?;
    let Input { revision, groups, premium } = call.body()?;
    caller.admin()?;
    if let Some(feature) = premium {
        return Err(ApiError::PremiumFeature(feature));
    }
    let output = Output::new(skip_graph);
    if !force && revision != Some(output.revision) {
        return Err(ApiError::OutdatedGraph);
    }
    if groups.have_permissions {
        return Err(ApiError::RuleViolation(FieldErrors::single("groups", NO_DATABASES)));
    }

    response::ok(&output)
}
