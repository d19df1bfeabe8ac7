//! Reset tokens. A client with a valid one may set a new password for its user.

use std::fmt;

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};

use super::login::Credentials;
use crate::{
    domain::{
        Email, PasswordReset, RateLimits, SessionGeneration, SiteUrl, Timestamp, TokenHash, User,
        UserId,
    },
    random::{self, NoEntropy},
};

/// A reset token: 256 random bits, and the user ID, which locates the stored hash.
///
/// On the wire it is `<user ID>_<secret>`, as in Metabase.
#[derive(Clone, PartialEq, Eq)]
pub struct ResetToken {
    user: UserId,
    secret: [u8; 32],
}

impl ResetToken {
    /// Generates a token for a user.
    ///
    /// # Errors
    ///
    /// Returns an error if the operating system has no random bytes.
    pub fn generate(user: UserId) -> Result<Self, NoEntropy> {
        Ok(Self { user, secret: random::bytes()? })
    }

    /// Parses a token; `None` for any other text.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (user, secret) = text.split_once('_')?;
        let secret = BASE64_URL_SAFE_NO_PAD.decode(secret).ok()?.try_into().ok()?;
        Some(Self { user: user.parse().ok()?, secret })
    }

    /// The password reset link: the URL of the page for a new password.
    #[must_use]
    pub fn reset_url(&self, site: &SiteUrl) -> String {
        format!("{site}/auth/reset_password/{}", self.expose())
    }

    /// The invitation link: the same page for a user who has never had a password.
    #[must_use]
    pub fn invitation_url(&self, site: &SiteUrl) -> String {
        format!("{}#new", self.reset_url(site))
    }

    /// The user named in the token.
    #[must_use]
    pub const fn user(&self) -> UserId {
        self.user
    }

    /// The hash of the token. The table contains only the hash.
    #[must_use]
    pub fn hash(&self) -> TokenHash {
        TokenHash::of(self.expose().as_bytes())
    }

    fn expose(&self) -> String {
        format!("{}_{}", self.user, BASE64_URL_SAFE_NO_PAD.encode(self.secret))
    }
}

impl fmt::Debug for ResetToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ResetToken(for {})", self.user)
    }
}

/// The origin of a reset token. A token of one origin does not replace those of the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ResetKind {
    /// A link or an invitation of an administrator.
    Given,
    /// An email in response to `forgot_password`.
    Emailed,
}

/// A reset token to issue.
#[derive(Debug)]
pub struct NewPasswordReset {
    /// The token for the user.
    pub token: ResetToken,
    /// The stored part of the reset.
    pub reset: PasswordReset,
}

impl NewPasswordReset {
    /// Creates a token for a user.
    ///
    /// # Errors
    ///
    /// Returns an error if the operating system has no random bytes.
    pub fn new(user: &User, now: Timestamp) -> Result<Self, NoEntropy> {
        let token = ResetToken::generate(user.id)?;
        Ok(Self { token, reset: PasswordReset::new(user.generation, &user.email, now) })
    }
}

/// A request for a reset email, with everything that was read for it.
#[derive(Debug)]
pub struct ForgotPasswordAttempt {
    /// The requested email address.
    pub email: Email,
    /// The credentials of the email address, if a user has it.
    pub credentials: Option<Credentials>,
    /// The rate limits: first that of the email address, then that of the client IP.
    pub rate_limits: RateLimits,
}

impl ForgotPasswordAttempt {
    /// Creates a reset token. For an unknown email address it is a decoy and is never stored.
    ///
    /// # Errors
    ///
    /// Returns an error if the operating system has no random bytes.
    pub fn new_reset(&self, now: Timestamp) -> Result<NewPasswordReset, NoEntropy> {
        let (user, generation, email) = match &self.credentials {
            Some(found) => (found.user, found.generation, &found.email),
            None => (UserId::INSTALLER, SessionGeneration::default(), &self.email),
        };
        let token = ResetToken::generate(user)?;
        Ok(NewPasswordReset { token, reset: PasswordReset::new(generation, email, now) })
    }
}

/// An attempt to use a reset token, with everything that was read for it.
#[derive(Debug)]
pub struct ResetAttempt {
    /// The token, if the client sent a well-formed one.
    pub token: Option<ResetToken>,
    /// The hashes and the resets stored for the token's user.
    pub stored: Vec<(ResetKind, TokenHash, PasswordReset)>,
    /// The token's user.
    pub user: Option<User>,
}

/// Proof that the client has a valid reset token of a user.
#[derive(Debug)]
pub struct ResetGrant<'a> {
    user: &'a User,
    reset: &'a PasswordReset,
    hash: TokenHash,
    kind: ResetKind,
}

impl<'a> ResetGrant<'a> {
    /// Compares the token with the stored hash. The duration of the comparison reveals nothing
    /// useful, because both sides are hashes.
    #[must_use]
    pub fn check(attempt: &'a ResetAttempt, now: Timestamp) -> Option<Self> {
        let hash = attempt.token.as_ref()?.hash();
        let user = attempt.user.as_ref()?;
        let (kind, _, reset) = attempt.stored.iter().find(|(_, stored, _)| *stored == hash)?;
        let is_valid = reset.is_valid_for(user, now);
        is_valid.then_some(Self { user, reset, hash, kind: *kind })
    }

    /// The origin of the token.
    pub(crate) const fn kind(&self) -> ResetKind {
        self.kind
    }

    /// The user.
    #[must_use]
    pub const fn user(&self) -> &User {
        self.user
    }

    /// The stored reset.
    pub(crate) const fn reset(&self) -> &PasswordReset {
        self.reset
    }

    /// The hash of the token.
    pub(crate) const fn hash(&self) -> &TokenHash {
        &self.hash
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token() -> ResetToken {
        ResetToken::generate(UserId::INSTALLER).unwrap()
    }

    #[test]
    fn survives_the_wire() {
        let token = token();
        let text = token.expose();
        assert!(text.starts_with("1_"));
        assert_eq!(text.len(), "1_".len() + 43);
        assert_eq!(ResetToken::parse(&text), Some(token));
    }

    #[test]
    fn is_never_twice_the_same() {
        assert_ne!(token().hash(), token().hash());
    }

    #[test]
    fn the_hash_covers_the_user() {
        let token = token();
        let other = ResetToken { user: UserId::try_from(2).unwrap(), ..token.clone() };
        assert_ne!(token.hash(), other.hash());
    }

    #[test]
    fn garbage_is_not_a_token() {
        let (_, secret) = ("", token().expose());
        let secret = secret.trim_start_matches("1_");
        for text in [
            "",
            "_",
            "1",
            "1_",
            "1_8a266560-e3a8-4dc1-9cd1-b4471dcd56d7",
            &format!("0_{secret}"),
            &format!("-1_{secret}"),
            &format!("{secret}_1"),
            &format!("1_{secret}="),
            &format!("1_{secret}A"),
            &format!("1__{secret}"),
        ] {
            assert_eq!(ResetToken::parse(text), None, "{text:?}");
        }
    }

    #[test]
    fn leads_to_the_page_of_the_site() {
        let (token, site) = (token(), SiteUrl::parse("https://example.com/users/").unwrap());
        let link = format!("https://example.com/users/auth/reset_password/{}", token.expose());
        assert_eq!(token.reset_url(&site), link);
        assert_eq!(token.invitation_url(&site), link + "#new");
    }

    #[test]
    fn debug_is_silent() {
        let token = token();
        let secret = token.expose();
        assert!(!format!("{token:?}").contains(&secret[4..]));
    }
}
