//! `PUT /api/api-key/{id}/regenerate`: puts another secret in the place of an API key's.

use shared::{
    auth::api_key::{ApiKeyRotation, ApiKeyToken},
    http::{
        ApiResult, Call, PathApiKey, response,
        view::{ApiKeyCreated, ApiKeyView},
    },
};

/// Administrators only. The old secret counts no more, and whoever asks answers for the new one.
///
/// # Errors
///
/// 400 for a path without a number, 401, 403, 404.
pub async fn handler(call: Call) -> ApiResult {
    let (caller, target) = call.authenticate_active(PathApiKey).await?;
    let admin = caller.admin()?;
    let key = target.require(&admin)?;
    let group = call.store().group_of_key(&admin, &key.user).await?;

    let token = ApiKeyToken::generate(key.key.id, caller.responsible_user())?;
    let rotation = ApiKeyRotation { token: &token, by: caller.user().id, now: call.now() };
    let context = caller.write_context();
    let changed = call.store().rotate_api_key(&admin, key, &rotation, context).await?;

    response::ok(&ApiKeyCreated::new(ApiKeyView::new(&changed.key, &group, caller.user()), &token))
}
