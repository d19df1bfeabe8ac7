//! The policy for new passwords.

use std::borrow::Cow;

use secrecy::{ExposeSecret, SecretString};
use unicode_normalization::{UnicodeNormalization, is_nfc};

/// The error message for a password that violates the policy, as in Metabase.
pub const TOO_COMMON: &str = "password is too common.";

/// The maximum length of a repeated sequence, in characters.
const MAX_PERIOD: usize = 10;

/// Common passwords in lower case, one a line; see `data/README.md`. Each new password takes one
/// linear search. The hash that follows takes hundreds of times longer, so the list is not loaded
/// or sorted.
const COMMON: &str = include_str!("../../data/common-passwords.txt");

/// The required strength of new passwords: `PASSWORD_COMPLEXITY`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum PasswordPolicy {
    /// 6 characters.
    Weak,
    /// 6 characters, one of them a digit, and not common.
    #[default]
    Normal,
    /// 8 characters with 2 lower case, 2 upper case, a digit and a special one, and not common.
    Strong,
    /// 15 characters of any kind, and not common: NIST SP 800-63B-4, section 3.1.1.2.
    Nist,
}

/// The minimum number of characters, in total and of each kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PasswordRequirements {
    /// Characters of any kind.
    pub total: usize,
    /// Lower-case characters.
    pub lower: usize,
    /// Upper-case characters.
    pub upper: usize,
    /// Digits.
    pub digit: usize,
    /// Characters that are not alphanumeric.
    pub special: usize,
}

impl PasswordPolicy {
    /// Parses `weak`, `normal`, `strong` and `nist`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "weak" => Some(Self::Weak),
            "normal" => Some(Self::Normal),
            "strong" => Some(Self::Strong),
            "nist" => Some(Self::Nist),
            _ => None,
        }
    }

    /// The minimum requirements of the policy.
    #[must_use]
    pub const fn minimum(self) -> PasswordRequirements {
        match self {
            Self::Weak => PasswordRequirements::characters(6),
            Self::Normal => {
                PasswordRequirements { digit: 1, ..PasswordRequirements::characters(6) }
            }
            Self::Strong => {
                PasswordRequirements { total: 8, lower: 2, upper: 2, digit: 1, special: 1 }
            }
            Self::Nist => PasswordRequirements::characters(15),
        }
    }

    fn accepts(self, password: &str) -> bool {
        self.minimum().is_met_by(password)
            && match self {
                Self::Weak => true,
                Self::Normal | Self::Strong => !is_common(password),
                Self::Nist => !is_common(password) && !is_repetitive(password),
            }
    }
}

impl PasswordRequirements {
    const fn characters(total: usize) -> Self {
        Self { total, lower: 0, upper: 0, digit: 0, special: 0 }
    }

    fn is_met_by(self, password: &str) -> bool {
        let count = |kind: fn(char) -> bool| password.chars().filter(|c| kind(*c)).count();
        count(|_| true) >= self.total
            && count(char::is_lowercase) >= self.lower
            && count(char::is_uppercase) >= self.upper
            && count(|c| c.is_ascii_digit()) >= self.digit
            && count(|c| !c.is_alphanumeric()) >= self.special
    }
}

fn is_common(password: &str) -> bool {
    let password = password.to_lowercase();
    COMMON.lines().any(|common| common == password)
}

/// Whether the password repeats a short sequence, as in `passwordpassword` or `123456789012345`.
/// NIST names repetition as a reason for rejection. The check of the length alone would accept such
/// passwords.
fn is_repetitive(password: &str) -> bool {
    let repeats =
        |period: usize| password.chars().zip(password.chars().skip(period)).all(|(a, b)| a == b);
    (1..=MAX_PERIOD).any(repeats)
}

/// The normalized form of a password. Keyboards send the same character in different forms.
pub(super) fn nfc(password: &str) -> Cow<'_, str> {
    if is_nfc(password) { password.into() } else { password.nfc().collect::<String>().into() }
}

/// A password that satisfies the policy, in its normalized form (NFC).
#[derive(Debug, Clone)]
pub struct NewPassword(SecretString);

impl NewPassword {
    /// The maximum length in bytes. Longer passwords are rejected, never truncated.
    pub const MAX_BYTES: usize = 1_024;

    /// Checks a password against a policy.
    ///
    /// # Errors
    ///
    /// Returns the error message for the client. It does not contain the password.
    pub fn parse(text: &str, policy: PasswordPolicy) -> Result<Self, &'static str> {
        if text.len() > Self::MAX_BYTES {
            return Err("password must not be longer than 1024 bytes.");
        }
        // A login treats such a text as an absent password.
        let is_absent = text.trim().is_empty() || text.contains('\0');
        if is_absent || !policy.accepts(text) {
            return Err(TOO_COMMON);
        }
        Ok(Self(nfc(text).into_owned().into()))
    }

    /// Whether the password equals another one from the same request.
    #[must_use]
    pub fn is(&self, other: &SecretString) -> bool {
        self.0.expose_secret() == nfc(other.expose_secret())
    }

    pub(super) fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accepted(policy: PasswordPolicy, passwords: &[&str]) -> Vec<bool> {
        passwords.iter().map(|text| NewPassword::parse(text, policy).is_ok()).collect()
    }

    /// Covers the cases of Metabase's own tests.
    #[test]
    fn normal_needs_a_digit_and_an_uncommon_word() {
        let good = ["unc0mmonpw", "pa$$w0®∂", "s6n!8z-6.gcJe", "something123", "p@ssword1"];
        let bad =
            ["ABC", "ABCDEF", "ABCDE1", "123456", "passw0rd", "PASSW0RD", "blah", "anything", ""];
        assert_eq!(accepted(PasswordPolicy::Normal, &good), [true; 5]);
        assert_eq!(accepted(PasswordPolicy::Normal, &bad), [false; 9]);
    }

    #[test]
    fn weak_needs_six_characters() {
        assert_eq!(
            accepted(PasswordPolicy::Weak, &["ABCDEF", "passw0rd", "ABCDE"]),
            [true, true, false]
        );
    }

    #[test]
    fn strong_needs_every_kind() {
        let cases = ["abCD12!x", "abCD12xx", "abcD12!x", "ABCd12!X", "abCDxx!x", "aB1!abC"];
        assert_eq!(
            accepted(PasswordPolicy::Strong, &cases),
            [true, false, false, false, false, false]
        );
    }

    #[test]
    fn a_blank_password_is_rejected() {
        let blank = ["      ", " \t \t\u{3000} "];
        assert_eq!(accepted(PasswordPolicy::Weak, &blank), [false; 2]);
    }

    #[test]
    fn nist_needs_length_only() {
        let good = ["correct horse b", "ααααβββγγδδδεεε", "               x"];
        let bad = [
            "correct horse ",
            "q1w2e3r4t5y6u7i8",
            "111111111111111",
            "passwordpassword",
            "123456789012345",
        ];
        assert_eq!(accepted(PasswordPolicy::Nist, &good), [true; 3]);
        assert_eq!(accepted(PasswordPolicy::Nist, &bad), [false; 5]);
    }

    #[test]
    fn a_long_password_is_rejected_not_truncated() {
        let longest = "ü1".repeat(341) + "x";
        assert_eq!(longest.len(), 1_024);
        assert_eq!(
            accepted(PasswordPolicy::Normal, &[&longest, &(longest.clone() + "x")]),
            [true, false]
        );
    }

    #[test]
    fn the_list_is_long_enough() {
        assert!(COMMON.lines().count() >= 10_000);
    }
}
