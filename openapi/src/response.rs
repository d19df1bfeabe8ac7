//! One response of an operation.

use std::collections::BTreeMap;

use serde::{Serialize, Serializer};
use serde_json::{Map, Value, json};

/// The response object for one status.
#[derive(Debug, Clone, Serialize)]
pub struct ResponseObject {
    description: String,
    headers: BTreeMap<&'static str, Value>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    content: BTreeMap<String, Content>,
    #[serde(skip_serializing_if = "Map::is_empty")]
    links: Map<String, Value>,
}

/// The bodies of one media type.
#[derive(Debug, Clone, Default, Serialize)]
struct Content {
    #[serde(rename = "schema", serialize_with = "any_of")]
    schemas: Vec<Value>,
    #[serde(skip_serializing_if = "Map::is_empty")]
    examples: Map<String, Value>,
}

fn any_of<S: Serializer>(schemas: &[Value], serializer: S) -> Result<S::Ok, S::Error> {
    match schemas {
        [schema] => schema.serialize(serializer),
        schemas => json!({ "anyOf": schemas }).serialize(serializer),
    }
}

impl ResponseObject {
    /// A response without a body, and not cacheable.
    #[must_use]
    pub fn new(description: &str) -> Self {
        let response = Self {
            description: description.to_owned(),
            headers: BTreeMap::new(),
            content: BTreeMap::new(),
            links: Map::new(),
        };
        response.header("Cache-Control", "NoStore")
    }

    /// Adds a header defined in `openapi/src/components.json`.
    pub(crate) fn header(self, name: &'static str, component: &str) -> Self {
        self.own_header(name, json!({ "$ref": format!("#/components/headers/{component}") }))
    }

    /// Adds a header with its definition.
    pub(crate) fn own_header(mut self, name: &'static str, header: Value) -> Self {
        self.headers.insert(name, header);
        self
    }

    /// Adds a body of a media type. With several schemas, each is possible.
    pub(crate) fn body(mut self, media: &str, schema: Value) -> Self {
        let content = self.content.entry(media.to_owned()).or_default();
        if !content.schemas.contains(&schema) {
            content.schemas.push(schema);
        }
        self
    }

    /// Adds an example of a body.
    pub(crate) fn example(mut self, media: &str, name: &str, example: Value) -> Self {
        let content = self.content.entry(media.to_owned()).or_default();
        content.examples.insert(name.to_owned(), example);
        self
    }

    /// Adds a link to an operation on the same ID.
    pub(crate) fn link(mut self, operation: &str, id: &str) -> Self {
        let link = json!({ "operationId": operation, "parameters": { "id": id } });
        self.links.insert(operation.to_owned(), link);
        self
    }

    /// The response to HEAD instead of GET.
    pub(crate) fn without_body(mut self) -> Self {
        self.content.clear();
        self
    }
}
