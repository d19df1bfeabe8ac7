//! `DELETE /api/permissions/membership/{id}`: removes a user from a group.

use openapi::{Access, Operation, Tag};
use shared::http::{ApiError, ApiResult, Call, PathMembership, response};

use crate::route::{Event, Lambda, Permission, Route};

/// The route.
pub const ROUTE: Route = Route {
    method: "DELETE",
    path: "/api/permissions/membership/{id}",
    function: "delete-membership",
    summary: "Remove a user from a group",
    tag: Tag::Memberships,
    access: Access::Administrator,
    lambda: Lambda::READ,
    permissions: &[
        Permission::BatchGetItem(&["USER#*"]),
        Permission::DeleteItem(&["GROUP#*"]),
        Permission::PutItem(&["AUDIT#*", "USER#*"]),
        Permission::UpdateItem(&["ADMINS", "GROUPS"]),
    ],
    event: Event::path(&[("id", "18")]),
    doc,
    handler: |call| Box::pin(handler(call)),
};

fn doc(operation: Operation<'_>) -> Operation<'_> {
    operation
        .text(
            "A removed member of group 2 loses administrator permissions. No user can leave group \
            1.",
        )
        .path_id("The membership ID.")
        .no_content("The user is not in the group.")
        .error("all-users", ApiError::AllUsersIsImplicit)
        .error("last-admin", ApiError::LastAdmin)
        .error("contention", ApiError::Contention)
}

/// Removes a user from a group. Allowed for administrators.
///
/// A removed member of Administrators loses administrator permissions.
///
/// # Errors
///
/// Returns 401 without a valid session or API key, and 403 for other callers. Returns 400 for an
/// invalid ID, All Users or the last administrator, 404 for an unknown membership, and 409 after
/// contention.
pub async fn handler(call: Call) -> ApiResult {
    let (caller, target) = call.authenticate_active(PathMembership).await?;
    let admin = caller.admin()?;
    let (user, group) = target.require(&admin)?;

    let access = admin.access(user);
    call.store().leave_group(&admin, &access, group, caller.write_context()).await?;

    Ok(response::no_content())
}
