//! `PUT /api/api-key/{id}/regenerate`: replaces the secret of an API key.

use openapi::{Access, Examples, Operation, Tag};
use shared::{
    auth::api_key::{ApiKeyRotation, NewApiKeySecret},
    domain::ApiKeyValidity,
    http::{
        ApiError, ApiResult, Call, PathApiKey, response,
        view::{ApiKeyCreated, ApiKeyView},
    },
};

use crate::route::{Event, Lambda, Permission, Route};

/// The route.
pub const ROUTE: Route = Route {
    method: "PUT",
    path: "/api/api-key/{id}/regenerate",
    function: "regenerate-api-key",
    summary: "Rotate an API key",
    tag: Tag::ApiKeys,
    access: Access::Administrator,
    lambda: Lambda::READ,
    permissions: &[
        Permission::BatchGetItem(&["APIKEYS", "GROUPS", "USER#*"]),
        Permission::DeleteItem(&["IMPORTEDKEY#*", "KEYHASH#*"]),
        Permission::PutItem(&["APIKEYS", "AUDIT#*", "KEYHASH#*"]),
    ],
    event: Event::path(&[("id", "3")]),
    doc,
    handler: |call| Box::pin(handler(call)),
};

fn doc(operation: Operation<'_>) -> Operation<'_> {
    let Examples { api_key, analysts, ada, secret, .. } = operation.examples();
    let view = ApiKeyView::new(api_key, analysts, ada);
    let key = response::ok(&ApiKeyCreated::new(view, secret));
    operation
        .text(
            "The old secret is invalid afterwards, and the caller becomes the owner of the key. A \
            new secret of an API key with an expiry has the same lifetime.",
        )
        .path_id("The API key ID.")
        .response::<ApiKeyCreated<'_>>("The API key and its new secret.", &[("key", key)])
        .error("contention", ApiError::Contention)
}

/// Replaces the secret of an API key. Allowed for administrators.
///
/// The old secret is invalid afterwards. The caller becomes the owner of the key, or the owner of
/// the caller's own API key does. If the old secret expires, the new one has the same lifetime.
///
/// # Errors
///
/// Returns 401 without a valid session or API key, and 403 for other callers. Returns 400 for an
/// invalid ID, 404 for an unknown API key, and 409 after contention.
pub async fn handler(call: Call) -> ApiResult {
    let (caller, target) = call.authenticate_active(PathApiKey).await?;
    let admin = caller.admin()?;
    let key = target.require(&admin)?;
    let group = call.store().group_of_key(&admin, &key.user).await?;

    let renewed = |validity: ApiKeyValidity| validity.renewed_expiry(call.now());
    let validity = caller.new_key_validity(key.key.validity.and_then(renewed));
    let secret = NewApiKeySecret::generate(key.key.id, validity)?;
    let rotation = ApiKeyRotation { secret: &secret, by: caller.user().id, now: call.now() };
    let context = caller.write_context();
    let changed = call.store().rotate_api_key(&admin, key, &rotation, context).await?;

    let view = ApiKeyView::new(&changed.key, &group, caller.user());
    response::ok(&ApiKeyCreated::new(view, &secret.token))
}
