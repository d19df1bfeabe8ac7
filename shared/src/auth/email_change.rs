//! Links for a change of a user's own email address.

use super::token::{ConfirmationToken, ReversalToken, Token};
use crate::{
    domain::{Email, EmailConfirmation, EmailLink, EmailReversal, SiteUrl, Timestamp, User},
    random::NoEntropy,
};

/// The links of a change to issue.
#[derive(Debug)]
pub struct NewEmailChange {
    /// The link to the new address, if the address is to be confirmed.
    pub confirmation: Option<(ConfirmationToken, EmailConfirmation)>,
    /// The link to the old address.
    pub reversal: (ReversalToken, EmailReversal),
}

impl NewEmailChange {
    /// Creates the link to the old address of a user.
    ///
    /// # Errors
    ///
    /// Returns an error if the operating system has no random bytes.
    pub fn new(user: &User, now: Timestamp) -> Result<Self, NoEntropy> {
        let token = ReversalToken::generate(user.id, user.generation)?;
        Ok(Self { confirmation: None, reversal: (token, EmailReversal::new(user, now)) })
    }

    /// Adds the link to the new address.
    ///
    /// # Errors
    ///
    /// Returns an error if the operating system has no random bytes.
    pub fn with_confirmation(
        self,
        user: &User,
        email: &Email,
        now: Timestamp,
    ) -> Result<Self, NoEntropy> {
        let token = ConfirmationToken::generate(user.id, user.generation)?;
        let confirmation = EmailConfirmation::new(user.generation, email, now);
        Ok(Self { confirmation: Some((token, confirmation)), ..self })
    }
}

impl ConfirmationToken {
    /// The link to the new address.
    #[must_use]
    pub fn url(&self, site: &SiteUrl) -> String {
        format!("{site}/auth/confirm_email/{}", self.expose())
    }
}

impl ReversalToken {
    /// The link to the old address.
    #[must_use]
    pub fn url(&self, site: &SiteUrl) -> String {
        format!("{site}/auth/revert_email/{}", self.expose())
    }
}

/// An attempt to use a link, with everything that was read for it.
#[derive(Debug)]
pub struct EmailLinkAttempt<K, L> {
    /// The token, if the client sent a well-formed one.
    pub token: Option<Token<K>>,
    /// The permission stored under the hash of the token.
    pub stored: Option<L>,
    /// The token's user.
    pub user: Option<User>,
}

/// Proof that the client has a valid link of a user.
#[derive(Debug)]
pub struct EmailLinkGrant<'a, L> {
    user: &'a User,
    link: &'a L,
}

impl<'a, L: EmailLink> EmailLinkGrant<'a, L> {
    /// Checks that the stored permission is valid.
    #[must_use]
    pub fn check<K>(attempt: &'a EmailLinkAttempt<K, L>, now: Timestamp) -> Option<Self> {
        let (user, link) = (attempt.user.as_ref()?, attempt.stored.as_ref()?);
        link.is_valid_for(user, now).then_some(Self { user, link })
    }

    /// The user.
    #[must_use]
    pub const fn user(&self) -> &User {
        self.user
    }

    /// The stored permission.
    pub(crate) const fn link(&self) -> &L {
        self.link
    }
}
