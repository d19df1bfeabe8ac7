//! `GET /api/api-key`: the API keys, without their secrets.

use shared::http::{ApiResult, Call, response, view::ApiKeyView};

/// Administrators only.
///
/// # Errors
///
/// 401, 403.
pub async fn handler(call: Call) -> ApiResult {
    let admin = call.caller().await?.admin()?;

    let keys = call.store().api_keys(&admin).await?;

    response::ok(&ApiKeyView::all(&keys))
}
