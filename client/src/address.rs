//! Comparison of email addresses.

use unicode_normalization::UnicodeNormalization;

/// The form of an email address for comparisons. The service ignores case.
#[must_use]
pub fn normalized_address(address: &str) -> String {
    address.trim().nfc().collect::<String>().to_lowercase()
}

/// Whether two spellings are the same email address.
#[must_use]
pub fn same_address(one: &str, other: &str) -> bool {
    normalized_address(one) == normalized_address(other)
}
