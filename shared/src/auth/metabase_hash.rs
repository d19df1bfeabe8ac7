//! Secrets that Metabase hashed with bcrypt: passwords and API keys of an import.
//!
//! Metabase hashes the text `<salt><password>` with bcrypt. The salt is a UUID of 36 characters,
//! and bcrypt reads 72 bytes. So only the first 36 bytes of a password count, here as there
//! (`hash-bcrypt` in `src/metabase/util/password.clj`, and metabase#778).

use std::fmt;

use argon2::password_hash::phc;
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use bcrypt::{HashParts, Version};
use secrecy::{ExposeSecret, SecretString};
use subtle::ConstantTimeEq;

/// The start of a stored hash that is Metabase's own.
const KEPT: &str = "$metabase-bcrypt$";

/// The start of a stored hash of argon2id over Metabase's hash.
const WRAPPED: &str = "$metabase-argon2id$";

/// The length of a bcrypt hash.
const LENGTH: usize = 60;

/// The length of a bcrypt hash without its digest: version, cost and salt.
const PREFIX_LENGTH: usize = 29;

/// The maximum length of the salt of a password in bytes. The password has the rest of the 72 bytes
/// that bcrypt reads.
const MAX_SALT_LENGTH: usize = 64;

/// The minimum length of an API key in characters, as in Metabase.
const MIN_KEY_LENGTH: usize = 12;

/// The maximum length of an API key in characters, as in Metabase.
const MAX_KEY_LENGTH: usize = 254;

/// The number of characters of an API key by which Metabase finds it.
const KEY_PREFIX_LENGTH: usize = 7;

/// The cost of a bcrypt hash: the binary logarithm of its number of rounds.
///
/// The cost of a foreign hash decides about the time of a login, so it has an upper bound.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct BcryptCost(u32);

impl BcryptCost {
    /// The lowest cost that bcrypt permits.
    pub const MIN: Self = Self(4);

    /// The highest cost that an import accepts. It takes four times as long as Metabase's cost 10.
    pub const MAX: Self = Self(12);

    /// Creates a cost from 4 to 12.
    #[must_use]
    pub fn new(cost: u32) -> Option<Self> {
        (Self::MIN.0..=Self::MAX.0).contains(&cost).then_some(Self(cost))
    }

    /// The number.
    #[must_use]
    pub const fn get(self) -> u32 {
        self.0
    }

    /// Does the work of one hash of this cost.
    pub(super) fn work(self) {
        let _ = std::hint::black_box(bcrypt::bcrypt(self.0, [0; 16], &[0]));
    }

    /// Does the work that a hash of a lower cost lacks: each step of the cost doubles the work.
    fn work_beyond(self, done: Self) {
        (done.0..self.0).map(Self).for_each(Self::work);
    }
}

/// The reason why a hash of Metabase cannot be imported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidMetabaseHash {
    /// The text is not a bcrypt hash of the versions 2a, 2b and 2y.
    #[error("it is not a bcrypt hash of version 2a, 2b or 2y")]
    Format,
    /// The hash would take too long to check.
    #[error("its cost is not from 4 to 12")]
    Cost,
    /// The salt leaves no room for the password in the 72 bytes that bcrypt reads.
    #[error("its salt has more than 64 bytes")]
    Salt,
}

/// A bcrypt hash with a bounded cost.
#[derive(Clone)]
pub struct BcryptHash(SecretString);

impl fmt::Debug for BcryptHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BcryptHash")
    }
}

impl BcryptHash {
    /// Checks the form, the version and the cost of a hash. It computes nothing.
    ///
    /// # Errors
    ///
    /// Returns [`InvalidMetabaseHash::Format`] or [`InvalidMetabaseHash::Cost`].
    pub fn parse(text: &str) -> Result<Self, InvalidMetabaseHash> {
        if !["$2a$", "$2b$", "$2y$"].iter().any(|version| text.starts_with(version)) {
            return Err(InvalidMetabaseHash::Format);
        }
        let parts: HashParts = text.parse().map_err(|_| InvalidMetabaseHash::Format)?;
        BcryptCost::new(parts.get_cost()).ok_or(InvalidMetabaseHash::Cost)?;
        Ok(Self(text.into()))
    }

    /// The text to store.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }

    /// Compares a secret with the hash. It takes the time of the cost.
    #[must_use]
    pub fn matches(&self, secret: &str) -> bool {
        bcrypt::verify(secret, self.expose()).unwrap_or_default()
    }
}

/// A password hash of Metabase as it is stored here.
pub(super) struct MetabaseHash {
    salt: SecretString,
    bcrypt: SecretString,
    /// The hash of argon2id over the bcrypt hash, if that is not stored itself.
    wrapped: Option<SecretString>,
    cost: BcryptCost,
}

