//! Comparison of email addresses.

use unicase::UniCase;
use unicode_normalization::UnicodeNormalization;

/// The form of an email address for comparisons, as in the service: NFC, Unicode case folding, and
/// the Unicode form of the domain.
#[must_use]
pub fn normalized_address(address: &str) -> String {
    let address: String = address.trim().to_lowercase().nfc().collect();
    let unicode = address.rsplit_once('@').and_then(|(local, domain)| {
        let (domain, result) = idna::domain_to_unicode(domain);
        result.is_ok().then(|| format!("{local}@{domain}"))
    });
    UniCase::new(unicode.unwrap_or(address)).to_folded_case().nfc().collect()
}

/// Whether two spellings are the same email address.
#[must_use]
pub fn same_address(one: &str, other: &str) -> bool {
    normalized_address(one) == normalized_address(other)
}
