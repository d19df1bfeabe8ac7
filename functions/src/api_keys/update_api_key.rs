//! `PUT /api/api-key/{id}`: changes the name or the group of an API key.

use openapi::{Access, Examples, Operation, Tag, errors::invalid_value};
use schemars::JsonSchema;
use serde_json::json;
use shared::{
    domain::{ApiKeyName, ApiKeyPatch, GroupId},
    http::{
        ApiError, ApiResult, Call, Fields, FromFields, PathApiKey, ReferencedGroup, response,
        view::ApiKeyView,
    },
};

use crate::route::{Event, Lambda, Permission, Route};

/// Changes of an API key. Absent fields and null do not change.
#[derive(JsonSchema)]
#[schemars(rename = "UpdateApiKey")]
struct Input {
    /// Unique, ignoring case.
    name: Option<ApiKeyName>,
    /// The group with the permissions of the API key.
    #[schemars(rename = "group_id")]
    group: Option<GroupId>,
}

impl FromFields for Input {
    /// Absent fields and null change nothing.
    fn from_fields(fields: &mut Fields<'_>) -> Option<Self> {
        let name = fields.optional("name");
        let group = if fields.is_set("group_id") { fields.id("group_id") } else { None };
        Some(Self { name, group })
    }
}

/// The route.
pub const ROUTE: Route = Route {
    method: "PUT",
    path: "/api/api-key/{id}",
    function: "update-api-key",
    summary: "Update an API key",
    tag: Tag::ApiKeys,
    access: Access::Administrator,
    lambda: Lambda::READ,
    permissions: &[
        Permission::BatchGetItem(&["APIKEYS", "GROUPS", "USER#*"]),
        Permission::DeleteItem(&["APIKEYNAME#*", "GROUP#*"]),
        Permission::PutItem(&["APIKEYNAME#*", "APIKEYS", "AUDIT#*", "GROUP#*", "USER#*"]),
        Permission::UpdateItem(&["GROUPS"]),
    ],
    event: Event::path(&[("id", "3")]).with_body(r#"{"name": "Hourly sync"}"#),
    doc,
    handler: |call| Box::pin(handler(call)),
};

fn doc(operation: Operation<'_>) -> Operation<'_> {
    let Examples { api_key, analysts, ada, .. } = operation.examples();
    let key = response::ok(&ApiKeyView::new(api_key, analysts, ada));
    operation
        .text("Changes the name or the group. The secret does not change.")
        .path_id("The API key ID.")
        .request_body::<Input>(&[("rename", json!({ "name": "Weekly sync" }))])
        .response::<ApiKeyView<'_>>("The updated API key.", &[("key", key)])
        .error("invalid", invalid_value::<ApiKeyName>("name"))
        .error("name-taken", ApiError::KeyNameTaken)
        .error("unknown-group", ApiError::UnknownReference("group_id"))
        .error("contention", ApiError::Contention)
}

/// Changes the name or the group of an API key. The secret does not change. Allowed for
/// administrators.
///
/// # Errors
///
/// Returns 401 without a valid session or API key, and 403 for other callers. Returns 400 for an
/// invalid ID, invalid fields, an unknown group or a taken name. Returns 404 for an unknown API
/// key, and 409 after contention.
pub async fn handler(call: Call) -> ApiResult {
    let body = call.body_and(|input: &Input| ReferencedGroup(input.group));
    let (caller, (target, (Input { name, group }, new_group))) =
        call.authenticate_active((PathApiKey, body)).await?;
    let admin = caller.admin()?;
    let key = target.require(&admin)?;
    let new_group = match group {
        Some(_) => new_group.require_reference(&admin, "group_id")?,
        None => call.store().group_of_key(&admin, &key.user).await?,
    };

    let patch = ApiKeyPatch { by: caller.user().id, now: call.now(), name, group };
    let changed = call.store().update_api_key(&admin, key, &patch, caller.write_context()).await?;

    response::ok(&ApiKeyView::new(&changed.key, &new_group, caller.user()))
}
