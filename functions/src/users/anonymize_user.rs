//! `POST /api/user/{id}/anonymize`: anonymizes a user permanently.

use openapi::{Access, Examples, Operation, Tag};
use shared::http::{ApiError, ApiResult, Call, PathUser, view::UserView};

use crate::route::{Event, Lambda, Permission, Route};

/// The route.
pub const ROUTE: Route = Route {
    method: "POST",
    path: "/api/user/{id}/anonymize",
    function: "anonymize-user",
    summary: "Anonymize a user",
    tag: Tag::Users,
    access: Access::Administrator,
    lambda: Lambda::READ,
    permissions: &[
        Permission::BatchGetItem(&["IDEMPOTENCY#*", "USER#*"]),
        Permission::DeleteItem(&["GROUP#*", "LOGIN#*", "RESET#*"]),
        Permission::PutItem(&["AUDIT#*", "IDEMPOTENCY#*", "LOGIN#*", "USER#*"]),
        Permission::UpdateItem(&["ADMINS", "GROUPS", "IMPORTEDPASSWORDS", "TALLY#*"]),
    ],
    event: Event::path(&[("id", "2")]),
    doc,
    handler: |call| Box::pin(handler(call)),
};

fn doc(operation: Operation<'_>) -> Operation<'_> {
    let Examples { jane, now, .. } = operation.examples().clone();
    let example = operation.dialect().user(&jane.anonymized(now));
    operation
        .text(
            "Deactivates the user and removes names, email address, attributes, groups and \
            credentials permanently. The ID stays, and the email address is free for another user.",
        )
        .dialects("Metabase has no such route. Both dialects are the same.")
        .path_user_id()
        .response::<UserView<'_>>("The anonymized user.", &[("anonymized", example)])
        .with_etag()
        .conditional_write()
        .error("last-admin", ApiError::LastAdmin)
        .error("contention", ApiError::Contention)
}

/// Deactivates a user and removes their personal data permanently. An anonymized user stays
/// unchanged. Allowed for administrators.
///
/// # Errors
///
/// Returns 401 without a valid session or API key, and 403 for other callers. Returns 400 for an
/// invalid ID or the last administrator, 404 for an unknown user, 409 after contention, and 412 for
/// a failed precondition.
pub async fn handler(call: Call) -> ApiResult {
    let (caller, target) = call.authenticate_active(PathUser).await?;
    let admin = caller.admin()?;

    let access = target.require(&admin)?;
    // A repeated request changes nothing, so it needs no idempotency record.
    let context = caller.write_context().without_idempotency();
    let user = call.store().anonymize(&admin, &access, &context).await?;

    call.dialect().user(&user)
}
