//! API key secrets: opaque to clients, returned once, never stored.

use std::fmt;

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};

use super::metabase_hash::BcryptHash;
use crate::{
    domain::{
        ApiKey, ApiKeySpec, ApiKeyValidity, ApiKeyWithUser, Timestamp, TokenHash, User, UserId,
    },
    random::{self, NoEntropy},
};

/// The prefix of every key, as in Metabase.
const PREFIX: &str = "mb_";
/// The length of a key in bytes: secret, service account, and responsible user.
const LENGTH: usize = 32 + 8 + 8;
/// The number of visible characters in a masked key, including the prefix, as in Metabase.
const VISIBLE_CHARS: usize = 7;

/// An API key: 256 random bits, and the IDs of its service account and of its responsible user.
///
/// With both IDs in the key, one read of exact keys returns all items of its authentication, as for
/// a session token. The hash of the lookup covers both IDs, so a client cannot change them.
#[derive(Clone, PartialEq, Eq)]
pub struct ApiKeyToken {
    secret: [u8; 32],
    user: UserId,
    responsible_user: UserId,
}

impl ApiKeyToken {
    /// Generates a key for the service account `user`, with `owner` as the responsible user.
    ///
    /// # Errors
    ///
    /// Returns an error if the operating system has no random bytes.
    pub fn generate(user: UserId, owner: UserId) -> Result<Self, NoEntropy> {
        Ok(Self { secret: random::bytes()?, user, responsible_user: owner })
    }

    /// Parses a key; `None` for any other text.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let encoded = text.strip_prefix(PREFIX)?;
        let bytes: [u8; LENGTH] = BASE64_URL_SAFE_NO_PAD.decode(encoded).ok()?.try_into().ok()?;
        let (secret, rest) = bytes.split_first_chunk()?;
        let (user, owner) = rest.split_first_chunk()?;
        Some(Self {
            secret: *secret,
            user: u64::from_be_bytes(*user).try_into().ok()?,
            responsible_user: u64::from_be_bytes(owner.try_into().ok()?).try_into().ok()?,
        })
    }

    /// Returns the key for the client: `mb_` and 64 characters of URL-safe Base64.
    #[must_use]
    pub fn expose(&self) -> String {
        format!("{PREFIX}{}", BASE64_URL_SAFE_NO_PAD.encode(self.bytes()))
    }

    /// The masked key for lists.
    #[must_use]
    pub fn masked(&self) -> String {
        let visible: String = self.expose().chars().take(VISIBLE_CHARS).collect();
        format!("{visible}{}", "*".repeat(20))
    }

    /// The hash of the key. The table contains only the hash.
    #[must_use]
    pub fn hash(&self) -> TokenHash {
        TokenHash::of(&self.bytes())
    }

    /// The service account named in the key.
    #[must_use]
    pub const fn user(&self) -> UserId {
        self.user
    }

    /// The responsible user named in the key.
    #[must_use]
    pub const fn responsible_user(&self) -> UserId {
        self.responsible_user
    }

    fn bytes(&self) -> Vec<u8> {
        let [user, owner] = [self.user, self.responsible_user].map(|id| id.get().to_be_bytes());
        [&self.secret[..], &user, &owner].concat()
    }
}

impl fmt::Debug for ApiKeyToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ApiKeyToken(of {})", self.user)
    }
}

/// The API key of a request. A read of exact keys decides whether it is valid.
#[derive(Debug)]
pub struct ApiKeyCredential {
    /// The service account.
    pub user: UserId,
    /// The responsible user.
    pub responsible_user: UserId,
    /// The hash, and the conditions of a key of Metabase, which are already read.
    pub proof: ApiKeyProof,
}

/// The part of an API key that proves it.
#[derive(Debug)]
pub enum ApiKeyProof {
    /// The hash of a key of this service. The table may not contain it.
    Hash(TokenHash),
    /// The conditions of a key of Metabase that matches its stored hash.
    Imported(ApiKeyValidity),
}

impl From<&ApiKeyToken> for ApiKeyCredential {
    fn from(token: &ApiKeyToken) -> Self {
        let ApiKeyToken { user, responsible_user, .. } = *token;
        Self { user, responsible_user, proof: ApiKeyProof::Hash(token.hash()) }
    }
}

