//! `GET /api/openapi.json`: returns the OpenAPI document.

use openapi::{Access, Operation, Tag};
use serde_json::json;
use shared::http::{ApiResult, Call, Freshness, StaticFile, response};

use crate::route::{Event, Lambda, Route};

/// A document, and the same compressed by `functions/build.rs`.
macro_rules! document {
    ($name:literal) => {
        (
            json(include_bytes!(concat!("../../../", $name)), false),
            json(include_bytes!(concat!(env!("OUT_DIR"), "/", $name, ".gz")), true),
        )
    };
}

const DOCUMENTED: (StaticFile, StaticFile) = document!("openapi.json");
const METABASE: (StaticFile, StaticFile) = document!("openapi-metabase.json");

const fn json(bytes: &'static [u8], is_gzip: bool) -> StaticFile {
    let content_type = "application/json; charset=utf-8";
    StaticFile {
        content_type,
        is_gzip,
        has_variants: true,
        freshness: Freshness::FiveMinutes,
        has_trusted_types: false,
        bytes,
    }
}

/// The route.
pub const ROUTE: Route = Route {
    method: "GET",
    path: "/api/openapi.json",
    function: "openapi",
    summary: "Get the OpenAPI document",
    tag: Tag::Documentation,
    access: Access::Public,
    lambda: Lambda::READ,
    permissions: &[],
    event: Event::EMPTY,
    doc,
    handler: |call| Box::pin(handler(call)),
};

fn doc(operation: Operation<'_>) -> Operation<'_> {
    operation
        .text(
            "Returns this document. Caches may store it for five minutes. `If-None-Match` avoids a \
            second download.",
        )
        .dialects("Each dialect has its own document. This instance serves the one of its dialect.")
        .compressed_file(
            "The document.",
            &[("application/json", json!({ "type": "object", "required": ["openapi", "paths"] }))],
        )
}

/// Returns the OpenAPI document of the dialect, compressed if the client accepts gzip. Allowed for
/// everyone.
///
/// # Errors
///
/// Never returns an error.
#[expect(clippy::unused_async, reason = "every handler is asynchronous")]
pub async fn handler(call: Call) -> ApiResult {
    let (plain, compressed) = call.dialect().select(&DOCUMENTED, &METABASE);
    let file = if call.accepts_gzip() { compressed } else { plain };
    Ok(response::static_file(&call, file))
}
