//! What is wrong with the fields of a request.

use serde_json::{Map, Value};

/// Messages by field; the fields of an object within the object nest.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FieldErrors(Map<String, Value>);

impl FieldErrors {
    /// One field and its message.
    #[must_use]
    pub fn single(field: &str, message: impl Into<String>) -> Self {
        let mut errors = Self::default();
        errors.add(field, message);
        errors
    }

    /// What is wrong with the groups, whichever field listed them.
    #[must_use]
    pub fn groups(message: &str) -> Self {
        let mut errors = Self::single("group_ids", message);
        errors.add("user_group_memberships", message);
        errors
    }

    pub(super) fn add(&mut self, field: &str, message: impl Into<String>) {
        self.0.insert(field.to_owned(), Value::String(message.into()));
    }

    /// What is wrong within a field that is an object.
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

    /// Only names of fields that we know end up here, so nothing of the client's is reflected.
    pub(super) fn summary(&self) -> String {
        let fields: Vec<&str> = self.0.keys().map(String::as_str).collect();
        format!("Invalid value for {}.", fields.join(", "))
    }
}
