//! The documents are current, whole and sound.

use std::{collections::BTreeSet, fs, path::Path};

use functions::routes::ROUTES;
use openapi::FILES;
use serde_json::Value;
use testkit::description;

#[test]
fn what_is_committed_is_what_the_code_says() {
    for (dialect, name) in FILES {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(name);
        let committed = fs::read_to_string(file).unwrap();
        let is_current = committed == openapi::text(dialect).unwrap();
        assert!(is_current, "{name} is out of date: cargo run -p openapi");
    }
}

/// An operation of a document.
pub(crate) struct Operation<'d> {
    pub(crate) method: String,
    pub(crate) path: &'d str,
    pub(crate) json: &'d Value,
}

impl Operation<'_> {
    pub(crate) fn id(&self) -> &str {
        self.json["operationId"].as_str().unwrap()
    }
}

/// Everything that a document describes.
pub(crate) fn operations(document: &Value) -> impl Iterator<Item = Operation<'_>> {
    document["paths"].as_object().unwrap().iter().flat_map(|(path, operations)| {
        let operations = operations.as_object().unwrap().iter();
        operations.map(move |(method, json)| Operation {
            method: method.to_uppercase(),
            path,
            json,
        })
    })
}

#[test]
fn every_route_is_described_and_nothing_else() {
    let routes: BTreeSet<_> =
        ROUTES.iter().map(|route| (route.method.to_owned(), route.path)).collect();
    for (dialect, _) in FILES {
        let document = openapi::document(dialect).unwrap();
        let described: BTreeSet<_> =
            operations(&document).map(|operation| (operation.method, operation.path)).collect();
        assert_eq!(described, routes);
    }
}

#[test]
fn every_operation_says_who_may_use_it_and_what_can_go_wrong() {
    for (dialect, _) in FILES {
        for operation in operations(description(dialect).json()) {
            let (name, method) = (operation.id(), &operation.method);
            let json = operation.json;
            let told = |field: &str| json[field].as_str().is_some_and(|text| text.len() > 5);
            assert!(told("summary") && told("description"), "{name}");
            let responses = json["responses"].as_object().unwrap();
            let succeeds = responses.keys().any(|status| status.starts_with('2'));
            assert_eq!(succeeds, !responses.contains_key("402") || method == "POST", "{name}");
            assert_eq!(responses.contains_key("401"), asks_who_calls(&operation), "{name}");
            let has_body = json.get("requestBody").is_some();
            assert_eq!(responses.contains_key("415"), has_body, "{name}");
            assert_eq!(responses.contains_key("413"), has_body, "{name}");
        }
    }
}

/// A logout without a session is 404, and a login is asked for more than a session.
fn asks_who_calls(operation: &Operation<'_>) -> bool {
    match operation.id() {
        "login" => true,
        "logout" => false,
        _ => operation.json.get("security").is_some(),
    }
}

#[test]
fn every_reference_leads_somewhere() {
    for (dialect, _) in FILES {
        let document = description(dialect).json();
        let mut references = BTreeSet::new();
        collect(document, &mut references);
        assert!(references.len() > 20);
        for reference in references {
            let pointer = reference.strip_prefix('#').unwrap();
            assert!(document.pointer(pointer).is_some(), "{reference}");
        }
    }
}

fn collect<'d>(value: &'d Value, references: &mut BTreeSet<&'d str>) {
    if let Some(reference) = value.get("$ref").and_then(Value::as_str) {
        references.insert(reference);
    }
    match value {
        Value::Array(items) => items.iter().for_each(|item| collect(item, references)),
        Value::Object(fields) => fields.values().for_each(|field| collect(field, references)),
        _ => {}
    }
}
