//! `DELETE /api/api-key/{id}`: deletes an API key.

use shared::http::{ApiResult, Call, PathApiKey, response};

/// Administrators only.
///
/// # Errors
///
/// 400 for a path without a number, 401, 403, 404.
pub async fn handler(call: Call) -> ApiResult {
    let (caller, target) = call.authenticate_active(PathApiKey).await?;
    let admin = caller.admin()?;
    let key = target.require(&admin)?;

    call.store().delete_api_key(&admin, key, caller.write_context()).await?;

    Ok(response::no_content())
}
