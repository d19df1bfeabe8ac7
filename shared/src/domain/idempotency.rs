//! Idempotent requests: one effect, however often a client repeats them.

use std::fmt;

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};

use super::UserId;

/// The separator of the parts of a fingerprint.
const SEPARATOR: &str = ".";

/// The identity of an idempotent request, and the fingerprint of its content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdempotencyKey {
    id: String,
    fingerprint: String,
}

/// The maximum size of a response for repetitions in bytes. An item of DynamoDB has at most 400 KB.
pub const MAX_STORED_RESPONSE: usize = 256 * 1_024;

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

/// The part of a record that answers repetitions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Replay {
    /// The first response.
    Response(StoredResponse),
    /// A response from the present data. The first one contained data of other users, which must
    /// not outlive them in a record.
    Render,
    /// An error, because the first response contained a secret or was too large.
    Refuse,
}

impl Replay {
    /// Repeats a response, unless it is too large for a record.
    pub(crate) fn response(response: StoredResponse) -> Self {
        if response.body.len() > MAX_STORED_RESPONSE {
            Self::Refuse
        } else {
            Self::Response(response)
        }
    }

    /// Renders a response again, unless the first one was too large for a record.
    pub(crate) const fn rendering(response: &StoredResponse) -> Self {
        if response.body.len() > MAX_STORED_RESPONSE { Self::Refuse } else { Self::Render }
    }
}

/// The record of an earlier request with the same key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdempotencyRecord {
    /// The fingerprint of the earlier request.
    pub fingerprint: String,
    /// The answer to repetitions.
    pub replay: Replay,
}

/// A request with an idempotency key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdempotentRequest {
    /// The identity and the fingerprint.
    pub key: IdempotencyKey,
    /// The record of an earlier request with the same key.
    pub record: Option<IdempotencyRecord>,
    /// The answer to repetitions, to store with the effect.
    pub replay: Replay,
}

/// The content of a request that must be the same in each repetition.
#[derive(Clone, Copy)]
pub struct IdempotentPayload<'a> {
    /// Everything except secrets.
    pub parts: &'a [&'a [u8]],
    /// The secrets in the body, for example a password.
    pub secrets: &'a [u8],
    /// The session token or the API key of the caller.
    pub credential: &'a [u8],
}

impl IdempotencyKey {
    /// The key of a user's request to a route.
    ///
    /// A reader of the table could guess a password from a plain digest. The digest of secrets
    /// therefore contains the caller's credential, which has 256 random bits and is never stored.
    #[must_use]
    pub fn new(user: UserId, route: &str, key: &str, payload: IdempotentPayload<'_>) -> Self {
        let user = user.get().to_be_bytes();
        let key = key.as_bytes();
        let id = digest([&user[..], route.as_bytes(), key]);
        let mut fingerprint = digest([key].into_iter().chain(payload.parts.iter().copied()));
        let IdempotentPayload { secrets, credential, .. } = payload;
        if !secrets.is_empty() {
            let parts = [digest([credential]), digest([credential, secrets])];
            fingerprint = format!("{fingerprint}{SEPARATOR}{}", parts.join(SEPARATOR));
        }
        Self { id, fingerprint }
    }

    /// Whether an earlier request had the same content.
    ///
    /// Secrets can be compared only if the credential is the same. With another credential of the
    /// user, both requests must have secrets.
    #[must_use]
    pub fn matches(&self, stored: &str) -> bool {
        let split = |fingerprint: &str| {
            let mut parts = fingerprint.split(SEPARATOR).map(str::to_owned);
            (parts.next(), parts.next(), parts.next())
        };
        let (before, now) = (split(stored), split(&self.fingerprint));
        let is_other_credential = before.1.is_some() && now.1.is_some() && before.1 != now.1;
        before.0 == now.0 && (is_other_credential || (before.1, before.2) == (now.1, now.2))
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

    fn key_of(user: UserId, route: &str, key: &str, parts: &[&[u8]]) -> IdempotencyKey {
        let payload = IdempotentPayload { parts, secrets: b"", credential: b"token" };
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
    fn secrets_are_compared_for_one_credential() {
        let with = |secrets, credential| {
            let payload = IdempotentPayload { parts: &[b"body"], secrets, credential };
            IdempotencyKey::new(UserId::INSTALLER, "", "k", payload)
        };
        let one = with(b"password", b"token");
        let matches = |secrets, credential| with(secrets, credential).matches(one.fingerprint());
        assert!(matches(b"password", b"token") && matches(b"password", b"other"));
        assert!(!matches(b"passwort", b"token"));
        assert!(!matches(b"", b"token") && !matches(b"", b"other"));
        assert!(with(b"", b"token").matches(with(b"", b"other").fingerprint()));
        let other = with(b"password", b"other");
        let secret = |key: &IdempotencyKey| key.fingerprint().rsplit('.').next().map(str::to_owned);
        assert_ne!(secret(&one), secret(&other), "the digest depends on the credential");
    }

    #[test]
    fn a_large_response_is_not_stored() {
        let response = |size| StoredResponse { status: 200, body: "x".repeat(size), etag: None };
        let [largest, larger] = [MAX_STORED_RESPONSE, MAX_STORED_RESPONSE + 1].map(response);
        assert_eq!(Replay::rendering(&largest), Replay::Render);
        assert_eq!(Replay::response(largest.clone()), Replay::Response(largest));
        assert_eq!(Replay::rendering(&larger), Replay::Refuse);
        assert_eq!(Replay::response(larger), Replay::Refuse);
    }

    #[test]
    fn debug_omits_the_body() {
        let response = StoredResponse { status: 200, body: "secret".to_owned(), etag: None };
        assert_eq!(format!("{response:?}"), "StoredResponse(200)");
    }
}
