//! Every answer in a test is one that the API's description promises, and nothing more.

use std::{
    collections::{BTreeSet, HashMap},
    sync::{LazyLock, Mutex},
};

use axum::http::HeaderMap;
use jsonschema::{Draft, Validator};
use serde_json::{Value, json};
use shared::http::Dialect;

use crate::TestResponse;

static DOCUMENTED: LazyLock<Document> =
    LazyLock::new(|| Document::new(include_str!("../../openapi.json")));
static METABASE: LazyLock<Document> =
    LazyLock::new(|| Document::new(include_str!("../../openapi-metabase.json")));

/// Which keys an object may have whose fields are described.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExtraKeys {
    /// Those that are described, as we promise of answers.
    Forbidden,
    /// Any, as we take them.
    Allowed,
}

/// A document, and the schemas of it that were asked for.
pub struct Document {
    json: Value,
    validators: Mutex<HashMap<String, &'static Validator>>,
}

/// The description of a dialect, as it is committed.
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

    /// The document itself.
    #[must_use]
    pub const fn json(&self) -> &Value {
        &self.json
    }

    /// Stops the test unless the operation promises the answer.
    pub(crate) fn check(&self, operation: &str, answer: &TestResponse) {
        let TestResponse { status, headers, body } = answer;
        let name = format!("{operation}/responses/{status}");
        let response = self.at(&name);
        check_headers(&self.json, &name, response, headers);
        let Some(content) = response.get("content") else {
            assert!(body.is_null(), "{name} has a body: {body}");
            return;
        };
        let kind = headers["content-type"].to_str().expect("a text");
        let kind = kind.split(';').next().unwrap_or_default();
        let schema = content.get(kind).unwrap_or_else(|| panic!("{name} is never {kind}"));
        let wrong = self.validation_errors(&schema["schema"], body, ExtraKeys::Forbidden);
        assert!(wrong.is_empty(), "{name}: {wrong:#?} in {body:#}");
    }

    /// Stops the test if a body that the operation took is not what it asks for.
    pub(crate) fn check_request(&self, operation: &str, body: &Value) {
        let name = format!("{operation}/requestBody");
        if let Some(content) = self.json.pointer(&format!("{name}/content/application~1json")) {
            let wrong = self.validation_errors(&content["schema"], body, ExtraKeys::Allowed);
            assert!(wrong.is_empty(), "{name}: {wrong:#?} in {body:#}");
        }
    }

    /// A part of the document, behind its reference if it is one.
    fn at(&self, pointer: &str) -> &Value {
        let found = self.json.pointer(pointer);
        let found = found.unwrap_or_else(|| panic!("{pointer} is not described"));
        resolved(&self.json, found)
    }

    /// In what `value` is not as a schema says.
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

/// Where an operation is in the document.
pub(crate) fn operation(method: &str, path: &str) -> String {
    let path = path.replace('/', "~1");
    format!("/paths/{path}/{}", method.to_ascii_lowercase())
}

fn resolved<'d>(document: &'d Value, value: &'d Value) -> &'d Value {
    match value.get("$ref").and_then(Value::as_str) {
        Some(reference) => {
            document.pointer(reference.trim_start_matches('#')).expect("what is referred to")
        }
        None => value,
    }
}

/// The headers that are promised are there, and those that tell of sessions and waits only then.
fn check_headers(document: &Value, name: &str, response: &Value, headers: &HeaderMap) {
    let none = json!({});
    let promised = response.get("headers").unwrap_or(&none).as_object().expect("headers");
    for (header, told) in promised {
        let is_required = resolved(document, told)["required"] == true;
        assert!(!is_required || headers.contains_key(header), "{name} has no {header}");
    }
    let promised: BTreeSet<String> =
        promised.keys().map(|name| name.to_ascii_lowercase()).collect();
    for header in headers.keys().filter(|header| !header.as_str().starts_with("content-")) {
        assert!(promised.contains(header.as_str()), "{name} does not tell of {header}");
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

/// An object whose fields are described has no other.
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
