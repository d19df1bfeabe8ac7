//! One answer of an operation.

use std::collections::BTreeMap;

use serde::{Serialize, Serializer};
use serde_json::{Map, Value, json};

/// What is said of all answers with one status.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct ResponseObject {
    description: String,
    headers: BTreeMap<&'static str, Value>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    content: BTreeMap<String, Content>,
    #[serde(skip_serializing_if = "Map::is_empty")]
    links: Map<String, Value>,
}

/// What is said of the bodies of one media type.
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
    /// An answer that nobody may keep.
    pub(crate) fn new(description: &str) -> Self {
        let response = Self {
            description: description.to_owned(),
            headers: BTreeMap::new(),
            content: BTreeMap::new(),
            links: Map::new(),
        };
        response.header("Cache-Control", "NoStore")
    }

    /// The same with a header, as `openapi/src/components.json` describes it.
    pub(crate) fn header(self, name: &'static str, component: &str) -> Self {
        self.own_header(name, json!({ "$ref": format!("#/components/headers/{component}") }))
    }

    /// The same with a header that is described here.
    pub(crate) fn own_header(mut self, name: &'static str, header: Value) -> Self {
        self.headers.insert(name, header);
        self
    }

    /// The same with a body of a kind; one of another type may come instead of it.
    pub(crate) fn body(mut self, media: &str, schema: Value) -> Self {
        let content = self.content.entry(media.to_owned()).or_default();
        if !content.schemas.contains(&schema) {
            content.schemas.push(schema);
        }
        self
    }

    /// The same with an example of such a body.
    pub(crate) fn example(mut self, media: &str, name: &str, example: Value) -> Self {
        let content = self.content.entry(media.to_owned()).or_default();
        content.examples.insert(name.to_owned(), example);
        self
    }

    /// The same with what a client can do next with the answer.
    pub(crate) fn link(mut self, operation: &str, id: &str) -> Self {
        let link = json!({ "operationId": operation, "parameters": { "id": id } });
        self.links.insert(operation.to_owned(), link);
        self
    }

    /// The answer to HEAD in the place of this one to GET.
    pub(crate) fn without_body(mut self) -> Self {
        self.content.clear();
        self
    }
}
