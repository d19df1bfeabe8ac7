//! Searches by the beginning of a name.

use super::{User, names::accent_fold};

/// The longest prefix in characters. No name is longer.
const MAX_CHARS: usize = 254;

/// The beginning of a first name, or a first name and the beginning of a last name. Case and
/// accents do not matter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamePrefix {
    first: String,
    last: Option<String>,
}

impl NamePrefix {
    /// Parses a text without control characters. The first white space separates first and last
    /// name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if text.chars().any(char::is_control) || text.chars().count() > MAX_CHARS {
            return None;
        }
        let (first, last) = match text.trim_start().split_once(char::is_whitespace) {
            Some((first, last)) => (first, Some(last.trim_start())),
            None => (text.trim_start(), None),
        };
        let last = last.map(accent_fold).filter(|last| !last.is_empty());
        Some(Self { first: accent_fold(first), last })
    }

    /// Whether the prefix is empty and therefore matches every user.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.first.is_empty()
    }

    /// The first name or its beginning, without case and accents.
    #[must_use]
    pub fn first(&self) -> &str {
        &self.first
    }

    /// The beginning of the last name, if the prefix has one.
    #[must_use]
    pub fn last(&self) -> Option<&str> {
        self.last.as_deref()
    }

    /// Whether the names of a user begin with the prefix.
    #[must_use]
    pub fn matches(&self, user: &User) -> bool {
        let [first, last] = user.folded_names();
        match &self.last {
            None => first.starts_with(&self.first),
            Some(prefix) => first == self.first && last.starts_with(prefix),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_white_space_separates_the_names() {
        for (text, first, last) in [
            ("Ada", "ada", None),
            (" Zoë ", "zoe", None),
            ("ADA Lov", "ada", Some("lov")),
            ("Ludwig \u{a0}van Beet", "ludwig", Some("van beet")),
            ("", "", None),
            ("  ", "", None),
        ] {
            let prefix = NamePrefix::parse(text).unwrap();
            assert_eq!((prefix.first(), prefix.last()), (first, last), "{text:?}");
            assert_eq!(prefix.is_empty(), first.is_empty());
        }
    }

    #[test]
    fn control_characters_and_long_texts_are_invalid() {
        assert!(NamePrefix::parse(&"x".repeat(254)).is_some());
        for text in ["a\u{1}b", "a\nb", &"x".repeat(255)] {
            assert_eq!(NamePrefix::parse(text), None);
        }
    }
}
