//! Names chosen by users, and the comparison of texts.

use unicase::UniCase;
use unicode_normalization::UnicodeNormalization;

use super::characters::{
    are_allowed, base_letters, is_accent, is_invisible, is_visible, without_invisible,
};

/// The maximum length of a name in characters.
const MAX_CHARS: usize = 254;

/// Folds a text. Texts that differ only in case or in the encoding of accents become equal.
pub(crate) fn case_fold(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    let composed: String = text.nfc().collect();
    UniCase::new(composed).to_folded_case().nfc().collect()
}

/// Folds a text for searches and sort orders. Texts that differ only in case, accents or invisible
/// characters become equal.
pub(crate) fn accent_fold(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    let is_ignored = |c: &char| is_accent(*c) || is_invisible(*c);
    let base: String = text.nfd().filter(|c| !is_ignored(c)).collect();
    let mut folded = String::with_capacity(base.len());
    for c in UniCase::new(base).to_folded_case().nfd().filter(|c| !is_ignored(c)) {
        match base_letters(c) {
            Some(letters) => folded.push_str(letters),
            None => folded.push(c),
        }
    }
    folded.nfc().collect()
}

/// Trims a single line of text. Returns `None` for invisible text, invisible characters, and text
/// that is too long before trimming.
fn single_line(text: &str) -> Option<&str> {
    let is_short = text.chars().count() <= MAX_CHARS;
    let text = text.trim();
    (is_short && is_visible(text) && are_allowed(text)).then_some(text)
}

/// A first or a last name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonName(String);

/// The name of the instance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SiteName(String);

/// The identity provider of a user: `google`, `ldap`, `jwt`, `saml`, ….
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SsoSource(String);

/// The name of a permissions group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupName(String);

/// The name of an API key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiKeyName(String);

/// Implements the methods of all names.
macro_rules! name_type {
    ($name:ident) => {
        impl $name {
            /// The maximum length in characters.
            pub const MAX_CHARS: usize = MAX_CHARS;

            /// Trims and parses a line of at most 254 characters. Rejects invisible characters.
            #[must_use]
            pub fn parse(text: &str) -> Option<Self> {
                single_line(text).map(|text| Self(text.to_owned()))
            }

            /// Wraps a text read from the table.
            pub(crate) const fn from_stored(text: String) -> Self {
                Self(text)
            }

            /// The trimmed text.
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

name_type!(PersonName);
name_type!(SiteName);
name_type!(SsoSource);
name_type!(GroupName);
name_type!(ApiKeyName);

/// Implements the normalized form of unique names.
macro_rules! unique_name {
    ($name:ident) => {
        impl $name {
            /// The normalized form. No two names in the table have the same one.
            #[must_use]
            pub fn normalized(&self) -> String {
                case_fold(&without_invisible(&self.0))
            }

            /// The normalized form of earlier versions, if it differs. They allowed invisible
            /// characters and compared blanks.
            pub(crate) fn earlier_normalized(&self) -> Option<String> {
                let earlier = case_fold(&self.0);
                (earlier != self.normalized()).then_some(earlier)
            }
        }
    };
}

unique_name!(GroupName);
unique_name!(ApiKeyName);

impl SsoSource {
    /// Whether the provider manages the email addresses of its users, as Google and LDAP do.
    /// Reactivation removes such a provider from the user.
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
    fn rejects_blank_and_control_characters() {
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

    #[test]
    fn folds_accents_too() {
        for (text, folded) in [
            ("Émile ZOLA", "emile zola"),
            ("E\u{301}MILE", "emile"),
            ("Łukasz Børge Đorđe Þór", "lukasz borge dorde thor"),
            ("İstanbul IĞDIR ığdır", "istanbul igdir igdir"),
            ("Straße Æon Œuvre", "strasse aeon oeuvre"),
            ("Σίσυφος", "σισυφοσ"),
            ("Nguyễn Đức", "nguyen duc"),
            ("می\u{200c}خواهم", "میخواهم"),
            ("हिन्दी", "हिन्दी"),
            ("한국어 が", "한국어 が"),
        ] {
            assert_eq!(accent_fold(text), folded);
            assert_eq!(accent_fold(folded), folded);
        }
    }
}
