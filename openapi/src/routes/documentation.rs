//! What explains the API.

use serde_json::json;
use shared::http::ApiError;

use super::Describe;
use crate::{operation::Operation, schemas::Schemas};

pub(crate) const TAG: &str = "Documentation";

/// What is said of each.
pub(super) const ROUTES: &[(&str, Describe)] =
    &[("openapi", document), ("docs", page), ("docs-asset", asset)];

fn document(schemas: &mut Schemas) -> Operation<'_> {
    Operation::new(schemas, TAG, "Tell what this API is")
        .says("For anybody: this document. It may be kept for five minutes, and is asked for anew with `If-None-Match`.")
        .dialects("Each has a document of its own; this is that of the dialect that is spoken here.")
        .serves("The document.", &[("application/json", json!({ "type": "object", "required": ["openapi", "paths"] }))])
}

fn page(schemas: &mut Schemas) -> Operation<'_> {
    Operation::new(schemas, TAG, "Explain this API")
        .says("For anybody: a page that shows this document, logs in and calls the API.")
        .serves("The page.", &[("text/html", json!({ "type": "string" }))])
}

fn asset(schemas: &mut Schemas) -> Operation<'_> {
    let text = || json!({ "type": "string" });
    let names: Vec<&str> = functions::docs::names().collect();
    Operation::new(schemas, TAG, "Send what the page consists of")
        .says("For anybody. Scripts and styles that are not ours are sent compressed.")
        .path_word("asset", "The name of the file.", &names)
        .serves(
            "The file.",
            &[("text/css", text()), ("text/javascript", text()), ("text/plain", text())],
        )
        .refuses("unknown", ApiError::NotFound)
}
