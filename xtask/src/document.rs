//! The OpenAPI documents.

use std::collections::{BTreeMap, HashMap};

use functions::routes::{ROUTES, Route};
use openapi::{COMPONENTS, Operation, OperationObject, Outline, Schemas, Tag};
use serde_json::{Map, Value, json};
use shared::http::Dialect;

use crate::{Error, GeneratedFile, catalog::operation_id};

/// Operations by path and method.
type Paths = BTreeMap<&'static str, BTreeMap<String, OperationObject>>;

/// The dialects, and the files with their documents.
pub const DOCUMENTS: [(Dialect, &str); 2] =
    [(Dialect::Documented, "openapi.json"), (Dialect::Metabase, "openapi-metabase.json")];

const INTRODUCTION: &str = include_str!("introduction.md");

/// Statuses with a response shared by many operations, and the names of the responses.
const SHARED: [(&str, &str); 7] = [
    ("401", "Unauthorized"),
    ("403", "Forbidden"),
    ("404", "NotFound"),
    ("413", "PayloadTooLarge"),
    ("415", "UnsupportedMediaType"),
    ("500", "InternalServerError"),
    ("503", "ServiceUnavailable"),
];

/// The documents of both dialects.
pub(crate) fn files() -> Result<Vec<GeneratedFile>, Error> {
    let mut files = Vec::new();
    for (dialect, path) in DOCUMENTS {
        let text = serde_json::to_string_pretty(&document(dialect)?)? + "\n";
        files.push(GeneratedFile::new(path, text));
    }
    Ok(files)
}

/// The document of a dialect.
///
/// # Errors
///
/// Fails if two types have the same name.
pub fn document(dialect: Dialect) -> Result<Value, Error> {
    let mut schemas = Schemas::new(dialect)?;
    let mut paths = Paths::new();
    for (route, method) in ROUTES.iter().flat_map(described_methods) {
        let operation = (route.doc)(Operation::new(&mut schemas, outline(route)));
        if !operation.is_described() {
            continue;
        }
        let object = operation.into_object(operation_id(route, method), method == "HEAD");
        paths.entry(route.path).or_default().insert(method.to_ascii_lowercase(), object);
    }
    let mut components: Map<String, Value> = serde_json::from_str(COMPONENTS)?;
    if dialect == Dialect::Documented
        && let Some(headers) = components.get_mut("headers").and_then(Value::as_object_mut)
    {
        headers.remove("MetabaseVersion");
    }
    components.insert("responses".to_owned(), share_responses(&mut paths).into());
    components.insert("schemas".to_owned(), schemas.components()?.into());
    Ok(json!({
        "openapi": "3.1.0",
        "info": info(dialect),
        "servers": [{ "url": "/", "description": "The server of this document." }],
        "tags": tags(),
        "security": [],
        "paths": paths,
        "components": components,
    }))
}

/// The methods of a route with an operation.
///
/// HEAD has one for static files only. The introduction describes it for all other routes.
fn described_methods(route: &Route) -> impl Iterator<Item = (&Route, &'static str)> {
    let has_head = matches!(route.tag, Tag::Documentation);
    let methods = route.methods().iter().filter(move |method| has_head || **method != "HEAD");
    methods.map(move |method| (route, *method))
}

const fn outline(route: &Route) -> Outline {
    Outline {
        summary: route.summary,
        tag: route.tag,
        access: route.access,
        path_parameters: route.event.path,
    }
}

/// Moves the most common response of each shared status to the components.
fn share_responses(paths: &mut Paths) -> Map<String, Value> {
    let mut shared = Map::new();
    for (status, name) in SHARED {
        let operations = paths.values_mut().flat_map(BTreeMap::values_mut);
        let mut responses: Vec<&mut Value> =
            operations.filter_map(|operation| operation.responses.get_mut(status)).collect();
        let Some(common) = most_common(&responses) else { continue };
        for response in responses.iter_mut().filter(|response| ***response == common) {
            **response = json!({ "$ref": format!("#/components/responses/{name}") });
        }
        shared.insert(name.to_owned(), common);
    }
    shared
}

fn most_common(values: &[&mut Value]) -> Option<Value> {
    let mut counts: HashMap<String, usize> = HashMap::new();
    for value in values {
        *counts.entry(value.to_string()).or_default() += 1;
    }
    let most = values.iter().max_by_key(|value| counts.get(&value.to_string()))?;
    Some((**most).clone())
}

fn info(dialect: Dialect) -> Value {
    let name = match dialect {
        Dialect::Documented => "documented",
        Dialect::Metabase => "metabase",
    };
    json!({
        "title": "Users",
        "summary": "Users, passwords, groups and sessions, compatible with Metabase's User API",
        "description": INTRODUCTION.replace("{dialect}", name),
        "version": env!("CARGO_PKG_VERSION"),
        "contact": { "name": "The operator of this instance" },
        "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" },
    })
}

fn tags() -> Value {
    let tag = |tag: Tag| json!({ "name": tag.name(), "description": tag.description() });
    Tag::ALL.into_iter().filter(|tag| *tag != Tag::Pages).map(tag).collect()
}
