//! `GET /api/openapi.json`: what this API is.

use shared::http::{ApiResult, Call, StaticFile, response};

const DOCUMENTED: StaticFile = json(include_bytes!("../../../openapi.json"));
const METABASE: StaticFile = json(include_bytes!("../../../openapi-metabase.json"));

const fn json(bytes: &'static [u8]) -> StaticFile {
    StaticFile { content_type: "application/json; charset=utf-8", is_gzip: false, bytes }
}

/// Anybody, by GET or HEAD. The document is that of the dialect that is spoken here.
///
/// # Errors
///
/// None.
#[expect(clippy::unused_async, reason = "a handler is asynchronous")]
pub async fn handler(call: Call) -> ApiResult {
    Ok(response::static_file(&call, call.dialect().file(&DOCUMENTED, &METABASE)))
}
