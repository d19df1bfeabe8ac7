//! E-mail addresses, and when two of them are the same.

use email_address::{EmailAddress, Options};
use unicode_normalization::UnicodeNormalization;

use super::text::fold;

/// The longest an address may be, in characters.
const MAX_CHARS: usize = 254;

/// An address, trimmed and in lower case.
///
/// Two addresses are the same when their [`key`](Email::key)s are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Email(String);

impl Email {
    /// Takes `local@domain.tld` of at most 254 characters, neither quoted nor with a display name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let address: String = text.trim().to_lowercase().nfc().collect();
        let plain = !address.chars().any(|c| c.is_control() || c.is_whitespace() || c == '"');
        let options = Options::default()
            .with_minimum_sub_domains(2)
            .without_display_text()
            .without_domain_literal();
        let valid = plain
            && address.chars().count() <= MAX_CHARS
            && EmailAddress::parse_with_options(&address, options).is_ok();
        valid.then_some(Self(address))
    }

    /// An address that was parsed before it was stored.
    pub(crate) const fn stored(address: String) -> Self {
        Self(address)
    }

    /// The address in lower case.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What is unique: the address after NFC and Unicode case folding.
    #[must_use]
    pub fn key(&self) -> String {
        fold(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_trimmed_and_lower_case() {
        let email = Email::parse("  Jane.Doe+x@Example.COM ");
        assert_eq!(email.as_ref().map(Email::as_str), Some("jane.doe+x@example.com"));
    }

    #[test]
    fn is_the_same_in_any_case_and_composition() {
        let key = |text| Email::parse(text).map(|email| email.key());
        assert_eq!(key("STRASSE@example.com"), key("straße@example.com"));
        assert_eq!(key("rene\u{301}@example.com"), key("RENÉ@EXAMPLE.com"));
        assert_ne!(key("rene@example.com"), key("rené@example.com"));
    }

    #[test]
    fn refuses_what_is_no_address() {
        let long = format!("{}@example.com", "a".repeat(65));
        let longer = format!("a@{}.com", vec!["b".repeat(60); 5].join("."));
        for text in [
            "",
            "a",
            "a@",
            "@b.co",
            "a@b",
            "a b@c.de",
            "a@b..co",
            ".a@b.co",
            "a..b@c.de",
            "a@b@c.de",
            "\"a b\"@c.de",
            "a@[127.0.0.1]",
            "Jane <a@b.co>",
            "a\0@b.co",
            "a\n@b.co",
            "a@-b.co",
            &long,
            &longer,
        ] {
            assert_eq!(Email::parse(text), None, "{text:?}");
        }
    }
}
