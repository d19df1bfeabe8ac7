//! `PUT /api/permissions/membership/{id}`: rejects a group manager, a paid feature of Metabase.

use openapi::{Access, Operation, Tag, errors::invalid};
use schemars::JsonSchema;
use serde_json::json;
use shared::http::{ApiError, ApiResult, Call, Fields, FromFields, PathMembership};

use crate::route::{Event, Lambda, Permission, Route};

/// Error message of Metabase for group managers.
pub(super) const GROUP_MANAGERS_ARE_PREMIUM: &str = concat!(
    "The group manager permissions functionality is only enabled if you have a premium token ",
    "with the advanced-permissions feature.",
);

/// Whether the member manages the group.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "a schema, never constructed")]
struct UpdateMembership {
    is_group_manager: bool,
}

struct Input;

impl FromFields for Input {
    fn from_fields(fields: &mut Fields<'_>) -> Option<Self> {
        fields.required_bool("is_group_manager").map(|_| Self)
    }
}

/// The route.
pub const ROUTE: Route = Route {
    method: "PUT",
    path: "/api/permissions/membership/{id}",
    function: "update-membership",
    summary: "Make a member a group manager",
    tag: Tag::Memberships,
    access: Access::Administrator,
    lambda: Lambda::READ,
    permissions: &[Permission::BatchGetItem(&["USER#*"])],
    event: Event::path(&[("id", "18")]).with_body(r#"{"is_group_manager": true}"#),
    doc,
    handler: |call| Box::pin(handler(call)),
};

fn doc(operation: Operation<'_>) -> Operation<'_> {
    operation
        .text("Group managers are a paid feature of Metabase, so the response is always 402.")
        .path_id("The membership ID.")
        .request_body::<UpdateMembership>(&[("manager", json!({ "is_group_manager": true }))])
        .error("invalid", invalid("is_group_manager", "value must be a boolean."))
        .error("paid-feature", ApiError::PremiumFeature(GROUP_MANAGERS_ARE_PREMIUM))
}

/// Rejects every request, because group managers are a paid feature of Metabase.
///
/// # Errors
///
/// Returns 401 without a valid session or API key, and 403 for other callers. Returns 400 for an
/// invalid ID or field, and otherwise 402 for administrators.
pub async fn handler(call: Call) -> ApiResult {
    let (caller, _) = call.authenticate_active(PathMembership).await?;
    let Input = call.body()?;
    caller.admin()?;

    Err(ApiError::PremiumFeature(GROUP_MANAGERS_ARE_PREMIUM))
}
