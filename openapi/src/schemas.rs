//! The schemas of requests and answers, each by its name in one place.

use schemars::{
    JsonSchema, SchemaGenerator,
    generate::{Contract, SchemaSettings},
};
use serde_json::{Map, Value, json};
use shared::http::Dialect;

use crate::{Error, examples::Examples};

/// Parameters that Metabase takes for absent when they make no sense.
const IGNORED: [&str; 5] = ["limit", "offset", "sort", "last_login_after", "last_login_before"];

/// Collects schemas while operations are described.
pub(crate) struct Schemas {
    /// What examples show.
    pub(crate) examples: Examples,
    dialect: Dialect,
    requests: SchemaGenerator,
    answers: SchemaGenerator,
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
    pub(crate) fn new(dialect: Dialect) -> Result<Self, Error> {
        let requests = generator(Contract::Deserialize);
        let answers = generator(Contract::Serialize);
        Ok(Self { examples: Examples::new()?, dialect, requests, answers })
    }

    /// Which API is described.
    pub(crate) const fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// The schema of a body that clients send.
    pub(crate) fn request<T: JsonSchema>(&mut self) -> Value {
        self.requests.subschema_for::<T>().to_value()
    }

    /// The schema of a body that clients get.
    pub(crate) fn answer<T: JsonSchema>(&mut self) -> Value {
        self.answers.subschema_for::<T>().to_value()
    }

    /// The parameters of a query, which are the fields of a type.
    pub(crate) fn query<T: JsonSchema>(&mut self) -> Vec<Value> {
        let schema = generator(Contract::Deserialize).into_root_schema_for::<T>().to_value();
        let part = |name: &str| schema.get(name).cloned().unwrap_or_default();
        let required: Vec<String> = serde_json::from_value(part("required")).unwrap_or_default();
        let Value::Object(properties) = part("properties") else { return Vec::new() };
        let parameter = |(name, mut schema): (String, Value)| {
            let description =
                schema.as_object_mut().and_then(|schema| schema.remove("description"));
            json!({
                "name": name,
                "in": "query",
                "required": required.contains(&name),
                "description": description,
                "schema": self.parameter(&name, schema),
            })
        };
        properties.into_iter().map(parameter).collect()
    }

    fn parameter(&self, name: &str, mut schema: Value) -> Value {
        never_null(&mut schema);
        forget_widths(&mut schema);
        if self.dialect == Dialect::Metabase && IGNORED.contains(&name) {
            // What is no number there is as if it were not there.
            return json!({ "anyOf": [schema, { "type": "string" }] });
        }
        schema
    }

    /// Every schema that has a name.
    pub(crate) fn components(&mut self) -> Result<Map<String, Value>, Error> {
        let mut requests = self.requests.take_definitions(true);
        if self.dialect == Dialect::Metabase {
            requests.values_mut().for_each(take_texts_too);
        }
        let mut all = self.answers.take_definitions(true);
        for (name, schema) in requests {
            if all.get(&name).is_some_and(|other| *other != schema) {
                return Err(format!("two types are called {name}").into());
            }
            all.insert(name, schema);
        }
        all.values_mut().for_each(forget_widths);
        Ok(all)
    }
}

/// How many bits a number has here is nobody's business but `int64`.
fn forget_widths(schema: &mut Value) {
    match schema {
        Value::Array(schemas) => schemas.iter_mut().for_each(forget_widths),
        Value::Object(object) => {
            object.retain(|key, value| key != "format" || *value != "uint64" && *value != "uint");
            object.values_mut().for_each(forget_widths);
        }
        _ => {}
    }
}

/// A parameter of a query is absent or has a value.
fn never_null(schema: &mut Value) {
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

/// A list of one type is that type.
fn one_type(schema: &mut Map<String, Value>) {
    let only = match schema.get("type").and_then(Value::as_array).map(Vec::as_slice) {
        Some([only]) => only.clone(),
        _ => return,
    };
    schema.insert("type".to_owned(), only);
}

/// Metabase takes `"true"` for true and `"5"` for 5.
fn take_texts_too(schema: &mut Value) {
    match schema {
        Value::Array(schemas) => schemas.iter_mut().for_each(take_texts_too),
        Value::Object(object) => {
            object.values_mut().for_each(take_texts_too);
            if let Some(pattern) = object.get("type").and_then(pattern_of) {
                *schema = also_as_text(object, pattern);
            }
        }
        _ => {}
    }
}

/// What a text looks like that stands for a value of a kind.
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

fn also_as_text(strict: &mut Map<String, Value>, pattern: &str) -> Value {
    let description = strict.remove("description").map(|text| ("description".to_owned(), text));
    let forms = json!([strict, { "type": "string", "pattern": pattern }]);
    description.into_iter().chain([("anyOf".to_owned(), forms)]).collect()
}
