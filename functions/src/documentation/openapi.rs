//! `GET /api/openapi.json`: returns the OpenAPI document.

use openapi::{Access, Operation, Tag};
use serde_json::json;
use shared::http::{ApiResult, Call, StaticFile, response};

use crate::route::{Event, Lambda, Route};

const DOCUMENTED: StaticFile = json(include_bytes!("../../../openapi.json"));
const METABASE: StaticFile = json(include_bytes!("../../../openapi-metabase.json"));

const fn json(bytes: &'static [u8]) -> StaticFile {
    StaticFile { content_type: "application/json; charset=utf-8", is_gzip: false, bytes }
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

/// The same route with HEAD.
pub const HEAD: Route = Route { method: "HEAD", ..ROUTE };

fn doc(operation: Operation<'_>) -> Operation<'_> {
    operation
        .text(
            "Returns this document. Caches may store it for five minutes. `If-None-Match` avoids a \
            second download.",
        )
        .dialects("Each dialect has its own document. This instance serves the one of its dialect.")
        .static_file(
            "The document.",
            &[("application/json", json!({ "type": "object", "required": ["openapi", "paths"] }))],
        )
}

/// Returns the OpenAPI document of the dialect. Allowed for everyone.
///
/// # Errors
///
/// Never returns an error.
#[expect(clippy::unused_async, reason = "every handler is asynchronous")]
pub async fn handler(call: Call) -> ApiResult {
    Ok(response::static_file(&call, call.dialect().file(&DOCUMENTED, &METABASE)))
}
