//! `GET /api/api-key/count`: how many API keys there are.

use shared::http::{ApiResult, Call, response};

/// Administrators only.
///
/// # Errors
///
/// 401, 403.
pub async fn handler(call: Call) -> ApiResult {
    let admin = call.caller().await?.admin()?;

    let count = call.store().count_api_keys(&admin).await?;

    response::ok(&count)
}
