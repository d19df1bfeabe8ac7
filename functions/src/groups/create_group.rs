//! `POST /api/permissions/group`: creates a group.

use openapi::{Access, Operation, Tag, errors::invalid_value};
use schemars::JsonSchema;
use serde_json::json;
use shared::{
    authorization::Admin,
    domain::{Group, GroupName, WriteContext},
    http::{ApiError, ApiResult, Call, Fields, FromFields, response, view::GroupView},
};

use crate::route::{Event, Lambda, Permission, Route};

/// Error message of Metabase for the groups of tenants.
const TENANTS_ARE_PREMIUM: &str =
    "Tenants is a paid feature not currently available to your instance.";

/// A new group.
#[derive(JsonSchema)]
#[schemars(rename = "CreateGroup")]
struct Input {
    /// Unique, ignoring case.
    name: GroupName,
    /// Groups of tenants are a paid feature of Metabase: true returns 402.
    #[schemars(with = "Option<bool>")]
    is_tenant_group: bool,
}

impl FromFields for Input {
    fn from_fields(fields: &mut Fields<'_>) -> Option<Self> {
        let is_tenant_group = fields.bool("is_tenant_group").unwrap_or(false);
        Some(Self { name: fields.required("name")?, is_tenant_group })
    }
}

/// The route.
pub const ROUTE: Route = Route {
    method: "POST",
    path: "/api/permissions/group",
    function: "create-group",
    summary: "Create a group",
    tag: Tag::Groups,
    access: Access::Administrator,
    lambda: Lambda::READ,
    permissions: &[
        Permission::BatchGetItem(&["IDEMPOTENCY#*", "USER#*"]),
        Permission::PutItem(&["AUDIT#*", "GROUPNAME#*", "GROUPS", "IDEMPOTENCY#*"]),
        Permission::UpdateItem(&["COUNTER#group"]),
    ],
    event: Event::body(r#"{"name": "Analysts"}"#),
    doc,
    handler: |call| Box::pin(handler(call)),
};

fn doc(operation: Operation<'_>) -> Operation<'_> {
    let group = response::ok(&GroupView::from(&operation.examples().analysts));
    operation
        .request_body::<Input>(&[("group", json!({ "name": "Analysts" }))])
        .response::<GroupView<'_>>("The new group.", &[("group", group)])
        .idempotent()
        .link(&[
            ("get-group", "$response.body#/id"),
            ("update-group", "$response.body#/id"),
            ("clear-group", "$response.body#/id"),
            ("delete-group", "$response.body#/id"),
        ])
        .error("invalid", invalid_value::<GroupName>("name"))
        .error("name-taken", ApiError::GroupNameTaken)
        .error("paid-feature", ApiError::PremiumFeature(TENANTS_ARE_PREMIUM))
}

/// Creates a group. Allowed for administrators.
///
/// # Errors
///
/// Returns 401 without a valid session or API key, and 403 for other callers. Returns 400 for
/// invalid fields or a taken name, and 402 for a group of a tenant. Returns 409 or 422 for a
/// rejected `Idempotency-Key`.
pub async fn handler(call: Call) -> ApiResult {
    let caller = call.caller().await?;
    let input: Input = call.body()?;
    let admin = caller.admin()?;

    let context = caller.write_context();
    call.idempotent(context, create(&call, &admin, input, context)).await
}

async fn create(call: &Call, admin: &Admin, input: Input, context: &WriteContext) -> ApiResult {
    let Input { name, is_tenant_group } = input;
    if is_tenant_group {
        return Err(ApiError::PremiumFeature(TENANTS_ARE_PREMIUM));
    }
    if name.is_builtin() {
        return Err(ApiError::GroupNameTaken);
    }

    let group = Group::new(call.store().next_group_id(admin).await?, name);
    let response = response::ok(&GroupView::from(&group))?;
    call.store().create_group(admin, &group, &context.with_response(&response)).await?;

    Ok(response)
}