/// The result of the first step of a comparison.
pub(super) enum BcryptMatch {
    /// The digest was stored, and this is the result.
    Known(bool),
    /// The bcrypt hash of the password is to be compared with a hash of argon2id.
    Wrapped {
        /// The bcrypt hash of the password.
        digest: SecretString,
        /// The stored hash of argon2id.
        expected: SecretString,
    },
}

impl MetabaseHash {
    /// Checks salt and hash of Metabase's table.
    pub(super) fn parse(bcrypt: &str, salt: &str) -> Result<Self, InvalidMetabaseHash> {
        if salt.len() > MAX_SALT_LENGTH {
            return Err(InvalidMetabaseHash::Salt);
        }
        let hash = BcryptHash::parse(bcrypt)?;
        let cost = cost_of(hash.expose()).ok_or(InvalidMetabaseHash::Cost)?;
        Ok(Self { salt: salt.into(), bcrypt: hash.0, wrapped: None, cost })
    }

    /// Reads a stored hash; `None` if it is not of Metabase.
    pub(super) fn from_stored(text: &str) -> Option<Result<Self, InvalidMetabaseHash>> {
        let (rest, is_wrapped) = match text.strip_prefix(KEPT) {
            Some(rest) => (rest, false),
            None => (text.strip_prefix(WRAPPED)?, true),
        };
        Some(Self::from_parts(rest, is_wrapped).ok_or(InvalidMetabaseHash::Format))
    }

    fn from_parts(text: &str, is_wrapped: bool) -> Option<Self> {
        let (salt, hash) = text.split_once('$')?;
        let salt = String::from_utf8(BASE64_URL_SAFE_NO_PAD.decode(salt).ok()?).ok()?;
        let hash = format!("${hash}");
        let (bcrypt, wrapped) = match hash.split_at_checked(PREFIX_LENGTH) {
            Some((prefix, argon2)) if is_wrapped => (prefix, Some(argon2.into())),
            _ => (hash.as_str(), None),
        };
        let is_complete = is_wrapped || bcrypt.len() == LENGTH;
        let cost = salt_of(bcrypt).filter(|_| is_complete).and_then(|_| cost_of(bcrypt))?;
        Some(Self { salt: salt.into(), bcrypt: bcrypt.into(), wrapped, cost })
    }

    /// The text to store if Metabase's hash is kept.
    pub(super) fn kept(&self) -> String {
        format!("{KEPT}{}{}", self.encoded_salt(), self.bcrypt.expose_secret())
    }

    /// The text to store if only a hash of argon2id over Metabase's hash is kept.
    pub(super) fn wrapped(&self, argon2: &phc::PasswordHash) -> Option<String> {
        let prefix = self.bcrypt.expose_secret().get(..PREFIX_LENGTH)?;
        Some(format!("{WRAPPED}{}{prefix}{argon2}", self.encoded_salt()))
    }

    /// Metabase's own hash and its salt, if the hash was kept.
    pub(super) fn expose_kept(&self) -> Option<(&str, &str)> {
        let is_kept = self.wrapped.is_none();
        is_kept.then(|| (self.bcrypt.expose_secret(), self.salt.expose_secret()))
    }

    /// The hash of argon2id, if Metabase's own hash was not kept.
    #[cfg(feature = "operator")]
    pub(super) fn expose_wrapped(&self) -> Option<&str> {
        self.wrapped.as_ref().map(ExposeSecret::expose_secret)
    }

    /// The bcrypt hash as the input of argon2id.
    pub(super) const fn digest(&self) -> &SecretString {
        &self.bcrypt
    }

    /// The cost.
    pub(super) const fn cost(&self) -> BcryptCost {
        self.cost
    }

    /// Computes bcrypt over a password, with the work of a hash of the cost `equal_to`, if that is
    /// higher.
    pub(super) fn compare(
        &self,
        password: &SecretString,
        equal_to: Option<BcryptCost>,
    ) -> Option<BcryptMatch> {
        let hash = self.bcrypt.expose_secret();
        let salt = self.salt.expose_secret();
        let salted = SecretString::from(format!("{salt}{}", password.expose_secret()));
        let salted = salted.expose_secret();
        let actual = bcrypt::hash_with_salt(salted, self.cost.0, salt_of(hash)?).ok()?;
        if let Some(cost) = equal_to {
            cost.work_beyond(self.cost);
        }
        // The versions 2a, 2b and 2y are one algorithm, but the texts must be equal.
        let text = actual.format_for_version(Version::TwoA);
        let actual = format!("{}{}", hash.get(..4)?, text.get(4..)?);
        Some(match &self.wrapped {
            None => BcryptMatch::Known(actual.as_bytes().ct_eq(hash.as_bytes()).into()),
            Some(expected) => {
                BcryptMatch::Wrapped { digest: actual.into(), expected: expected.clone() }
            }
        })
    }

