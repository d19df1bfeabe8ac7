//! Parameters of an operation.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, json};
use shared::{
    domain::UserId,
    http::{ApiError, Dialect, PageLimit, PageOffset},
};

use crate::{Operation, errors};

/// A parameter object.
#[derive(Debug, Serialize)]
pub(crate) struct Parameter {
    pub(crate) name: String,
    #[serde(rename = "in")]
    pub(crate) place: &'static str,
    pub(crate) required: bool,
    pub(crate) description: String,
    pub(crate) schema: Value,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) example: Option<Value>,
}

/// A page. Without both parameters, the response contains the whole list.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "a schema, never constructed")]
struct PageParameters {
    /// Items in a page, 50 by default with `offset`.
    limit: Option<PageLimit>,
    /// Items before the page, 0 by default with `limit`.
    offset: Option<PageOffset>,
}

impl Parameter {
    /// An optional header with any value.
    pub(crate) fn header(name: &str, description: &str) -> Self {
        Self {
            name: name.to_owned(),
            place: "header",
            required: false,
            description: description.to_owned(),
            schema: json!({ "type": "string" }),
            example: None,
        }
    }
}

impl Operation<'_> {
    /// Adds the ID of a user to the path.
    #[must_use]
    pub fn path_user_id(self) -> Self {
        self.path_id("The user ID.").error("internal-user", ApiError::InternalUser)
    }

    /// Adds an ID to the path, with 400 for an invalid one and 404 for an unknown one.
    #[must_use]
    pub fn path_id(self, description: &str) -> Self {
        let out_of_range = errors::invalid("id", "value must be an integer greater than zero.");
        self.path_text::<UserId>("id", description)
            .error("id-not-a-number", ApiError::InvalidPathId)
            .error("id-out-of-range", out_of_range)
            .error("unknown", ApiError::NotFound)
    }

    /// Adds a value of a type to the path.
    #[must_use]
    pub fn path_text<T: JsonSchema>(self, name: &str, description: &str) -> Self {
        let schema = self.schemas.request::<T>();
        self.path(name, description, schema)
    }

    /// Adds a path parameter with a fixed set of values.
    #[must_use]
    pub fn path_enum(self, name: &str, description: &str, values: &[&str]) -> Self {
        self.path(name, description, json!({ "type": "string", "enum": values }))
    }

    /// Adds a path parameter, with the value of the event as its example.
    fn path(mut self, name: &str, description: &str, schema: Value) -> Self {
        let example = self.path_example(name).map(|text| match text.parse::<u64>() {
            Ok(number) => json!(number),
            Err(_) => json!(text),
        });
        self.parameters.push(Parameter {
            name: name.to_owned(),
            place: "path",
            required: true,
            description: description.to_owned(),
            schema,
            example,
        });
        self
    }

    /// Adds `limit` and `offset`, with 400 for an invalid one in the documented dialect.
    #[must_use]
    pub fn page(self) -> Self {
        let is_documented = self.dialect() == Dialect::Documented;
        self.dialects(
            "documented rejects an invalid `limit` or `offset` with 400, metabase ignores it and \
            accepts any `limit` from 0.",
        )
        .query::<PageParameters>()
        .error_if(
            is_documented,
            "invalid-limit",
            errors::invalid_value::<PageLimit>("limit"),
        )
    }

    /// Adds the fields of a type as query parameters.
    #[must_use]
    pub fn query<T: JsonSchema>(mut self) -> Self {
        self.parameters.extend(self.schemas.query::<T>());
        self
    }
}
