//! Login attributes: notes of administrators about users, for other systems to read.

use std::collections::BTreeMap;

/// The values of the attributes by name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LoginAttributes(BTreeMap<String, String>);

impl LoginAttributes {
    /// Parses attributes. Rejects names that are empty or start with `@`, and NUL in names or
    /// values.
    ///
    /// # Errors
    ///
    /// Returns the error message for the client.
    pub fn parse(attributes: BTreeMap<String, String>) -> Result<Self, &'static str> {
        if attributes.keys().any(|name| name.starts_with('@')) {
            return Err("login attribute keys must not start with `@`");
        }
        let is_storable = |text: &String| !text.contains('\0');
        if attributes
            .iter()
            .all(|(name, value)| !name.is_empty() && is_storable(name) && is_storable(value))
        {
            Ok(Self(attributes))
        } else {
            Err("login attribute keys must not be empty, and no text may contain NUL.")
        }
    }

    /// Error messages for the names of invalid attributes.
    #[must_use]
    pub fn name_errors(attributes: &BTreeMap<String, String>) -> Vec<(&str, &'static str)> {
        let check = |(name, value): (&String, &String)| {
            Self::parse(BTreeMap::from([(name.clone(), value.clone())])).err()
        };
        let errors = attributes.iter().map(|(name, value)| (name.as_str(), check((name, value))));
        errors.filter_map(|(name, error)| Some((name, error?))).collect()
    }

    /// Wraps attributes read from the table.
    pub(crate) const fn from_stored(attributes: BTreeMap<String, String>) -> Self {
        Self(attributes)
    }

    /// Returns the values by name.
    #[must_use]
    pub const fn as_map(&self) -> &BTreeMap<String, String> {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(name: &str, value: &str) -> Result<LoginAttributes, &'static str> {
        LoginAttributes::parse(BTreeMap::from([(name.to_owned(), value.to_owned())]))
    }

    #[test]
    fn rejects_reserved_names_and_unstorable_texts() {
        assert!(parse("tenant", "").is_ok());
        assert!(parse("@tenant", "x").is_err());
        assert!(parse("", "x").is_err());
        assert!(parse("a\0", "x").is_err());
        assert!(parse("a", "x\0").is_err());
    }
}
