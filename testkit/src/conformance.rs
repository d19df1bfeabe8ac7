//! Validation of each request and response of a test against the OpenAPI document.

use std::{
    collections::{BTreeSet, HashMap},
    sync::{LazyLock, Mutex},
};

use axum::http::{HeaderMap, HeaderName};
use jsonschema::{Draft, Validator};
use serde_json::{Value, json};
use shared::http::Dialect;

use crate::TestResponse;

/// Headers of every response. The introduction of the document describes them.
const GENERAL_HEADERS: [&str; 2] = ["x-content-type-options", "strict-transport-security"];

static DOCUMENTED: LazyLock<Document> =
    LazyLock::new(|| Document::new(include_str!("../../openapi.json")));
static METABASE: LazyLock<Document> =
    LazyLock::new(|| Document::new(include_str!("../../openapi-metabase.json")));

/// Whether objects may have keys without a description.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExtraKeys {
    /// Only described keys are valid. Used for responses.
    Forbidden,
    /// All keys are valid. Used for requests.
    Allowed,
}

/// An OpenAPI document with a cache of compiled schemas.
pub struct Document {
    json: Value,
    validators: Mutex<HashMap<String, &'static Validator>>,
}

/// The committed OpenAPI document of a dialect.
#[must_use]
pub fn description(dialect: Dialect) -> &'static Document {
    match dialect {
        Dialect::Documented => &DOCUMENTED,
        Dialect::Metabase => &METABASE,
    }
}

impl Document {
    fn new(text: &str) -> Self {
        Self { json: serde_json::from_str(text).expect("JSON"), validators: Mutex::default() }
    }

    /// The document as JSON.
    #[must_use]
    pub const fn json(&self) -> &Value {
        &self.json
    }

    /// Whether the document contains an operation.
    pub(crate) fn has(&self, operation: &str) -> bool {
        self.json.pointer(operation).is_some()
    }

    /// Fails the test unless the operation documents the response to HEAD instead of GET.
    pub(crate) fn check_head(&self, operation: &str, actual: &TestResponse) {
        let name = format!("{operation}/responses/{}", actual.status);
        check_headers(&self.json, &name, self.at(&name), &actual.headers);
        assert!(actual.body.is_null(), "{name} has a body: {}", actual.body);
    }

    /// Fails the test unless the operation documents the response.
    pub(crate) fn check(&self, operation: &str, actual: &TestResponse) {
        let TestResponse { status, headers, body } = actual;
        let name = format!("{operation}/responses/{status}");
        let response = self.at(&name);
        check_headers(&self.json, &name, response, headers);
        let Some(content) = response.get("content") else {
            assert!(body.is_null(), "{name} has a body: {body}");
            return;
        };
        if headers.get("content-encoding").is_some() && body.as_str().is_some() {
            return;
        }
        let media_type = headers["content-type"].to_str().expect("a text");
        let media_type = media_type.split(';').next().unwrap_or_default();
        let schema = content
            .get(media_type)
            .unwrap_or_else(|| panic!("{name} has no media type {media_type}"));
        let errors = self.validation_errors(&schema["schema"], body, ExtraKeys::Forbidden);
        assert!(errors.is_empty(), "{name}: {errors:#?} in {body:#}");
    }

    /// Fails the test if an accepted body violates the schema of the request body.
    pub(crate) fn check_request(&self, operation: &str, body: &Value) {
        let name = format!("{operation}/requestBody");
        if let Some(content) = self.json.pointer(&format!("{name}/content/application~1json")) {
            let errors = self.validation_errors(&content["schema"], body, ExtraKeys::Allowed);
            assert!(errors.is_empty(), "{name}: {errors:#?} in {body:#}");
        }
    }

    /// The part of the document at a JSON pointer, with its `$ref` resolved.
    fn at(&self, pointer: &str) -> &Value {
        let found = self.json.pointer(pointer);
        let found = found.unwrap_or_else(|| panic!("{pointer} is not described"));
        resolved(&self.json, found)
    }

    /// Returns the violations of a schema by `value`.
    pub fn validation_errors(&self, schema: &Value, value: &Value, keys: ExtraKeys) -> Vec<String> {
        let key = format!("{keys:?} {schema}");
        let mut validators = self.validators.lock().expect("no test panicked with the lock");
        let validator = *validators
            .entry(key)
            .or_insert_with(|| Box::leak(Box::new(validator(&self.json, schema, keys))));
        drop(validators);
        validator.iter_errors(value).map(|error| error.to_string()).collect()
    }
}

/// The JSON pointer of an operation.
pub(crate) fn operation(method: &str, path: &str) -> String {
    let path = path.replace('/', "~1");
    format!("/paths/{path}/{}", method.to_ascii_lowercase())
}

fn resolved<'d>(document: &'d Value, value: &'d Value) -> &'d Value {
    match value.get("$ref").and_then(Value::as_str) {
        Some(reference) => {
            document.pointer(reference.trim_start_matches('#')).expect("a target of the reference")
        }
        None => value,
    }
}

/// Fails the test if a required header is missing or a header is not documented.
fn check_headers(document: &Value, name: &str, response: &Value, headers: &HeaderMap) {
    let no_headers = json!({});
    let documented = response.get("headers").unwrap_or(&no_headers).as_object().expect("headers");
    for (header, documentation) in documented {
        let is_required = resolved(document, documentation)["required"] == true;
        assert!(!is_required || headers.contains_key(header), "{name} has no {header}");
    }
    let documented: BTreeSet<String> =
        documented.keys().map(|name| name.to_ascii_lowercase()).collect();
    let is_general = |header: &HeaderName| {
        header.as_str().starts_with("content-") || GENERAL_HEADERS.contains(&header.as_str())
    };
    for header in headers.keys().filter(|header| !is_general(header)) {
        assert!(documented.contains(header.as_str()), "{name} does not document {header}");
    }
}

fn validator(document: &Value, schema: &Value, keys: ExtraKeys) -> Validator {
    let mut root = json!({ "allOf": [schema], "components": document["components"] });
    if keys == ExtraKeys::Forbidden {
        close(&mut root["allOf"]);
        close(&mut root["components"]["schemas"]);
    }
    let options = jsonschema::options().with_draft(Draft::Draft202012);
    options.should_validate_formats(keys == ExtraKeys::Forbidden).build(&root).expect("a schema")
}

/// Sets `additionalProperties: false` on each object with described fields.
fn close(schema: &mut Value) {
    match schema {
        Value::Array(schemas) => schemas.iter_mut().for_each(close),
        Value::Object(object) => {
            object.values_mut().for_each(close);
            if object.get("properties").is_some_and(Value::is_object) {
                object.entry("additionalProperties").or_insert_with(|| json!(false));
            }
        }
        _ => {}
    }
}
