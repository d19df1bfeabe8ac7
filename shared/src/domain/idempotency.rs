//! Requests that are carried out once, however often they come.

use std::{borrow::Cow, fmt};

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};

use super::UserId;

/// What a request with a key is known by, and what it must be each time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdempotencyKey {
    id: String,
    fingerprint: String,
}

/// An answer, as it is kept for those who send the same request again. Its `Debug` is silent: it tells
/// of somebody.
#[derive(Clone, PartialEq, Eq)]
pub struct StoredResponse {
    /// The status.
    pub status: u16,
    /// The body, which is JSON.
    pub body: String,
    /// The entity tag.
    pub etag: Option<String>,
}

/// A request with the same key that was carried out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdempotencyRecord {
    /// What it was.
    pub fingerprint: String,
    /// What it was answered; nothing, when that had a secret.
    pub response: Option<StoredResponse>,
}

/// One request with a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdempotentRequest {
    /// What it is known by.
    pub key: IdempotencyKey,
    /// Another one before it.
    pub record: Option<IdempotencyRecord>,
    /// What it is going to be answered, if that may be kept.
    pub response: Option<StoredResponse>,
}

impl IdempotencyKey {
    /// The ticket of one caller's request to one route.
    ///
    /// The key is part of the second digest too. A payload may have a password, which could be guessed
    /// from a digest of nothing else; of the key only a digest is stored.
    #[must_use]
    pub fn new(user: UserId, route: &str, key: &str, payload: &[Cow<'_, [u8]>]) -> Self {
        let user = user.get().to_be_bytes();
        let key = key.as_bytes();
        let id = digest([&user[..], route.as_bytes(), key]);
        let payload = digest([key].into_iter().chain(payload.iter().map(AsRef::as_ref)));
        Self { id, fingerprint: payload }
    }

    /// What the request is known by: 43 characters of URL-safe Base64.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// What it must be each time.
    #[must_use]
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }
}

impl fmt::Debug for StoredResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Kept({})", self.status)
    }
}

/// The SHA-256 of parts that cannot run into each other.
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

    fn ticket_of(user: UserId, route: &str, key: &str, payload: &[&[u8]]) -> IdempotencyKey {
        let payload: Vec<_> = payload.iter().map(|part| Cow::Borrowed(*part)).collect();
        IdempotencyKey::new(user, route, key, &payload)
    }

    fn ticket(route: &str, key: &str, payload: &[&[u8]]) -> IdempotencyKey {
        ticket_of(UserId::INSTALLER, route, key, payload)
    }

    #[test]
    fn is_of_one_caller_one_route_and_one_key() {
        let one = ticket("POST /a", "k", &[b"x"]);
        let somebody = UserId::try_from(2).unwrap();
        for other in [
            ticket_of(somebody, "POST /a", "k", &[b"x"]),
            ticket("POST /ak", "", &[b"x"]),
            ticket("POST /a", "K", &[b"x"]),
        ] {
            assert_ne!(other.id, one.id);
        }
        assert_eq!(ticket("POST /a", "k", &[b"y"]).id, one.id);
        assert_eq!(one.id.len(), 43);
    }

    #[test]
    fn a_payload_has_parts_and_no_digest_of_its_own() {
        let one = ticket("", "k", &[b"ab", b"c"]);
        assert_ne!(one.fingerprint, ticket("", "k", &[b"a", b"bc"]).fingerprint);
        assert_ne!(one.fingerprint, ticket("", "K", &[b"ab", b"c"]).fingerprint);
        assert_eq!(one.fingerprint, ticket("other", "k", &[b"ab", b"c"]).fingerprint);
    }

    #[test]
    fn an_answer_does_not_print() {
        let kept = StoredResponse { status: 200, body: "secret".to_owned(), etag: None };
        assert_eq!(format!("{kept:?}"), "Kept(200)");
    }
}
