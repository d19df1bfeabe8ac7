//! `GET /api/docs`: a page that explains this API, logs in and calls it; and what the page consists of.

use shared::http::{ApiError, ApiResult, Call, StaticFile, response};

const JAVASCRIPT: &str = "text/javascript; charset=utf-8";
const CSS: &str = "text/css; charset=utf-8";
const HTML: &str = "text/html; charset=utf-8";
const TEXT: &str = "text/plain; charset=utf-8";

/// A file of `assets/docs`, compressed where its name says so.
macro_rules! asset {
    ($media:expr, $is_gzip:literal, $name:literal) => {
        StaticFile {
            content_type: $media,
            is_gzip: $is_gzip,
            bytes: include_bytes!(concat!("../../assets/docs/", $name)),
        }
    };
}

const PAGE: StaticFile = asset!(HTML, false, "index.html");

/// The files that the page asks for, and the licences of those that are not ours.
const ASSETS: &[(&str, StaticFile)] = &[
    ("docs.css", asset!(CSS, false, "docs.css")),
    ("docs.js", asset!(JAVASCRIPT, false, "docs.js")),
    ("swagger-ui.css", asset!(CSS, true, "swagger-ui.css.gz")),
    ("swagger-ui.js", asset!(JAVASCRIPT, true, "swagger-ui.js.gz")),
    ("licences.txt", asset!(TEXT, false, "licences.txt")),
];

/// The names of the files that the page consists of.
pub fn names() -> impl Iterator<Item = &'static str> {
    ASSETS.iter().map(|(name, _)| *name)
}

/// Anybody, by GET or HEAD.
///
/// # Errors
///
/// 404 for what the page does not consist of.
#[expect(clippy::unused_async, reason = "a handler is asynchronous")]
pub async fn handler(call: Call) -> ApiResult {
    let name = call.path("asset");
    let file = match name.as_ref() {
        "" => Some(&PAGE),
        name => ASSETS.iter().find(|(known, _)| *known == name).map(|(_, file)| file),
    };
    Ok(response::static_file(&call, file.ok_or(ApiError::NotFound)?))
}
