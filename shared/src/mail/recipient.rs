//! The recipients of emails.

use unicode_normalization::char::is_combining_mark;

use crate::domain::{Email, Locale, PersonName, User};

/// The maximum length of a name in a greeting, in characters.
const MAX_NAME_CHARS: usize = 60;

/// The recipient of an email: the address, the name and the language.
#[derive(Debug, Clone)]
pub struct Recipient<'a> {
    pub(super) email: &'a Email,
    /// The name for the greeting.
    pub(super) name: Option<String>,
    /// The language; without one, that of the site.
    pub(super) locale: Option<&'a Locale>,
}

impl<'a> Recipient<'a> {
    /// A recipient of whom the service has read the credentials alone. The email is in the language
    /// of the site.
    #[must_use]
    pub fn without_profile(email: &'a Email) -> Self {
        Self { email, name: None, locale: None }
    }

    /// The same person at another address.
    #[must_use]
    pub fn at(self, email: &'a Email) -> Self {
        Self { email, ..self }
    }
}

impl<'a> From<&'a User> for Recipient<'a> {
    fn from(user: &'a User) -> Self {
        let names = [&user.first_name, &user.last_name].into_iter().flatten();
        let name = names.map(PersonName::as_str).collect::<Vec<_>>().join(" ");
        Self {
            email: &user.email,
            name: Some(name).filter(|name| is_presentable(name)),
            locale: user.locale.as_ref(),
        }
    }
}

/// Whether a name may stand in a greeting: short, alphabetic, and without links or telephone
/// numbers for a mail program to find. Users choose their names, and may have an email sent to any
/// new address of their own, so a name must not become an advertisement.
fn is_presentable(name: &str) -> bool {
    let mut chars = name.chars().peekable();
    let mut length = 0;
    while let Some(c) = chars.next() {
        length += 1;
        let is_allowed = match c {
            // The joiners stand between letters that need them. No other character of a name is
            // invisible.
            ' ' | '\'' | '’' | '-' | '‐' | '·' | '・' | '\u{200c}' | '\u{200d}' => true,
            '.' | ',' => chars.peek().is_none_or(|next| *next == ' '),
            c => c.is_alphabetic() || is_combining_mark(c),
        };
        if !is_allowed || length > MAX_NAME_CHARS {
            return false;
        }
    }
    length > 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_letters_are_presentable() {
        for name in [
            "Jane Doe",
            "J. R. Smith, Jr.",
            "Zoë O’Neil-Łukasz",
            "D'Arcy",
            "मोहित शर्मा",
            "می\u{200c}خواهم",
            "דוד לוי",
            "王小明",
            "マイケル・ジョーダン",
            "e\u{301}mile",
        ] {
            assert!(is_presentable(name), "{name}");
        }
        assert!(is_presentable(&"ß".repeat(60)));
    }

    #[test]
    fn other_names_are_not() {
        for name in [
            "",
            "www.example.com",
            "See https://evil.example now",
            "evil。example",
            "a@b",
            "Call 0900 123456",
            "<b>Jane</b>",
            "Jane\nBcc: x@example.com",
            "Jane\r\n.\r\n",
            "\u{202e}eno",
            "\u{2066}Jane",
            "{site}",
            "Jane 🎁",
        ] {
            assert!(!is_presentable(name), "{name:?}");
        }
        assert!(!is_presentable(&"ß".repeat(61)));
    }
}
