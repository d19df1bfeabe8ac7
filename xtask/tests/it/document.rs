//! The documents are complete and consistent.

use std::collections::BTreeSet;

use functions::routes::ROUTES;
use openapi::Tag;
use serde_json::Value;
use shared::http::Dialect;
use testkit::description;
use xtask::DOCUMENTS;

/// The routes of the metabase dialect alone.
const PROBES: [&str; 2] = ["/livez", "/readyz"];

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

/// All operations of a document.
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
fn the_document_contains_exactly_the_routes() {
    let described = ROUTES.iter().filter(|route| route.tag != Tag::Pages);
    let mut routes: BTreeSet<_> =
        described.map(|route| (route.method.to_owned(), route.path)).collect();
    let files = ROUTES.iter().filter(|route| route.tag == Tag::Documentation);
    routes.extend(files.map(|route| ("HEAD".to_owned(), route.path)));
    for (dialect, _) in DOCUMENTS {
        if dialect == Dialect::Documented {
            routes.retain(|(_, path)| !PROBES.contains(path));
        } else {
            routes.extend(PROBES.map(|path| ("GET".to_owned(), path)));
        }
        let document = xtask::document(dialect).unwrap();
        let described: BTreeSet<_> =
            operations(&document).map(|operation| (operation.method, operation.path)).collect();
        assert_eq!(described, routes);
    }
}

#[test]
fn every_operation_documents_its_access_and_errors() {
    for (dialect, _) in DOCUMENTS {
        for operation in operations(description(dialect).json()) {
            let name = operation.id();
            let json = operation.json;
            let has_text = |field: &str| json[field].as_str().is_some_and(|text| text.len() > 5);
            assert!(has_text("summary") && has_text("description"), "{name}");
            let responses = json["responses"].as_object().unwrap();
            let succeeds = responses.keys().any(|status| status.starts_with('2'));
            // Metabase sells it.
            assert_eq!(succeeds, name != "update-membership", "{name}");
            assert_eq!(responses.contains_key("401"), has_unauthorized(&operation), "{name}");
            let has_body = json.get("requestBody").is_some();
            assert_eq!(responses.contains_key("415"), has_body, "{name}");
            assert_eq!(responses.contains_key("413"), has_body, "{name}");
        }
    }
}

/// Whether the operation can return 401. A logout without a session returns 404.
fn has_unauthorized(operation: &Operation<'_>) -> bool {
    match operation.id() {
        "login" => true,
        "logout" => false,
        _ => operation.json.get("security").is_some(),
    }
}

#[test]
fn every_reference_has_a_target() {
    for (dialect, _) in DOCUMENTS {
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
