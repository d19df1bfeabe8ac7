//! `GET /api/docs`: returns the API reference page and its assets.

use openapi::{Access, Operation, Tag};
use serde_json::json;
use shared::http::{ApiError, ApiResult, Call, Freshness, StaticFile, response};

use crate::route::{Event, Lambda, Route};

const JAVASCRIPT: &str = "text/javascript; charset=utf-8";
const CSS: &str = "text/css; charset=utf-8";
const HTML: &str = "text/html; charset=utf-8";
const TEXT: &str = "text/plain; charset=utf-8";

/// A file of `assets/docs`. `$is_gzip` must be true for a name with the suffix `.gz`.
macro_rules! asset {
    ($content_type:expr, $is_gzip:literal, $name:literal) => {
        StaticFile {
            content_type: $content_type,
            is_gzip: $is_gzip,
            has_variants: false,
            freshness: Freshness::FiveMinutes,
            has_trusted_types: false,
            bytes: include_bytes!(concat!("../../assets/docs/", $name)),
        }
    };
}

const PAGE: StaticFile = asset!(HTML, false, "index.html");

/// The files loaded by the page, and the licences of third-party files.
const ASSETS: &[(&str, StaticFile)] = &[
    ("docs.css", asset!(CSS, false, "docs.css")),
    ("docs.js", asset!(JAVASCRIPT, false, "docs.js")),
    ("swagger-ui.css", asset!(CSS, true, "swagger-ui.css.gz")),
    ("swagger-ui.js", asset!(JAVASCRIPT, true, "swagger-ui.js.gz")),
    ("licences.txt", asset!(TEXT, false, "licences.txt")),
];

/// The route.
pub const ROUTE: Route = Route {
    method: "GET",
    path: "/api/docs",
    function: "docs",
    summary: "Get the API reference page",
    tag: Tag::Documentation,
    access: Access::Public,
    lambda: Lambda::READ,
    permissions: &[],
    event: Event::EMPTY,
    doc,
    handler: |call| Box::pin(handler(call)),
};

/// The files of the page.
pub const ASSET: Route = Route {
    path: "/api/docs/{asset}",
    summary: "Get a documentation asset",
    event: Event::path(&[("asset", "docs.js")]),
    doc: doc_asset,
    ..ROUTE
};

fn doc(operation: Operation<'_>) -> Operation<'_> {
    operation
        .text("Returns a page for reading this document, logging in and calling the API.")
        .static_file("The page.", &[("text/html", json!({ "type": "string" }))])
}

fn doc_asset(operation: Operation<'_>) -> Operation<'_> {
    let text = || json!({ "type": "string" });
    let names: Vec<&str> = ASSETS.iter().map(|(name, _)| *name).collect();
    operation
        .text("Returns a file of the API reference page. Swagger UI is sent compressed.")
        .path_enum("asset", "The file name.", &names)
        .static_file(
            "The file.",
            &[("text/css", text()), ("text/javascript", text()), ("text/plain", text())],
        )
        .error("unknown", ApiError::NotFound)
}

/// Returns the API reference page, or one of its files. Allowed for everyone.
///
/// # Errors
///
/// Returns 404 for an unknown file name.
#[expect(clippy::unused_async, reason = "every handler is asynchronous")]
pub async fn handler(call: Call) -> ApiResult {
    let name = call.path("asset");
    let file = match name.as_ref() {
        "" => Some(&PAGE),
        name => ASSETS.iter().find(|(known, _)| *known == name).map(|(_, file)| file),
    };
    Ok(response::static_file(&call, file.ok_or(ApiError::NotFound)?))
}
