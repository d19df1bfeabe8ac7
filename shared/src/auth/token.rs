//! Session tokens: opaque to clients, never stored.

use std::fmt;

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};

use crate::{
    domain::{SessionGeneration, TokenHash, UserId},
    random::{self, NoEntropy},
};

/// The bytes of a token: the account, its generation of sessions, and the secret.
const LENGTH: usize = 8 + 4 + 32;

/// A session token: 256 random bits, and beside them the keys of the items that prove it.
///
/// Because the token names its account, one read of exact keys finds session and account together.
/// The names are not trusted: the hash that is looked up covers them too.
#[derive(Clone, PartialEq, Eq)]
pub struct SessionToken {
    user: UserId,
    generation: SessionGeneration,
    secret: [u8; 32],
}

impl SessionToken {
    /// A new token of an account.
    ///
    /// # Errors
    ///
    /// When the operating system has no random bytes.
    pub fn generate(user: UserId, generation: SessionGeneration) -> Result<Self, NoEntropy> {
        Ok(Self { user, generation, secret: random::bytes()? })
    }

    /// Reads a token; `None` for any text that is not one.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let bytes: [u8; LENGTH] = BASE64_URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok()?;
        let (user, rest) = bytes.split_first_chunk()?;
        let (generation, secret) = rest.split_first_chunk()?;
        Some(Self {
            user: u64::from_be_bytes(*user).try_into().ok()?,
            generation: SessionGeneration(u32::from_be_bytes(*generation)),
            secret: secret.try_into().ok()?,
        })
    }

    /// The token as it is given to the client: 59 characters of URL-safe Base64.
    #[must_use]
    pub fn expose(&self) -> String {
        BASE64_URL_SAFE_NO_PAD.encode(self.bytes())
    }

    /// What is stored of the token.
    #[must_use]
    pub fn hash(&self) -> TokenHash {
        TokenHash::of(&self.bytes())
    }

    /// The account that the token claims to be of.
    #[must_use]
    pub const fn user(&self) -> UserId {
        self.user
    }

    /// The generation of sessions that the token claims to be of.
    #[must_use]
    pub const fn generation(&self) -> SessionGeneration {
        self.generation
    }

    fn bytes(&self) -> Vec<u8> {
        let user = self.user.get().to_be_bytes();
        [&user[..], &self.generation.0.to_be_bytes(), &self.secret].concat()
    }
}

impl fmt::Debug for SessionToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SessionToken(of {})", self.user)
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
        let claims_more = SessionToken { generation: token.generation.next(), ..token.clone() };
        assert_ne!(token.hash(), claims_more.hash());
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
    fn garbage_is_no_token() {
        let nobody = BASE64_URL_SAFE_NO_PAD.encode([0; LENGTH]);
        let padded = format!("{}=", token().expose());
        for text in ["", "x", "é", "00000000-0000-0000-0000-000000000000", &nobody, &padded] {
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
