//! Comparison of email addresses.

use unicode_normalization::UnicodeNormalization;

/// Whether two spellings are the same email address for the service, which ignores case.
#[must_use]
pub fn same_address(one: &str, other: &str) -> bool {
    let fold = |text: &str| text.trim().nfc().collect::<String>().to_lowercase();
    fold(one) == fold(other)
}
