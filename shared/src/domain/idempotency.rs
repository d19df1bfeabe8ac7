//! Idempotent requests: one effect, however often a client repeats them.

use std::fmt;

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};

use super::UserId;

/// The identity of an idempotent request, and the fingerprint of its content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdempotencyKey {
    id: String,
    fingerprint: String,
}

/// A response, stored for repetitions of the request. Its `Debug` omits the body, which contains
/// personal data.
#[derive(Clone, PartialEq, Eq)]
pub struct StoredResponse {
    /// The status.
    pub status: u16,
    /// The body, which is JSON.
    pub body: String,
    /// The entity tag.
    pub etag: Option<String>,
}

/// The record of an earlier request with the same key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdempotencyRecord {
    /// The fingerprint of the earlier request.
    pub fingerprint: String,
    /// The response of the earlier request; `None` if it contained a secret.
    pub response: Option<StoredResponse>,
}

/// A request with an idempotency key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdempotentRequest {
    /// The identity and the fingerprint.
    pub key: IdempotencyKey,
    /// The record of an earlier request with the same key.
    pub record: Option<IdempotencyRecord>,
    /// The response to store, if it may be stored.
    pub response: Option<StoredResponse>,
}

impl IdempotencyKey {
    /// The key of a user's request to a route.
    ///
    /// The fingerprint covers the idempotency key too. A payload may contain a password, which an
    /// attacker could guess from a digest of the payload alone. The table contains only a digest of
    /// the key.
    #[must_use]
    pub fn new(user: UserId, route: &str, key: &str, payload: &[&[u8]]) -> Self {
        let user = user.get().to_be_bytes();
        let key = key.as_bytes();
        let id = digest([&user[..], route.as_bytes(), key]);
        let fingerprint = digest([key].into_iter().chain(payload.iter().copied()));
        Self { id, fingerprint }
    }

    /// The identity: 43 characters of URL-safe Base64.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The fingerprint, which must be the same in each repetition.
    #[must_use]
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }
}

impl fmt::Debug for StoredResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StoredResponse({})", self.status)
    }
}

/// The SHA-256 of parts. Each part is preceded by its length, so different parts never yield the
/// same input.
fn digest<'a>(parts: impl IntoIterator<Item = &'a [u8]>) -> String {
    let mut digest = Sha256::new();
    for part in parts {
        digest.update(part.len().to_be_bytes());
        digest.update(part);
    }
    BASE64_URL_SAFE_NO_PAD.encode(digest.finalize())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key_of(user: UserId, route: &str, key: &str, payload: &[&[u8]]) -> IdempotencyKey {
        IdempotencyKey::new(user, route, key, payload)
    }

    fn key_for(route: &str, key: &str, payload: &[&[u8]]) -> IdempotencyKey {
        key_of(UserId::INSTALLER, route, key, payload)
    }

    #[test]
    fn the_id_depends_on_user_route_and_key() {
        let one = key_for("POST /a", "k", &[b"x"]);
        let other_user = UserId::try_from(2).unwrap();
        for other in [
            key_of(other_user, "POST /a", "k", &[b"x"]),
            key_for("POST /ak", "", &[b"x"]),
            key_for("POST /a", "K", &[b"x"]),
        ] {
            assert_ne!(other.id, one.id);
        }
        assert_eq!(key_for("POST /a", "k", &[b"y"]).id, one.id);
        assert_eq!(one.id.len(), 43);
    }

    #[test]
    fn the_fingerprint_depends_on_key_and_parts() {
        let one = key_for("", "k", &[b"ab", b"c"]);
        assert_ne!(one.fingerprint, key_for("", "k", &[b"a", b"bc"]).fingerprint);
        assert_ne!(one.fingerprint, key_for("", "K", &[b"ab", b"c"]).fingerprint);
        assert_eq!(one.fingerprint, key_for("other", "k", &[b"ab", b"c"]).fingerprint);
    }

    #[test]
    fn debug_omits_the_body() {
        let response = StoredResponse { status: 200, body: "secret".to_owned(), etag: None };
        assert_eq!(format!("{response:?}"), "StoredResponse(200)");
    }
}
