//! `DELETE /api/user/{id}/rate-limits`: lets a user sign in without further waiting.

use openapi::{Access, Operation, Tag};
use shared::http::{ApiError, ApiResult, Call, PathUser, response};

use crate::route::{Event, Lambda, Permission, Route};

/// The route.
pub const ROUTE: Route = Route {
    method: "DELETE",
    path: "/api/user/{id}/rate-limits",
    function: "release-rate-limits",
    summary: "Release the rate limits of a user",
    tag: Tag::Users,
    access: Access::Administrator,
    lambda: Lambda::READ,
    permissions: &[
        Permission::BatchGetItem(&["USER#*"]),
        Permission::ConditionCheckItem(&["USER#*"]),
        Permission::PutItem(&["AUDIT#*"]),
        Permission::UpdateItem(&["LOGIN#*"]),
    ],
    event: Event::path(&[("id", "2")]),
    doc,
    handler: |call| Box::pin(handler(call)),
};

fn doc(operation: Operation<'_>) -> Operation<'_> {
    operation
        .text(
            "Failed sign-ins to the account and requests for password reset emails no longer \
            count, from any network and device. The limit of a whole network stays. Passwords and \
            sessions stay as they are. A deactivated user returns 404.",
        )
        .dialects("Metabase has no such route. Both dialects are the same.")
        .path_user_id()
        .no_content("The user may try again at once.")
        .conditional_write()
        .error("contention", ApiError::Contention)
}

/// Releases the rate limits of an email address. Allowed for administrators.
///
/// # Errors
///
/// Returns 401 without a valid session or API key, and 403 for other callers. Returns 400 for an
/// invalid ID, 404 for an unknown or deactivated user, 409 after contention, and 412 for a failed
/// precondition.
pub async fn handler(call: Call) -> ApiResult {
    let (caller, target) = call.authenticate_active(PathUser).await?;
    let admin = caller.admin()?;

    let access = target.require_active(&admin)?;
    call.store().release_rate_limits(&admin, &access, caller.write_context()).await?;

    Ok(response::no_content())
}
