//! Hashes of tokens, and the public IDs of sessions derived from them.

use std::fmt;

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// Separates the hash behind a session ID from every other hash.
const ID_DOMAIN_SEPARATOR: &[u8] = b"session id\0";

/// The start of the hash of an API key of Metabase, which is not known before its first use.
const IMPORTED: &str = "imported#";

/// The length of a session ID in characters of six bits each.
const ID_LENGTH: usize = 22;

/// The SHA-256 of a token as URL-safe Base64. The table stores the hash and never the token.
#[derive(Clone, PartialEq, Eq)]
pub struct TokenHash(String);

/// The public ID of a session. It is derived from the token hash and does not reveal it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionId(String);

impl TokenHash {
    /// Hashes the bytes of a token.
    pub(crate) fn of(token: &[u8]) -> Self {
        Self(BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(token)))
    }

    /// Wraps a hash read from the table.
    pub(crate) const fn from_stored(text: String) -> Self {
        Self(text)
    }

    /// Parses a hash of an export: 32 bytes as URL-safe Base64.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(text).ok()?;
        (bytes.len() == 32).then(|| Self(text.to_owned()))
    }

    /// Stands for the hash of an API key of Metabase, which is found by its prefix.
    #[must_use]
    pub fn of_imported_key(prefix: &str) -> Self {
        Self(format!("{IMPORTED}{prefix}"))
    }

    /// The prefix by which an API key of Metabase is found.
    #[must_use]
    pub fn imported_prefix(&self) -> Option<&str> {
        self.0.strip_prefix(IMPORTED)
    }

    /// Derives the public ID of the session.
    #[must_use]
    pub fn id(&self) -> SessionId {
        let digest = Sha256::new_with_prefix(ID_DOMAIN_SEPARATOR).chain_update(&self.0).finalize();
        let mut id = BASE64_URL_SAFE_NO_PAD.encode(digest);
        id.truncate(ID_LENGTH);
        SessionId(id)
    }

    /// Compares the hash with another one in constant time.
    #[must_use]
    pub fn is_equal(&self, other: &Self) -> bool {
        self.0.as_bytes().ct_eq(other.0.as_bytes()).into()
    }

    /// Returns the hash as 43 characters of URL-safe Base64.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for TokenHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenHash")
    }
}

impl SessionId {
    /// Returns the ID as 22 characters of URL-safe Base64.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
