//! `GET /api/user/recipients`: whom a message can be sent to.

use shared::http::{ApiResult, Call, reply, view::Recipient};

/// Anybody with a session sees every active account.
///
/// # Errors
///
/// 401.
pub async fn handler(call: Call) -> ApiResult {
    let caller = call.caller().await?;

    let users = call.store().recipients(&caller).await?;

    reply::ok(&users.iter().map(Recipient::from).collect::<Vec<_>>())
}
