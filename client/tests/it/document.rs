//! The operations of the client and those of `openapi.json` are the same.

use std::collections::BTreeMap;

use client::operations;
use serde_json::Value;
use shared::http::Dialect;
use testkit::description;

/// Operations without a method, with the reason.
const EXCLUDED: [(&str, &str); 7] = [
    ("docs", "a page for people"),
    ("docs-asset", "an asset of that page"),
    ("head-docs", "the headers of that page"),
    ("head-docs-asset", "the headers of that asset"),
    ("head-openapi", "the headers of a document"),
    ("put-send-invite", "another method of send-invite"),
    ("update-membership", "always 402, a paid feature of Metabase"),
];

/// All operations of the document by ID: method, path and the operation.
fn documented() -> BTreeMap<&'static str, (String, &'static str, &'static Value)> {
    let document = description(Dialect::Documented).json();
    let mut operations = BTreeMap::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            if let Some(id) = operation["operationId"].as_str() {
                let entry = (method.to_uppercase(), path.as_str(), operation);
                assert!(operations.insert(id, entry).is_none(), "{id} is repeated");
            }
        }
    }
    operations
}

#[test]
fn every_operation_has_a_method_or_a_reason() {
    let documented = documented();
    let mut expected: Vec<_> = documented.keys().copied().collect();
    let mut covered: Vec<_> = operations().iter().map(|operation| operation.id).collect();
    covered.extend(EXCLUDED.map(|(id, _)| id));
    covered.sort_unstable();
    expected.sort_unstable();
    assert_eq!(covered, expected);
}

#[test]
fn every_operation_has_the_method_and_path_of_the_document() {
    let documented = documented();
    for operation in operations() {
        let (method, path, _) = &documented[operation.id];
        assert_eq!((operation.method, operation.path), (method.as_str(), *path));
    }
}

#[test]
fn every_type_deserializes_the_examples_of_the_document() {
    let documented = documented();
    let mut examples = 0;
    for operation in operations() {
        let (.., described) = &documented[operation.id];
        for (status, response) in described["responses"].as_object().unwrap() {
            let all = response["content"]["application/json"]["examples"].as_object();
            for (name, example) in all.into_iter().flatten().filter(|_| status.starts_with('2')) {
                let body = example["value"].to_string();
                let parsed = (operation.parse)(&body);
                assert_eq!(parsed, Ok(()), "{} {name}: {body}", (operation.response)());
                examples += 1;
            }
        }
    }
    assert!(examples >= 40, "only {examples} examples");
}
