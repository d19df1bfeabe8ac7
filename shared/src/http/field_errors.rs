//! Error messages for the fields of a request.

use serde_json::{Map, Value};

/// Error messages by field. The fields of a nested object are nested, too.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FieldErrors(Map<String, Value>);

impl FieldErrors {
    /// Creates an error for one field.
    #[must_use]
    pub fn single(field: &str, message: impl Into<String>) -> Self {
        let mut errors = Self::default();
        errors.add(field, message);
        errors
    }

    /// Creates an error for both fields that can list groups.
    #[must_use]
    pub fn groups(message: &str) -> Self {
        let mut errors = Self::single("group_ids", message);
        errors.add("user_group_memberships", message);
        errors
    }

    pub(super) fn add(&mut self, field: &str, message: impl Into<String>) {
        self.0.insert(field.to_owned(), Value::String(message.into()));
    }

    /// Adds the errors of a nested object.
    pub fn nest(&mut self, field: &str, errors: Self) {
        if !errors.is_empty() {
            self.0.insert(field.to_owned(), Value::Object(errors.0));
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) const fn as_map(&self) -> &Map<String, Value> {
        &self.0
    }

    /// Returns a sentence with the field names. All of them are known fields, so the sentence
    /// contains nothing sent by the client.
    pub(super) fn summary(&self) -> String {
        let fields: Vec<&str> = self.0.keys().map(String::as_str).collect();
        format!("Invalid value for {}.", fields.join(", "))
    }
}
