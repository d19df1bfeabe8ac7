//! `DELETE /api/api-key/{id}`: deletes an API key.

use openapi::{Access, Operation, Tag};
use shared::http::{ApiError, ApiResult, Call, PathApiKey, response};

use crate::route::{Event, Lambda, Permission, Route};

/// The route.
pub const ROUTE: Route = Route {
    method: "DELETE",
    path: "/api/api-key/{id}",
    function: "delete-api-key",
    summary: "Delete an API key",
    tag: Tag::ApiKeys,
    access: Access::Administrator,
    lambda: Lambda::READ,
    permissions: &[
        Permission::BatchGetItem(&["APIKEYS", "USER#*"]),
        Permission::DeleteItem(&[
            "APIKEYNAME#*",
            "APIKEYS",
            "APIKEYUSE#*",
            "GROUP#*",
            "IMPORTEDKEY#*",
            "KEYHASH#*",
        ]),
        Permission::PutItem(&["AUDIT#*", "USER#*"]),
        Permission::UpdateItem(&["GROUPS"]),
    ],
    event: Event::path(&[("id", "3")]),
    doc,
    handler: |call| Box::pin(handler(call)),
};

fn doc(operation: Operation<'_>) -> Operation<'_> {
    operation
        .path_id("The API key ID.")
        .no_content("The API key is deleted.")
        .error("contention", ApiError::Contention)
}

/// Deletes an API key and deactivates its service account. Allowed for administrators.
///
/// # Errors
///
/// Returns 401 without a valid session or API key, and 403 for other callers. Returns 400 for an
/// invalid ID, 404 for an unknown API key, and 409 after contention.
pub async fn handler(call: Call) -> ApiResult {
    let (caller, target) = call.authenticate_active(PathApiKey).await?;
    let admin = caller.admin()?;
    let key = target.require(&admin)?;

    call.store().delete_api_key(&admin, key, caller.write_context()).await?;

    Ok(response::no_content())
}
