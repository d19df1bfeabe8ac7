//! `GET /api/session/properties`: what a client must know before anybody logs in.

use shared::http::{ApiResult, Call};

/// Anybody.
///
/// # Errors
///
/// None but those of the table.
pub async fn handler(call: Call) -> ApiResult {
    let instance = call.store().instance().await?;

    call.dialect().properties(&call, instance.as_ref())
}
