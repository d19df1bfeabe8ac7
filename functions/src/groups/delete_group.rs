//! `DELETE /api/permissions/group/{id}`: deletes a group and its memberships.

use openapi::{Access, Operation, Tag};
use shared::{
    domain::BuiltinGroup,
    http::{ApiError, ApiResult, Call, PathGroupToDelete, response},
};

use crate::route::{Event, Lambda, Permission, Route};

/// The route.
pub const ROUTE: Route = Route {
    method: "DELETE",
    path: "/api/permissions/group/{id}",
    function: "delete-group",
    summary: "Delete a group",
    tag: Tag::Groups,
    access: Access::Administrator,
    lambda: Lambda::READ,
    permissions: &[
        Permission::BatchGetItem(&["GROUPS", "USER#*"]),
        Permission::DeleteItem(&["GROUP#*", "GROUPNAME#*", "GROUPS"]),
        Permission::PutItem(&["AUDIT#*"]),
        Permission::Query(&["GROUP#*"]),
        Permission::UpdateItem(&["GROUPS", "USER#*"]),
    ],
    event: Event::path(&[("id", "3")]),
    doc,
    handler: |call| Box::pin(handler(call)),
};

fn doc(operation: Operation<'_>) -> Operation<'_> {
    operation
        .text(
            "Removes all members first. Groups 1 and 2 cannot be deleted. Another request finishes \
            an interrupted deletion.",
        )
        .path_id("The group ID.")
        .no_content("The group is deleted.")
        .error("all-users", ApiError::BuiltinGroup(BuiltinGroup::AllUsers))
        .error("administrators", ApiError::BuiltinGroup(BuiltinGroup::Administrators))
        .error("contention", ApiError::Contention)
}

/// Deletes a custom group and its memberships. Allowed for administrators.
///
/// If a deletion is interrupted, another request finishes it.
///
/// # Errors
///
/// Returns 401 without a valid session or API key, and 403 for other callers. Returns 400 for an
/// invalid ID or a builtin group, 404 for an unknown group, and 409 after contention.
pub async fn handler(call: Call) -> ApiResult {
    let (caller, target) = call.authenticate_active(PathGroupToDelete).await?;
    let admin = caller.admin()?;
    let group = target.require(&admin)?.ensure_custom()?;

    call.store().delete_group(&admin, group, caller.write_context()).await?;

    Ok(response::no_content())
}