    fn encoded_salt(&self) -> String {
        BASE64_URL_SAFE_NO_PAD.encode(self.salt.expose_secret())
    }
}

/// The cost in a bcrypt hash.
fn cost_of(hash: &str) -> Option<BcryptCost> {
    BcryptCost::new(hash.get(4..6)?.parse().ok()?)
}

/// The salt in a bcrypt hash, with or without its digest.
fn salt_of(hash: &str) -> Option<[u8; 16]> {
    let complete: HashParts = format!("{hash:.<LENGTH$}").parse().ok()?;
    Some(complete.get_salt_raw())
}

/// The part of an API key by which Metabase finds it, if the text can be one of its keys.
#[must_use]
pub fn metabase_key_prefix(key: &str) -> Option<&str> {
    let is_key = (MIN_KEY_LENGTH..=MAX_KEY_LENGTH).contains(&key.len())
        && key.bytes().all(|byte| byte.is_ascii_graphic());
    is_key.then(|| key.get(..KEY_PREFIX_LENGTH))?
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A public test vector: salt, password and hash of a user of Metabase.
    const SALT: &str = "a4d9fe2a-fbd9-44c6-a1a1-de3bf8c3be86";
    const HASH: &str = "$2a$10$C6OAB3k6QgM6.0e8Jqo71udz14w2zMSVt4x.fdo9DmhnZkxs2yz4a";

    fn matches(hash: &MetabaseHash, password: &str) -> bool {
        matches!(hash.compare(&password.into(), None), Some(BcryptMatch::Known(true)))
    }

    /// A hash of the lowest cost, which takes little time.
    fn cheap(password: &str) -> MetabaseHash {
        let text = bcrypt::hash_with_salt(format!("{SALT}{password}"), 4, [7; 16]).unwrap();
        MetabaseHash::parse(&text.format_for_version(Version::TwoA), SALT).unwrap()
    }

    #[test]
    fn accepts_the_password_of_a_user_of_metabase() {
        let hash = MetabaseHash::parse(HASH, SALT).unwrap();
        assert!(matches(&hash, "123456") && !matches(&hash, "123457"));
        assert_eq!(hash.cost().get(), 10);
    }

    #[test]
    fn survives_the_table() {
        let stored = cheap("secret").kept();
        let hash = MetabaseHash::from_stored(&stored).unwrap().unwrap();
        assert!(matches(&hash, "secret"));
        assert_eq!(hash.expose_kept().map(|(_, salt)| salt), Some(SALT));
        assert_eq!(hash.kept(), stored);
    }

    #[test]
    fn only_the_first_36_bytes_of_a_password_count() {
        let hash = cheap(&"x".repeat(40));
        assert!(matches(&hash, &format!("{}other tail", "x".repeat(36))));
        assert!(!matches(&hash, &"x".repeat(35)));
    }

    #[test]
    fn refuses_hashes_that_would_take_too_long_or_are_none() {
        let with_cost = |cost: &str| HASH.replacen("$10$", cost, 1);
        let error = |text: &str| MetabaseHash::parse(text, SALT).err();
        assert_eq!(error(&with_cost("$12$")), None);
        for cost in ["$13$", "$31$", "$03$", "$00$"] {
            assert_eq!(error(&with_cost(cost)), Some(InvalidMetabaseHash::Cost), "{cost}");
        }
        let other_version = HASH.replacen("$2a$", "$2x$", 1);
        for text in ["", "$2a$", &HASH[..59], &format!("{HASH}a"), &other_version, "plain"] {
            assert_eq!(error(text), Some(InvalidMetabaseHash::Format), "{text:?}");
        }
        let long_salt = "s".repeat(65);
        let error = MetabaseHash::parse(HASH, &long_salt).err();
        assert_eq!(error, Some(InvalidMetabaseHash::Salt));
    }

    #[test]
    fn damaged_text_in_the_table_is_an_error() {
        for text in [
            "$metabase-bcrypt$",
            "$metabase-bcrypt$!$2a$",
            "$metabase-bcrypt$YQ$2a$10$short",
            "$metabase-argon2id$YQ$2a$",
        ] {
            assert!(MetabaseHash::from_stored(text).unwrap().is_err(), "{text}");
        }
        assert!(MetabaseHash::from_stored("$argon2id$v=19$").is_none());
    }

    #[test]
    fn an_api_key_has_a_prefix() {
        let key = "mb_abcdefghijklmnop";
        assert_eq!(metabase_key_prefix(key), Some("mb_abcd"));
        for text in ["", "mb_", "mb_abcdefgh", "mb_abcd\u{e9}fghijkl", &"x".repeat(255)] {
            assert_eq!(metabase_key_prefix(text), None, "{text:?}");
        }
    }
}
