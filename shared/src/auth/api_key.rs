//! API keys: opaque to clients, shown once, never stored.

use std::fmt;

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};

use crate::{
    domain::{ApiKey, ApiKeySpec, ApiKeyWithUser, Timestamp, TokenHash, User, UserId},
    random::{self, NoEntropy},
};

/// How every key begins, as in Metabase.
const PREFIX: &str = "mb_";
/// The bytes of a key: the secret, the account that it signs in, and the account that answers for it.
const LENGTH: usize = 32 + 8 + 8;
/// How many characters of a key a list shows, the prefix included, as in Metabase.
const VISIBLE_CHARS: usize = 7;

/// An API key: 256 random bits, and behind them the keys of the items that prove it.
///
/// Like a session's token it names the accounts that it is about, so that one read of exact keys finds
/// all; the hash that is looked up covers them too.
#[derive(Clone, PartialEq, Eq)]
pub struct ApiKeyToken {
    secret: [u8; 32],
    user: UserId,
    responsible_user: UserId,
}

impl ApiKeyToken {
    /// A new key that signs `user` in, for as long as `owner` is an administrator.
    ///
    /// # Errors
    ///
    /// When the operating system has no random bytes.
    pub fn generate(user: UserId, owner: UserId) -> Result<Self, NoEntropy> {
        Ok(Self { secret: random::bytes()?, user, responsible_user: owner })
    }

    /// Reads a key; `None` for any text that is not one.
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

    /// The key as it is given to the client: `mb_` and 64 characters of URL-safe Base64.
    #[must_use]
    pub fn expose(&self) -> String {
        format!("{PREFIX}{}", BASE64_URL_SAFE_NO_PAD.encode(self.bytes()))
    }

    /// What a list shows of the key.
    #[must_use]
    pub fn masked(&self) -> String {
        let shown: String = self.expose().chars().take(VISIBLE_CHARS).collect();
        format!("{shown}{}", "*".repeat(20))
    }

    /// What is stored of the key.
    #[must_use]
    pub fn hash(&self) -> TokenHash {
        TokenHash::of(&self.bytes())
    }

    /// The account that the key claims to sign in.
    #[must_use]
    pub const fn user(&self) -> UserId {
        self.user
    }

    /// The account that the key claims answers for it.
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

/// A replacement of an API key's secret.
#[derive(Debug)]
pub struct ApiKeyRotation<'a> {
    /// The new secret.
    pub token: &'a ApiKeyToken,
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
    pub fn new(spec: ApiKeySpec, token: &ApiKeyToken) -> Result<Self, NoEntropy> {
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
        let of_another =
            ApiKeyToken { responsible_user: UserId::try_from(2).unwrap(), ..key.clone() };
        assert_ne!(key.hash(), of_another.hash());
    }

    #[test]
    fn garbage_is_no_key() {
        let nobody = format!("mb_{}", BASE64_URL_SAFE_NO_PAD.encode([0; LENGTH]));
        let unprefixed = key().expose().replacen("mb_", "", 1);
        for text in ["", "mb_", "mb_é", "mb_x", &nobody, &unprefixed] {
            assert_eq!(ApiKeyToken::parse(text), None, "{text:?}");
        }
    }

    #[test]
    fn shows_little() {
        let key = key();
        assert_eq!(key.masked().len(), 27);
        assert!(key.expose().starts_with(key.masked().trim_end_matches('*')));
        assert!(!format!("{key:?}").contains(&key.expose()[3..]));
    }
}
