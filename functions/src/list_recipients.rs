//! `GET /api/user/recipients`: whom a message can be sent to.

use shared::http::{ApiResult, Call};

/// Anybody with a session sees every active account.
///
/// # Errors
///
/// 401.
pub async fn handler(call: Call) -> ApiResult {
    let caller = call.caller().await?;

    let users = call.store().recipients(&caller).await?;

    call.dialect().recipients(&caller, &users)
}