/// An API key of Metabase, as it is stored.
#[derive(Debug)]
pub struct ImportedApiKey {
    /// The service account.
    pub user: UserId,
    /// The conditions of the secret.
    pub validity: ApiKeyValidity,
    /// The hash to compare the key with.
    pub hash: ImportedKeyHash,
}

/// The hash of an API key of Metabase.
#[derive(Debug, Clone)]
pub enum ImportedKeyHash {
    /// Metabase's own hash, before the first use here.
    Bcrypt(BcryptHash),
    /// The hash of this service, since the first use.
    Known(TokenHash),
}

impl ImportedApiKey {
    /// The credential of a request with the key.
    #[must_use]
    pub const fn credential(&self) -> ApiKeyCredential {
        ApiKeyCredential {
            user: self.user,
            responsible_user: self.validity.owner,
            proof: ApiKeyProof::Imported(self.validity),
        }
    }
}

/// A valid API key: its service account, and its conditions as read.
#[derive(Debug)]
pub struct ApiKeyLogin {
    /// The service account.
    pub user: User,
    /// The conditions of the secret.
    pub validity: ApiKeyValidity,
    /// The last recorded use, in seconds since 1970.
    pub last_used_at: Option<i64>,
}

/// A secret to store, for a new key or in place of an earlier secret.
#[derive(Debug)]
pub struct NewApiKeySecret {
    /// The token for the client.
    pub token: ApiKeyToken,
    /// The conditions under which the secret is valid.
    pub validity: ApiKeyValidity,
}

impl NewApiKeySecret {
    /// Generates a secret for a service account.
    ///
    /// # Errors
    ///
    /// Returns an error if the operating system has no random bytes.
    pub fn generate(user: UserId, validity: ApiKeyValidity) -> Result<Self, NoEntropy> {
        Ok(Self { token: ApiKeyToken::generate(user, validity.owner)?, validity })
    }
}

/// A replacement of an API key's secret.
#[derive(Debug)]
pub struct ApiKeyRotation<'a> {
    /// The new secret.
    pub secret: &'a NewApiKeySecret,
    /// The user who rotates the key.
    pub by: UserId,
    /// The time of the rotation.
    pub now: Timestamp,
}

impl ApiKeyWithUser {
    /// Creates a key and its service account.
    ///
    /// # Errors
    ///
    /// Returns an error if the operating system has no random bytes.
    pub fn new(spec: ApiKeySpec, secret: &NewApiKeySecret) -> Result<Self, NoEntropy> {
        let NewApiKeySecret { token, validity } = secret;
        let nonce = u128::from_be_bytes(random::bytes()?);
        let user = User::for_api_key(token.user(), nonce, &spec);
        let key = ApiKey {
            id: user.id,
            name: spec.name,
            hash: token.hash(),
            masked: token.masked(),
            created_at: spec.now,
            updated_at: spec.now,
            updated_by: spec.by,
            validity: Some(*validity),
        };
        Ok(Self { key, user })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key() -> ApiKeyToken {
        let id = |id: u64| UserId::try_from(id).unwrap();
        ApiKeyToken::generate(id(7), id(1)).unwrap()
    }

    #[test]
    fn survives_the_wire() {
        let key = key();
        assert_eq!(ApiKeyToken::parse(&key.expose()), Some(key.clone()));
        assert_eq!(key.expose().len(), 3 + 64);
    }

    #[test]
    fn the_hash_covers_every_byte() {
        let key = key();
        let with_other_owner =
            ApiKeyToken { responsible_user: UserId::try_from(2).unwrap(), ..key.clone() };
        assert_ne!(key.hash(), with_other_owner.hash());
    }

    #[test]
    fn garbage_is_not_a_key() {
        let zeros = format!("mb_{}", BASE64_URL_SAFE_NO_PAD.encode([0; LENGTH]));
        let unprefixed = key().expose().replacen("mb_", "", 1);
        for text in ["", "mb_", "mb_é", "mb_x", &zeros, &unprefixed] {
            assert_eq!(ApiKeyToken::parse(text), None, "{text:?}");
        }
    }

    #[test]
    fn a_masked_key_reveals_little() {
        let key = key();
        assert_eq!(key.masked().len(), 27);
        assert!(key.expose().starts_with(key.masked().trim_end_matches('*')));
        assert!(!format!("{key:?}").contains(&key.expose()[3..]));
    }
}
