//! Tokens of sessions and devices: opaque to clients, never stored.

use std::{fmt, marker::PhantomData};

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};

use crate::{
    domain::{SessionGeneration, TokenHash, UserId},
    random::{self, NoEntropy},
};

/// The length of a token in bytes: user ID, session generation and secret.
const LENGTH: usize = 8 + 4 + 32;

/// A token of a user: 256 random bits, and the user ID and session generation. `K` is its purpose.
///
/// With the user ID in the token, one read of exact keys returns the item of the token and the user
/// together. The hash of the lookup covers all parts, so a client cannot change them.
#[derive(Clone, PartialEq, Eq)]
pub struct Token<K> {
    user: UserId,
    generation: SessionGeneration,
    secret: [u8; 32],
    purpose: PhantomData<K>,
}

/// The purpose of a session token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ForSession;

/// The purpose of a device token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ForDevice;

/// The purpose of a token that confirms a new email address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ForConfirmation;

/// The purpose of a token that reverts a change of the email address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ForReversal;

/// The token in a link to a new email address.
pub type ConfirmationToken = Token<ForConfirmation>;

/// The token in a link to the old email address.
pub type ReversalToken = Token<ForReversal>;

/// The token of a session.
pub type SessionToken = Token<ForSession>;

/// The token of a device that has signed in. It does not authenticate, but the failed logins of
/// other devices do not delay this one.
pub type DeviceToken = Token<ForDevice>;

impl<K> Token<K> {
    /// Generates a token for a user.
    ///
    /// # Errors
    ///
    /// Returns an error if the operating system has no random bytes.
    pub fn generate(user: UserId, generation: SessionGeneration) -> Result<Self, NoEntropy> {
        Ok(Self { user, generation, secret: random::bytes()?, purpose: PhantomData })
    }

    /// Parses a token; `None` for any other text.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let bytes: [u8; LENGTH] = BASE64_URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok()?;
        let (user, rest) = bytes.split_first_chunk()?;
        let (generation, secret) = rest.split_first_chunk()?;
        Some(Self {
            user: u64::from_be_bytes(*user).try_into().ok()?,
            generation: SessionGeneration(u32::from_be_bytes(*generation)),
            secret: secret.try_into().ok()?,
            purpose: PhantomData,
        })
    }

    /// Returns the token for the client: 59 characters of URL-safe Base64.
    #[must_use]
    pub fn expose(&self) -> String {
        BASE64_URL_SAFE_NO_PAD.encode(self.bytes())
    }

    /// The hash of the token. The table contains only the hash.
    #[must_use]
    pub fn hash(&self) -> TokenHash {
        TokenHash::of(&self.bytes())
    }

    /// The user named in the token.
    #[must_use]
    pub const fn user(&self) -> UserId {
        self.user
    }

    /// The session generation named in the token.
    #[must_use]
    pub const fn generation(&self) -> SessionGeneration {
        self.generation
    }

    fn bytes(&self) -> Vec<u8> {
        let user = self.user.get().to_be_bytes();
        [&user[..], &self.generation.0.to_be_bytes(), &self.secret].concat()
    }
}

impl<K> fmt::Debug for Token<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Token(of {})", self.user)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token() -> SessionToken {
        SessionToken::generate(UserId::INSTALLER, SessionGeneration::default().next()).unwrap()
    }

    #[test]
    fn survives_the_wire() {
        let token = token();
        assert_eq!(SessionToken::parse(&token.expose()), Some(token.clone()));
        assert_eq!(token.expose().len(), 59);
    }

    #[test]
    fn is_never_twice_the_same() {
        assert_ne!(token().hash(), token().hash());
    }

    #[test]
    fn the_hash_covers_every_byte() {
        let token = token();
        let forged = SessionToken { generation: token.generation.next(), ..token.clone() };
        assert_ne!(token.hash(), forged.hash());
    }

    #[test]
    fn the_id_is_short_and_part_of_neither_token_nor_hash() {
        let token = token();
        let id = token.hash().id();
        assert_eq!(id.as_str().len(), 22);
        assert_eq!(id, TokenHash::from_stored(token.hash().as_str().to_owned()).id());
        assert!(
            !token.expose().contains(id.as_str()) && !token.hash().as_str().contains(id.as_str())
        );
        assert_ne!(id, self::token().hash().id());
    }

    #[test]
    fn garbage_is_not_a_token() {
        let zeros = BASE64_URL_SAFE_NO_PAD.encode([0; LENGTH]);
        let padded = format!("{}=", token().expose());
        for text in ["", "x", "é", "00000000-0000-0000-0000-000000000000", &zeros, &padded] {
            assert_eq!(SessionToken::parse(text), None, "{text:?}");
        }
    }

    #[test]
    fn debug_is_silent() {
        let token = token();
        let secret = token.expose();
        assert!(!format!("{token:?}").contains(&secret[16..]));
    }
}
