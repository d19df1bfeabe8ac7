//! E-mail addresses, and when two of them are the same.

use email_address::{EmailAddress, Options};
use unicode_normalization::UnicodeNormalization;

use super::{UserId, names::case_fold};

/// Where the addresses of anonymized accounts are: a domain that can never be (RFC 2606).
const ANONYMIZED_DOMAIN: &str = "@anonymized.invalid";

/// Where the addresses of API keys are.
const API_KEY_DOMAIN: &str = "@api-key.invalid";

/// An address, trimmed and in lower case.
///
/// Two addresses are the same when their [`key`](Email::key)s are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Email(String);

impl Email {
    /// The longest an address may be, in characters.
    pub const MAX_CHARS: usize = 254;

    /// The address of an API key's account. `mark` tells it from all others.
    pub(crate) fn for_api_key(mark: u128) -> Self {
        Self(format!("api-key-user-{mark:032x}{API_KEY_DOMAIN}"))
    }

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
            && address.chars().count() <= Self::MAX_CHARS
            && EmailAddress::parse_with_options(&address, options).is_ok();
        valid.then_some(Self(address))
    }

    /// The address of an account that is to be nobody's.
    #[must_use]
    pub fn anonymized(id: UserId) -> Self {
        Self(format!("anonymized-{id}{ANONYMIZED_DOMAIN}"))
    }

    /// Whether it is one that nobody may choose.
    #[must_use]
    pub fn is_reserved(&self) -> bool {
        let key = self.normalized();
        [ANONYMIZED_DOMAIN, API_KEY_DOMAIN].iter().any(|domain| key.ends_with(domain))
    }

    /// An address that was parsed before it was stored.
    pub(crate) const fn from_stored(address: String) -> Self {
        Self(address)
    }

    /// The address in lower case.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What is unique: the address after NFC and Unicode case folding.
    #[must_use]
    pub fn normalized(&self) -> String {
        case_fold(&self.0)
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
        let key = |text| Email::parse(text).map(|email| email.normalized());
        assert_eq!(key("STRASSE@example.com"), key("straße@example.com"));
        assert_eq!(key("rene\u{301}@example.com"), key("RENÉ@EXAMPLE.com"));
        assert_ne!(key("rene@example.com"), key("rené@example.com"));
    }

    #[test]
    fn those_of_anonymized_accounts_are_reserved_in_any_spelling() {
        let anonymized = Email::anonymized(UserId::try_from(7).unwrap());
        assert_eq!(anonymized.as_str(), "anonymized-7@anonymized.invalid");
        assert_eq!(Email::parse(anonymized.as_str()), Some(anonymized.clone()));
        let reserved = |text| Email::parse(text).is_some_and(|email| email.is_reserved());
        assert!(anonymized.is_reserved() && reserved("Anonymized-7@ANONYMIZED.Invalid"));
        assert!(reserved("x@anonymized.invalid") && reserved("x@API-KEY.invalid"));
        assert!(
            !reserved("anonymized.invalid@example.com") && !reserved("x@not-anonymized.invalid")
        );
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
