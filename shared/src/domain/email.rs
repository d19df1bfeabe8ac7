//! Email addresses and their equality.

use email_address::{EmailAddress, Options};
use unicode_normalization::UnicodeNormalization;

use super::{UserId, email_domain, names::case_fold};

/// The domain of the email addresses of anonymized users. It can never exist (RFC 2606).
const ANONYMIZED_DOMAIN: &str = "@anonymized.invalid";

/// The domain of the email addresses of service accounts.
const API_KEY_DOMAIN: &str = "@api-key.invalid";

/// An email address, trimmed and in lower case, with the Unicode form of its domain.
///
/// Two addresses are the same if their [normalized](Email::normalized) forms are equal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Email(String);

impl Email {
    /// The maximum length in characters.
    pub const MAX_CHARS: usize = 254;

    /// The email address of a service account. The nonce makes it unique.
    pub(crate) fn for_api_key(nonce: u128) -> Self {
        Self(format!("api-key-user-{nonce:032x}{API_KEY_DOMAIN}"))
    }

    /// Parses `local@domain.tld` of at most 254 characters. Rejects quoted addresses, display names
    /// and domains that violate IDNA.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let address: String = text.trim().to_lowercase().nfc().collect();
        let (local, domain) = address.rsplit_once('@')?;
        let domain = email_domain::to_unicode(domain)?;
        Self::from_unicode(format!("{local}@{domain}"))
    }

    /// Parses an address in ASCII. It does not need the tables of IDNA, so it suits functions that
    /// parse no other address.
    #[must_use]
    pub fn parse_ascii(text: &str) -> Option<Self> {
        let address = text.trim().to_ascii_lowercase();
        if address.is_ascii() { Self::from_unicode(address) } else { None }
    }

    fn from_unicode(address: String) -> Option<Self> {
        let is_plain = !address.chars().any(|c| c.is_control() || c.is_whitespace() || c == '"');
        let options = Options::default()
            .with_minimum_sub_domains(2)
            .without_display_text()
            .without_domain_literal();
        let is_valid = is_plain
            && address.chars().count() <= Self::MAX_CHARS
            && EmailAddress::parse_with_options(&address, options).is_ok();
        is_valid.then_some(Self(address))
    }

    /// The address as earlier versions stored it, if the client sent the domain in Punycode.
    /// Returns `None` if that is the same.
    pub(crate) fn earlier_form(&self) -> Option<Self> {
        let (local, domain) = self.0.rsplit_once('@').filter(|(_, domain)| !domain.is_ascii())?;
        Some(Self(format!("{local}@{}", email_domain::to_ascii(domain)?)))
    }

    /// The address for a mail server: in ASCII, with the domain in Punycode. Returns `None` for a
    /// local part outside ASCII, because Amazon SES cannot send to it.
    #[must_use]
    pub fn deliverable(&self) -> Option<String> {
        let (local, domain) = self.0.rsplit_once('@')?;
        let domain = email_domain::to_ascii(domain)?;
        local.is_ascii().then(|| format!("{local}@{domain}"))
    }

    /// The email address of an anonymized user.
    #[must_use]
    pub fn anonymized(id: UserId) -> Self {
        Self(format!("anonymized-{id}{ANONYMIZED_DOMAIN}"))
    }

    /// Whether the address is at a reserved domain, so that no client may choose it.
    #[must_use]
    pub fn is_reserved(&self) -> bool {
        let normalized = self.normalized();
        [ANONYMIZED_DOMAIN, API_KEY_DOMAIN].iter().any(|domain| normalized.ends_with(domain))
    }

    /// Wraps an address read from the table.
    pub(crate) const fn from_stored(address: String) -> Self {
        Self(address)
    }

    /// The address in lower case.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The normalized form, which is unique: the address after NFC and Unicode case folding.
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
        let normalized = |text| Email::parse(text).map(|email| email.normalized());
        assert_eq!(normalized("STRASSE@example.com"), normalized("straße@example.com"));
        assert_eq!(normalized("rene\u{301}@example.com"), normalized("RENÉ@EXAMPLE.com"));
        assert_ne!(normalized("rene@example.com"), normalized("rené@example.com"));
    }

    #[test]
    fn addresses_of_anonymized_users_are_reserved_in_any_spelling() {
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
    fn rejects_invalid_addresses() {
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

    #[test]
    fn the_domain_is_in_unicode_and_goes_out_in_punycode() {
        for text in [
            "jane@bücher.example",
            "Jane@BÜCHER.Example",
            "jane@xn--bcher-kva.example",
            "JANE@XN--BCHER-KVA.EXAMPLE",
            "jane@bücher。example",
        ] {
            let email = Email::parse(text).unwrap();
            assert_eq!(email.as_str(), "jane@bücher.example", "{text}");
            assert_eq!(email.deliverable().as_deref(), Some("jane@xn--bcher-kva.example"));
            let earlier = email.earlier_form().unwrap();
            assert_eq!(earlier.as_str(), "jane@xn--bcher-kva.example");
            assert_eq!(earlier.deliverable(), email.deliverable());
        }
        let plain = Email::parse("jane@example.com").unwrap();
        assert_eq!(plain.deliverable().as_deref(), Some("jane@example.com"));
        assert_eq!(plain.earlier_form(), None);
    }

    #[test]
    fn a_local_part_outside_ascii_is_not_deliverable() {
        for text in ["jürgen@example.com", "用户@bücher.example"] {
            assert_eq!(Email::parse(text).unwrap().deliverable(), None, "{text}");
        }
    }

    #[test]
    fn a_domain_that_violates_idna_is_rejected() {
        for text in ["a@xn--a.example", "a@xn--bücher.example", "a@bü_cher.example", "a@bü"] {
            assert_eq!(Email::parse(text), None, "{text}");
        }
        assert_eq!(Email::parse_ascii("a@bücher.example"), None);
        assert_eq!(Email::parse_ascii("A@b.co").as_ref().map(Email::as_str), Some("a@b.co"));
    }
}
