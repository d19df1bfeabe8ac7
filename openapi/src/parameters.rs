//! What an operation is told in its path and query.

use schemars::JsonSchema;
use serde_json::json;
use shared::{domain::UserId, http::ApiError};

use crate::{errors, operation::Operation};

impl Operation<'_> {
    /// Names an account in the path, which the caller may not learn about.
    pub(crate) fn path_user_id(self) -> Self {
        let operation = self.path_id("The account's number.", 2);
        operation.error("forbidden", ApiError::Forbidden).error("unknown", ApiError::NotFound)
    }

    /// Has a number in the path.
    pub(crate) fn path_id(mut self, description: &str, example: u64) -> Self {
        let schema = self.schemas.request::<UserId>();
        self.parameters.push(json!({
            "name": "id", "in": "path", "required": true, "description": description,
            "schema": schema, "example": example,
        }));
        let out_of_range = errors::invalid("id", "value must be an integer greater than zero.").1;
        self.error("id-no-number", ApiError::InvalidPathId).error("id-out-of-range", out_of_range)
    }

    /// Has one of some words in the path.
    pub(crate) fn path_enum(mut self, name: &str, description: &str, words: &[&str]) -> Self {
        self.parameters.push(json!({
            "name": name, "in": "path", "required": true, "description": description,
            "schema": { "type": "string", "enum": words },
        }));
        self
    }

    /// Has a text of a type in the path.
    pub(crate) fn path_text<T: JsonSchema>(
        mut self,
        name: &str,
        description: &str,
        example: &str,
    ) -> Self {
        let schema = self.schemas.request::<T>();
        self.parameters.push(json!({
            "name": name, "in": "path", "required": true, "description": description,
            "schema": schema, "example": example,
        }));
        self
    }

    /// Has a query with the fields of a type.
    pub(crate) fn query<T: JsonSchema>(mut self) -> Self {
        self.parameters.extend(self.schemas.query::<T>());
        self
    }
}
