//! `DELETE /api/api-key/{id}`: deletes an API key.

use shared::http::{ApiResult, Call, response};

/// Administrators only.
///
/// # Errors
///
/// 400 for a path without a number, 401, 403, 404.
pub async fn handler(call: Call) -> ApiResult {
    let (caller, target, _) = call.caller_and_api_key(None).await?;
    let admin = caller.admin()?;
    let key = target.require(&admin)?;

    call.store().delete_api_key(&admin, key, call.now()).await?;

    Ok(response::no_content())
}
