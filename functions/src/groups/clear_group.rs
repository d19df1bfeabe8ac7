//! `PUT /api/permissions/membership/{id}/clear`: removes all members of a group.

use openapi::{Access, Operation, Tag};
use shared::{
    domain::{BuiltinGroup, DomainError},
    http::{ApiError, ApiResult, Call, PathGroup, response},
};

use crate::route::{Event, Lambda, Permission, Route};

/// The route.
pub const ROUTE: Route = Route {
    method: "PUT",
    path: "/api/permissions/membership/{id}/clear",
    function: "clear-group",
    summary: "Remove all members of a group",
    tag: Tag::Groups,
    access: Access::Administrator,
    lambda: Lambda::READ,
    permissions: &[
        Permission::BatchGetItem(&["GROUPS", "USER#*"]),
        Permission::DeleteItem(&["GROUP#*"]),
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
        .text("Groups 1 and 2 cannot be cleared.")
        .path_id("The group ID.")
        .no_content("The group has no members.")
        .error("all-users", ApiError::AllUsersIsImplicit)
        .error("administrators", ApiError::BadRequest("Invalid Request."))
        .error("contention", ApiError::Contention)
}

/// Removes all members of a custom group. Allowed for administrators.
///
/// Every user is a member of All Users, and Administrators must have one.
///
/// # Errors
///
/// Returns 401 without a valid session or API key, and 403 for other callers. Returns 400 for an
/// invalid ID or a builtin group, 404 for an unknown group, and 409 after contention.
pub async fn handler(call: Call) -> ApiResult {
    let (caller, target) = call.authenticate_active(PathGroup).await?;
    let admin = caller.admin()?;
    let group = target.require(&admin)?;
    match group.id.builtin() {
        Some(BuiltinGroup::AllUsers) => return Err(DomainError::AllUsersIsImplicit.into()),
        Some(BuiltinGroup::Administrators) => return Err(ApiError::BadRequest("Invalid Request.")),
        None => call.store().clear_group(&admin, group, caller.write_context()).await?,
    }

    Ok(response::no_content())
}
