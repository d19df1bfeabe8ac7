//! `GET /api/health`: whether the table answers.

use schemars::JsonSchema;
use serde::Serialize;
use shared::http::{ApiError, ApiResult, Call, response};

/// That the table answers.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Health {
    /// Always `ok`.
    #[schemars(extend("const" = "ok"))]
    status: &'static str,
}

/// Anybody. A table that refuses is as bad as one that is away.
///
/// # Errors
///
/// 503.
pub async fn handler(call: Call) -> ApiResult {
    let answer = call.store().instance().await;
    answer.map_err(|error| ApiError::Unavailable(error.into()))?;

    response::ok(&Health { status: "ok" })
}
