//! Short texts that people choose, and how texts are compared.

use unicase::UniCase;
use unicode_normalization::UnicodeNormalization;

/// The longest a name may be, in characters.
const MAX_CHARS: usize = 254;

/// A form in which texts that differ only in case, or in how an accent is encoded, are equal.
pub(crate) fn case_fold(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    let composed: String = text.nfc().collect();
    UniCase::new(composed).to_folded_case().nfc().collect()
}

/// Trims a single line of text; `None` when it is blank, longer than it may be with the blanks around
/// it, or has a control character.
fn single_line(text: &str) -> Option<&str> {
    let fits = text.chars().count() <= MAX_CHARS;
    let text = text.trim();
    (fits && !text.is_empty() && !text.chars().any(char::is_control)).then_some(text)
}

/// A first or a last name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonName(String);

/// The name of the instance, as its installer chose it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SiteName(String);

/// The identity provider that an account signs in with: `google`, `ldap`, `jwt`, `saml`, ….
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SsoSource(String);

/// The name of a permissions group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupName(String);

/// The name of an API key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiKeyName(String);

/// What each kind of line can do.
macro_rules! line_type {
    ($name:ident) => {
        impl $name {
            /// The longest it may be, in characters.
            pub const MAX_CHARS: usize = MAX_CHARS;

            /// Takes one line of at most 254 characters, trims it, and finds no control character.
            #[must_use]
            pub fn parse(text: &str) -> Option<Self> {
                single_line(text).map(|text| Self(text.to_owned()))
            }

            /// A text that was parsed before it was stored.
            pub(crate) const fn from_stored(text: String) -> Self {
                Self(text)
            }

            /// The text as its owner wrote it, trimmed.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl From<$name> for String {
            fn from(text: $name) -> Self {
                text.0
            }
        }
    };
}

line_type!(PersonName);
line_type!(SiteName);
line_type!(SsoSource);
line_type!(GroupName);
line_type!(ApiKeyName);

/// What names that are unique can do.
macro_rules! unique_name {
    ($name:ident) => {
        impl $name {
            /// The form in which names are compared: no two are the same.
            #[must_use]
            pub fn normalized(&self) -> String {
                case_fold(&self.0)
            }
        }
    };
}

unique_name!(GroupName);
unique_name!(ApiKeyName);

impl SsoSource {
    /// Google and LDAP own the addresses of their accounts, and end with the account's deactivation.
    pub(crate) fn owns_email(&self) -> bool {
        matches!(self.as_str(), "google" | "ldap")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trims_and_keeps_the_rest() {
        let name = PersonName::parse("  Zoë O'Neil ").map(String::from);
        assert_eq!(name.as_deref(), Some("Zoë O'Neil"));
    }

    #[test]
    fn counts_characters_not_bytes() {
        assert!(PersonName::parse(&"ß".repeat(254)).is_some());
        assert!(PersonName::parse(&"ß".repeat(255)).is_none());
        assert!(PersonName::parse(&(" ".to_owned() + &"ß".repeat(254))).is_none());
    }

    #[test]
    fn refuses_blank_and_control_characters() {
        for text in ["", "  ", "a\0b", "a\nb", "a\u{7f}b", "\u{85}x\u{85}y"] {
            assert!(PersonName::parse(text).is_none(), "{text:?}");
        }
    }

    #[test]
    fn folds_case_and_composition() {
        assert_eq!(case_fold("STRASSE"), case_fold("straße"));
        assert_eq!(case_fold("CAFE\u{301}"), case_fold("café"));
        assert_eq!(case_fold("ΣΊΣΥΦΟΣ"), case_fold("σίσυφος"));
        assert_ne!(case_fold("cafe"), case_fold("café"));
    }
}
