//! Decoding of JSON fields, with Metabase's error messages.

use std::collections::BTreeMap;

use secrecy::SecretString;
use serde_json::Value;

use super::{FieldErrors, dialect::metabase::INVALID_ATTRIBUTE};
use crate::domain::{
    ApiKeyName, Email, GroupName, Locale, LoginAttributes, PersonName, SiteName, SsoSource,
    Timestamp,
};

const NON_BLANK: &str = "value must be a non-blank string.";
pub(super) const POSITIVE_INTEGER: &str = "value must be an integer greater than zero.";

/// A type decoded from a JSON value.
pub trait FieldValue: Sized {
    /// The error message for a value of another type.
    const MESSAGE: &'static str;

    /// Decodes one value.
    ///
    /// # Errors
    ///
    /// Returns the error message: [`Self::MESSAGE`], or a more specific one.
    fn decode(value: &Value) -> Result<Self, &'static str>;

    /// The errors of the members of an invalid map. The metabase dialect returns them instead of
    /// the error of the whole value.
    #[must_use]
    fn member_errors(_: &Value) -> FieldErrors {
        FieldErrors::default()
    }
}

/// Implements [`FieldValue`] for types that are parsed from text.
macro_rules! parsed_field {
    ($($type:ty: $message:expr, $parse:expr;)*) => {$(
        impl FieldValue for $type {
            const MESSAGE: &'static str = $message;

            fn decode(value: &Value) -> Result<Self, &'static str> {
                value.as_str().and_then($parse).ok_or(Self::MESSAGE)
            }
        }
    )*};
}

pub(super) use parsed_field;

/// Text that is not blank and does not contain NUL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NonBlank(pub String);

parsed_field! {
    Email: "value must be a valid email address.",
        |text| Email::parse(text).filter(|email| !email.is_reserved());
    PersonName: NON_BLANK, PersonName::parse;
    SiteName: NON_BLANK, SiteName::parse;
    GroupName: NON_BLANK, GroupName::parse;
    ApiKeyName: NON_BLANK, ApiKeyName::parse;
    SsoSource: NON_BLANK, SsoSource::parse;
    Locale:
        "String must be a valid two-letter ISO language or language-country code \
         e.g. 'en' or 'en_US'.",
        Locale::parse;
    Timestamp:
        "value must be a date or a timestamp, e.g. '2026-01-31' or '2026-01-31T12:00:00Z'.",
        Timestamp::parse;
    NonBlank: NON_BLANK, |text| is_storable(text).then(|| NonBlank(text.to_owned()));
    SecretString: NON_BLANK, |text| is_storable(text).then(|| text.into());
}

fn is_storable(text: &str) -> bool {
    !text.trim().is_empty() && !text.contains('\0')
}

impl FieldValue for LoginAttributes {
    const MESSAGE: &'static str = "value must be a map.";

    /// Decodes a map. Values of other types become text.
    fn decode(value: &Value) -> Result<Self, &'static str> {
        Self::parse(texts(value).ok_or(Self::MESSAGE)?)
    }

    fn member_errors(value: &Value) -> FieldErrors {
        let mut errors = FieldErrors::default();
        for (name, _) in Self::name_errors(&texts(value).unwrap_or_default()) {
            errors.add(name, INVALID_ATTRIBUTE);
        }
        errors
    }
}

/// The values of a map as text.
fn texts(value: &Value) -> Option<BTreeMap<String, String>> {
    let text = |value: &Value| match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    };
    Some(value.as_object()?.iter().map(|(name, value)| (name.clone(), text(value))).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn attributes_become_text() {
        let value = json!({"a": 42, "b": true, "c": 2.5, "d": "x", "e": [1], "f": null});
        let attributes = LoginAttributes::decode(&value).unwrap();
        let texts: Vec<&str> = attributes.as_map().values().map(String::as_str).collect();
        assert_eq!(texts, ["42", "true", "2.5", "x", "[1]", ""]);
    }

    #[test]
    fn types_are_strict() {
        assert!(PersonName::decode(&json!(5)).is_err());
        assert!(NonBlank::decode(&json!(" ")).is_err());
        assert!(SecretString::decode(&json!("a\0b")).is_err());
        assert!(LoginAttributes::decode(&json!([])).is_err());
    }
}
