//! Reset tokens: whoever has one may choose a new password for its account.

use std::fmt;

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};

use super::token::TokenHash;
use crate::{
    domain::{AuditContext, AuthMethod, PasswordReset, RequestMeta, SiteUrl, User, UserId},
    random::{self, NoEntropy},
    store::ResetAttempt,
};

/// A reset token: the account's number, which tells where its hash is, and 256 random bits.
///
/// On the wire it is `<number>_<secret>`, as Metabase's is.
#[derive(Clone, PartialEq, Eq)]
pub struct ResetToken {
    user: UserId,
    secret: [u8; 32],
}

impl ResetToken {
    /// A new token for an account.
    ///
    /// # Errors
    ///
    /// When the operating system has no random bytes.
    pub fn generate(user: UserId) -> Result<Self, NoEntropy> {
        Ok(Self { user, secret: random::bytes()? })
    }

    /// Reads a token; `None` for any text that is not one.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (user, secret) = text.split_once('_')?;
        let secret = BASE64_URL_SAFE_NO_PAD.decode(secret).ok()?.try_into().ok()?;
        Some(Self { user: user.parse().ok()?, secret })
    }

    /// Where the account's owner chooses the new password.
    #[must_use]
    pub fn reset_url(&self, site: &SiteUrl) -> String {
        format!("{site}/auth/reset_password/{}", self.expose())
    }

    /// The same for somebody who has never had a password.
    #[must_use]
    pub fn invitation_url(&self, site: &SiteUrl) -> String {
        format!("{}#new", self.reset_url(site))
    }

    /// The account that the token claims to be for.
    #[must_use]
    pub const fn user(&self) -> UserId {
        self.user
    }

    /// What is stored of the token.
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

/// Proof that somebody has the token that an account was given last, and that it still counts.
#[derive(Debug)]
pub struct ResetGrant<'a> {
    user: &'a User,
    reset: &'a PasswordReset,
    hash: TokenHash,
    origin: AuditContext,
}

impl<'a> ResetGrant<'a> {
    /// Compares the token with what is stored. Both are hashes, so the time of the comparison tells
    /// nothing of use.
    #[must_use]
    pub fn check(claim: &'a ResetAttempt, arrival: RequestMeta) -> Option<Self> {
        let hash = claim.token()?.hash();
        let (stored, reset) = claim.stored()?;
        let user = claim.user()?;
        let counts = *stored == hash && reset.is_valid_for(user, arrival.at);
        let origin = AuditContext::new(Some(user.id), AuthMethod::ResetToken, arrival);
        counts.then_some(Self { user, reset, hash, origin })
    }

    /// The account.
    #[must_use]
    pub const fn user(&self) -> &User {
        self.user
    }

    pub(crate) const fn reset(&self) -> &PasswordReset {
        self.reset
    }

    pub(crate) const fn hash(&self) -> &TokenHash {
        &self.hash
    }

    /// Who asks, and from where.
    pub(crate) const fn origin(&self) -> &AuditContext {
        &self.origin
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
    fn the_hash_covers_the_account() {
        let token = token();
        let other = ResetToken { user: UserId::try_from(2).unwrap(), ..token.clone() };
        assert_ne!(token.hash(), other.hash());
    }

    #[test]
    fn garbage_is_no_token() {
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
