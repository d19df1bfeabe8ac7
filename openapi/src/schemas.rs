//! JSON schemas of requests and responses.

use schemars::{
    JsonSchema, SchemaGenerator,
    generate::{Contract, SchemaSettings},
};
use serde_json::{Map, Value, json};
use shared::http::{AuditLimit, Dialect};

use crate::{Error, Examples, parameters::Parameter};

/// Query parameters ignored by Metabase if they are invalid.
const IGNORED: [&str; 3] = ["limit", "offset", "status"];

/// One of two types.
#[derive(Debug, JsonSchema)]
#[schemars(inline, untagged)]
pub enum OneOf<A, B> {
    /// The first type.
    First(A),
    /// The second type.
    Second(B),
}

/// A collection of the schemas used by operations.
#[derive(Debug)]
pub struct Schemas {
    /// The objects in examples.
    pub(crate) examples: Examples,
    dialect: Dialect,
    requests: SchemaGenerator,
    responses: SchemaGenerator,
}

fn generator(contract: Contract) -> SchemaGenerator {
    let settings = SchemaSettings::draft2020_12().with(|settings| {
        settings.definitions_path = "/components/schemas".into();
        settings.contract = contract;
        settings.meta_schema = None;
    });
    settings.into_generator()
}

impl Schemas {
    /// An empty collection for a dialect.
    ///
    /// # Errors
    ///
    /// Fails if an example is invalid.
    pub fn new(dialect: Dialect) -> Result<Self, Error> {
        let requests = generator(Contract::Deserialize);
        let responses = generator(Contract::Serialize);
        Ok(Self { examples: Examples::new()?, dialect, requests, responses })
    }

    /// The dialect of the document.
    pub(crate) const fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// The schema of a value in a request.
    pub(crate) fn request<T: JsonSchema>(&mut self) -> Value {
        self.requests.subschema_for::<T>().to_value()
    }

    /// The schema of a response body.
    pub(crate) fn response<T: JsonSchema>(&mut self) -> Value {
        self.responses.subschema_for::<T>().to_value()
    }

    /// The query parameters of a type, one for each field.
    pub(crate) fn query<T: JsonSchema>(&mut self) -> Vec<Parameter> {
        let schema = generator(Contract::Deserialize).into_root_schema_for::<T>().to_value();
        let part = |name: &str| schema.get(name).cloned().unwrap_or_default();
        let required: Vec<String> = serde_json::from_value(part("required")).unwrap_or_default();
        let Value::Object(properties) = part("properties") else { return Vec::new() };
        let parameter = |(name, mut schema): (String, Value)| {
            let text = schema.as_object_mut().and_then(|schema| schema.remove("description"));
            Parameter {
                place: "query",
                required: required.contains(&name),
                description: text.as_ref().and_then(Value::as_str).unwrap_or_default().to_owned(),
                schema: self.parameter(&name, schema),
                example: None,
                name,
            }
        };
        properties.into_iter().map(parameter).collect()
    }

    fn parameter(&self, name: &str, mut schema: Value) -> Value {
        remove_null(&mut schema);
        remove_widths(&mut schema);
        if self.dialect == Dialect::Metabase && schema.get("items").is_some() {
            // In Metabase, no parameter is repeated.
            return schema.get("items").cloned().unwrap_or_default();
        }
        let is_of_metabase = schema.get("maximum") != Some(&AuditLimit::MAX.into());
        if self.dialect == Dialect::Metabase && IGNORED.contains(&name) && is_of_metabase {
            // Metabase ignores any other text.
            return json!({ "anyOf": [schema, { "type": "string" }] });
        }
        schema
    }

    /// All named schemas.
    ///
    /// # Errors
    ///
    /// Fails if two different types have the same name.
    pub fn components(&mut self) -> Result<Map<String, Value>, Error> {
        let mut requests = self.requests.take_definitions(true);
        if self.dialect == Dialect::Metabase {
            requests.values_mut().for_each(allow_strings);
        }
        let mut all = self.responses.take_definitions(true);
        for (name, schema) in requests {
            if all.get(&name).is_some_and(|other| *other != schema) {
                return Err(format!("two types have the name {name}").into());
            }
            all.insert(name, schema);
        }
        all.values_mut().for_each(remove_widths);
        Ok(all)
    }
}

/// Removes the formats of unsigned integers, which OpenAPI does not define.
fn remove_widths(schema: &mut Value) {
    match schema {
        Value::Array(schemas) => schemas.iter_mut().for_each(remove_widths),
        Value::Object(object) => {
            object.retain(|key, value| key != "format" || *value != "uint64" && *value != "uint");
            object.values_mut().for_each(remove_widths);
        }
        _ => {}
    }
}

/// Removes null, because a query parameter cannot be null.
fn remove_null(schema: &mut Value) {
    let Value::Object(object) = schema else { return };
    for name in ["type", "enum", "anyOf"] {
        let Some(Value::Array(forms)) = object.get_mut(name) else { continue };
        forms.retain(|form| {
            !form.is_null() && *form != "null" && form.get("type").is_none_or(|kind| kind != "null")
        });
    }
    match object.get("anyOf").and_then(Value::as_array).map(Vec::as_slice) {
        Some([only]) => *schema = only.clone(),
        _ => one_type(object),
    }
}

/// Replaces a list with one type by the type.
fn one_type(schema: &mut Map<String, Value>) {
    let only = match schema.get("type").and_then(Value::as_array).map(Vec::as_slice) {
        Some([only]) => only.clone(),
        _ => return,
    };
    schema.insert("type".to_owned(), only);
}

/// Allows strings for booleans and integers, like Metabase: `"true"`, `"5"`.
fn allow_strings(schema: &mut Value) {
    match schema {
        Value::Array(schemas) => schemas.iter_mut().for_each(allow_strings),
        Value::Object(object) => {
            object.values_mut().for_each(allow_strings);
            if let Some(pattern) = object.get("type").and_then(pattern_of) {
                *schema = or_string(object, pattern);
            }
        }
        _ => {}
    }
}

/// The pattern of a string for a value of a type.
fn pattern_of(kind: &Value) -> Option<&'static str> {
    let is = |name: &str| {
        kind == name || kind.as_array().is_some_and(|kinds| kinds.contains(&json!(name)))
    };
    if is("boolean") {
        Some("^([tT][rR][uU][eE]|[fF][aA][lL][sS][eE])$")
    } else {
        is("integer").then_some(r"^\+?0*[1-9][0-9]{0,17}$")
    }
}

fn or_string(strict: &mut Map<String, Value>, pattern: &str) -> Value {
    let description = strict.remove("description").map(|text| ("description".to_owned(), text));
    let forms = json!([strict, { "type": "string", "pattern": pattern }]);
    description.into_iter().chain([("anyOf".to_owned(), forms)]).collect()
}
