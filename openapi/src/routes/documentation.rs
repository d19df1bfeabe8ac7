//! What explains the API.

use serde_json::json;
use shared::http::ApiError;

use super::DescribeFn;
use crate::{operation::Operation, schemas::Schemas};

pub(crate) const TAG: &str = "Documentation";

/// What is said of each.
pub(super) const ROUTES: &[(&str, DescribeFn)] =
    &[("openapi", document), ("docs", page), ("docs-asset", asset)];

fn document(schemas: &mut Schemas) -> Operation<'_> {
    Operation::new(schemas, TAG, "Tell what this API is")
        .paragraph("For anybody: this document. It may be kept for five minutes, and is asked for anew with `If-None-Match`.")
        .dialects("Each has a document of its own; this is that of the dialect that is spoken here.")
        .static_file("The document.", &[("application/json", json!({ "type": "object", "required": ["openapi", "paths"] }))])
}

fn page(schemas: &mut Schemas) -> Operation<'_> {
    Operation::new(schemas, TAG, "Explain this API")
        .paragraph("For anybody: a page that shows this document, logs in and calls the API.")
        .static_file("The page.", &[("text/html", json!({ "type": "string" }))])
}

fn asset(schemas: &mut Schemas) -> Operation<'_> {
    let text = || json!({ "type": "string" });
    let names: Vec<&str> = functions::documentation::docs::names().collect();
    Operation::new(schemas, TAG, "Send what the page consists of")
        .paragraph("For anybody. Scripts and styles that are not ours are sent compressed.")
        .path_enum("asset", "The name of the file.", &names)
        .static_file(
            "The file.",
            &[("text/css", text()), ("text/javascript", text()), ("text/plain", text())],
        )
        .error("unknown", ApiError::NotFound)
}
