//! `PUT /api/user/{id}/reactivate`: reactivates a deactivated user.

use openapi::{Access, Operation, Tag};
use shared::http::{
    ApiError, ApiResult, Call, Dialect, PathUser,
    view::{Profile, UserView},
};

use crate::route::{Event, Lambda, Permission, Route};

/// The route.
pub const ROUTE: Route = Route {
    method: "PUT",
    path: "/api/user/{id}/reactivate",
    function: "reactivate-user",
    summary: "Reactivate a user",
    tag: Tag::Users,
    access: Access::Administrator,
    lambda: Lambda::READ,
    permissions: &[
        Permission::BatchGetItem(&["USER#*"]),
        Permission::PutItem(&["AUDIT#*", "USER#*"]),
        Permission::UpdateItem(&["GROUPS", "LOGIN#*", "TALLY#*"]),
    ],
    event: Event::path(&[("id", "2")]),
    doc,
    handler: |call| Box::pin(handler(call)),
};

fn doc(operation: Operation<'_>) -> Operation<'_> {
    let dialect = operation.dialect();
    let example = ("reactivated", dialect.reactivated(&operation.examples().jane));
    let operation = operation
        .text(
            "The user has no administrator permissions afterwards, and the revoked sessions stay \
            revoked.",
        )
        .dialects("metabase returns no memberships.")
        .path_user_id()
        .error("already-active", ApiError::AlreadyActive)
        .error("anonymized", ApiError::Anonymized)
        .error("contention", ApiError::Contention);
    let description = "The reactivated user.";
    let operation = match dialect {
        Dialect::Documented => operation.response::<UserView<'_>>(description, &[example]),
        Dialect::Metabase => operation.response::<Profile<'_>>(description, &[example]),
    };
    operation.with_etag().conditional_write()
}

/// Reactivates a user without administrator permissions. Revoked sessions stay revoked. Allowed for
/// administrators.
///
/// # Errors
///
/// Returns 401 without a valid session or API key, and 403 for other callers. Returns 400 for an
/// invalid ID, an active user or an anonymized user. Returns 404 for an unknown user, 409 after
/// contention, and 412 for a failed precondition.
pub async fn handler(call: Call) -> ApiResult {
    let (caller, target) = call.authenticate_active(PathUser).await?;
    let admin = caller.admin()?;

    let access = target.require(&admin)?;
    let user = call.store().reactivate(&admin, &access, caller.write_context()).await?;

    call.dialect().reactivated(&user)
}
