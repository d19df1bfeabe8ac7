//! The document as a whole.

use std::{
    collections::{BTreeMap, HashMap},
    error,
};

use functions::routes::ROUTES;
use serde_json::{Map, Value, json};
use shared::http::Dialect;

use crate::{operation::OperationObject, routes, schemas::Schemas};

/// Why there is no document: something is not described, or not as it must be.
pub type Error = Box<dyn error::Error + Send + Sync>;

/// Operations by path and method.
type Paths = BTreeMap<&'static str, BTreeMap<String, OperationObject>>;

/// The documents, and the files that they are in.
pub const FILES: [(Dialect, &str); 2] =
    [(Dialect::Documented, "openapi.json"), (Dialect::Metabase, "openapi-metabase.json")];

const INTRODUCTION: &str = include_str!("introduction.md");
/// Ways to say who calls, and headers of answers.
const COMPONENTS: &str = include_str!("components.json");

/// The document of a dialect as it is committed.
///
/// # Errors
///
/// As [`document`].
pub fn text(dialect: Dialect) -> Result<String, Error> {
    Ok(serde_json::to_string_pretty(&document(dialect)?)? + "\n")
}

/// The document of a dialect.
///
/// # Errors
///
/// When a route is not described, or two types have one name.
pub fn document(dialect: Dialect) -> Result<Value, Error> {
    let mut schemas = Schemas::new(dialect)?;
    let mut paths = Paths::new();
    for route in ROUTES {
        let operation = routes::describe(route, &mut schemas)?;
        let operation = operation.described(routes::id(route), route.method == "HEAD");
        paths.entry(route.path).or_default().insert(route.method.to_ascii_lowercase(), operation);
    }
    let mut components: Map<String, Value> = serde_json::from_str(COMPONENTS)?;
    components.insert("responses".to_owned(), share_responses(&mut paths)?.into());
    components.insert("schemas".to_owned(), schemas.components()?.into());
    Ok(json!({
        "openapi": "3.1.0",
        "info": info(dialect),
        "servers": [{ "url": "/", "description": "Where this document came from" }],
        "tags": tags(),
        "security": [],
        "paths": paths,
        "components": components,
    }))
}

/// The names of responses that many operations have.
const SHARED: [(&str, &str); 7] = [
    ("401", "Unauthenticated"),
    ("403", "Forbidden"),
    ("404", "NotFound"),
    ("413", "TooLarge"),
    ("415", "NotJson"),
    ("500", "Failure"),
    ("503", "Busy"),
];

/// Takes out of the operations, for each of the statuses, the response that most of them have.
fn share_responses(paths: &mut Paths) -> Result<Map<String, Value>, Error> {
    let mut shared = Map::new();
    for (status, name) in SHARED {
        let operations = paths.values_mut().flat_map(BTreeMap::values_mut);
        let mut responses: Vec<&mut Value> =
            operations.filter_map(|operation| operation.responses.get_mut(status)).collect();
        let most = most_common(&responses).ok_or("a shared response is nobody's")?;
        for response in responses.iter_mut().filter(|response| ***response == most) {
            **response = json!({ "$ref": format!("#/components/responses/{name}") });
        }
        shared.insert(name.to_owned(), most);
    }
    Ok(shared)
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
    let spoken = match dialect {
        Dialect::Documented => "documented",
        Dialect::Metabase => "metabase",
    };
    json!({
        "title": "Users",
        "summary": "Accounts, profiles, passwords, groups and sessions, compatible with Metabase's User API",
        "description": INTRODUCTION.replace("{dialect}", spoken),
        "version": env!("CARGO_PKG_VERSION"),
        "contact": { "name": "Whoever operates this instance" },
        "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" },
    })
}

fn tags() -> Value {
    let tag =
        |(name, description): &(&str, &str)| json!({ "name": name, "description": description });
    routes::TAGS.iter().map(tag).collect()
}
