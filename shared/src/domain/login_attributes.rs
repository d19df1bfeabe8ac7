//! Login attributes: what an administrator notes about an account for other systems to read.

use std::collections::BTreeMap;

/// Texts by name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LoginAttributes(BTreeMap<String, String>);

impl LoginAttributes {
    /// Takes names that are not blank and do not start with `@`; no NUL in name or value.
    ///
    /// # Errors
    ///
    /// The sentence to tell the client.
    pub fn parse(attributes: BTreeMap<String, String>) -> Result<Self, &'static str> {
        if attributes.keys().any(|name| name.starts_with('@')) {
            return Err("login attribute keys must not start with `@`");
        }
        let sound = |text: &String| !text.contains('\0');
        if attributes.iter().all(|(name, value)| !name.is_empty() && sound(name) && sound(value)) {
            Ok(Self(attributes))
        } else {
            Err("login attribute keys must not be empty, and no text may contain NUL.")
        }
    }

    /// Attributes that were parsed before they were stored.
    pub(crate) const fn from_stored(attributes: BTreeMap<String, String>) -> Self {
        Self(attributes)
    }

    /// The texts by name.
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
    fn refuses_reserved_and_unstorable_texts() {
        assert!(parse("tenant", "").is_ok());
        assert!(parse("@tenant", "x").is_err());
        assert!(parse("", "x").is_err());
        assert!(parse("a\0", "x").is_err());
        assert!(parse("a", "x\0").is_err());
    }
}
