//! `PUT /api/permissions/group/{id}`: renames a group.

use openapi::{Access, Operation, Tag, errors::invalid_value};
use schemars::JsonSchema;
use serde_json::json;
use shared::{
    domain::{BuiltinGroup, GroupName},
    http::{ApiError, ApiResult, Call, Fields, FromFields, PathGroup, response, view::GroupView},
};

use crate::route::{Event, Lambda, Permission, Route};

/// A new name.
#[derive(JsonSchema)]
#[schemars(rename = "UpdateGroup")]
struct Input {
    /// Unique, ignoring case.
    name: GroupName,
}

impl FromFields for Input {
    fn from_fields(fields: &mut Fields<'_>) -> Option<Self> {
        Some(Self { name: fields.required("name")? })
    }
}

/// The route.
pub const ROUTE: Route = Route {
    method: "PUT",
    path: "/api/permissions/group/{id}",
    function: "update-group",
    summary: "Rename a group",
    tag: Tag::Groups,
    access: Access::Administrator,
    lambda: Lambda::READ,
    permissions: &[
        Permission::BatchGetItem(&["GROUPS", "USER#*"]),
        Permission::DeleteItem(&["GROUPNAME#*"]),
        Permission::PutItem(&["AUDIT#*", "GROUPNAME#*"]),
        Permission::UpdateItem(&["GROUPS"]),
    ],
    event: Event::path(&[("id", "3")]).with_body(r#"{"name": "Scientists"}"#),
    doc,
    handler: |call| Box::pin(handler(call)),
};

fn doc(operation: Operation<'_>) -> Operation<'_> {
    let group = response::ok(&GroupView::from(&operation.examples().analysts));
    operation
        .text("Groups 1 and 2 keep their names.")
        .path_id("The group ID.")
        .request_body::<Input>(&[("group", json!({ "name": "Scientists" }))])
        .response::<GroupView<'_>>("The renamed group.", &[("group", group)])
        .error("invalid", invalid_value::<GroupName>("name"))
        .error("name-taken", ApiError::GroupNameTaken)
        .error("all-users", ApiError::BuiltinGroup(BuiltinGroup::AllUsers))
        .error("administrators", ApiError::BuiltinGroup(BuiltinGroup::Administrators))
        .error("contention", ApiError::Contention)
}

/// Renames a custom group. Allowed for administrators.
///
/// # Errors
///
/// Returns 401 without a valid session or API key, and 403 for other callers. Returns 400 for an
/// invalid ID, invalid fields, a builtin group or a taken name. Returns 404 for an unknown group,
/// and 409 after contention.
pub async fn handler(call: Call) -> ApiResult {
    let (caller, target) = call.authenticate_active(PathGroup).await?;
    let Input { name } = call.body()?;
    let admin = caller.admin()?;
    let group = target.require(&admin)?.ensure_custom()?;
    if name.is_builtin() {
        return Err(ApiError::GroupNameTaken);
    }

    let group = call.store().rename_group(&admin, group, name, caller.write_context()).await?;

    response::ok(&GroupView::from(&group))
}
