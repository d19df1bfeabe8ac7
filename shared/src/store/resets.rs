//! Reset tokens that somebody presents: asked for, and spent.

use super::{
    Conflict, Key, Opening, Replacement, Store, StoreError, Throttles, WriteError,
    items::ResetItem, read::Found, save::Edit, throttles::Watched,
};
use crate::{
    auth::{
        hash::PasswordHash,
        reset::{ResetGrant, ResetToken},
        token::TokenHash,
    },
    domain::{ChosenBy, Limit, Reset, User, UserId},
};

/// A text that somebody presents as a token, and what there is about its account.
#[derive(Debug)]
pub struct ResetClaim {
    token: Option<ResetToken>,
    stored: Option<(TokenHash, Reset)>,
    user: Option<User>,
}

impl ResetClaim {
    pub(crate) const fn token(&self) -> Option<&ResetToken> {
        self.token.as_ref()
    }

    pub(crate) const fn stored(&self) -> Option<&(TokenHash, Reset)> {
        self.stored.as_ref()
    }

    pub(crate) const fn user(&self) -> Option<&User> {
        self.user.as_ref()
    }
}

impl Store {
    /// Reads what a token depends on.
    ///
    /// # Errors
    ///
    /// When the table does not answer.
    pub async fn reset_claim(&self, token: &str) -> Result<ResetClaim, StoreError> {
        let token = ResetToken::parse(token);
        let mut found = match &token {
            Some(token) => self.read(keys(token.user()).into()).await?,
            None => Found::default(),
        };
        found.take_claim(token)
    }

    /// Reads what a new password for a token depends on.
    ///
    /// # Errors
    ///
    /// When the table does not answer.
    pub async fn reset_attempt(
        &self,
        token: &str,
        source: &str,
    ) -> Result<(ResetClaim, Throttles), StoreError> {
        let token = ResetToken::parse(token);
        let watched = Watched::new(Limit::RESETS_FROM_SOURCE, source);
        let keys =
            token.iter().flat_map(|token| keys(token.user())).chain(watched.keys()).collect();
        let mut found = self.read(keys).await?;
        Ok((found.take_claim(token)?, found.take_throttles(watched)?))
    }

    /// Spends a token: replaces the password, ends every session, begins a new one and notes the login,
    /// all in one transaction.
    ///
    /// # Errors
    ///
    /// [`Conflict::StaleReset`] when the token was spent or replaced since it was checked, or the account
    /// is no longer as it was when the token was given out.
    pub async fn reset_password(
        &self,
        grant: &ResetGrant<'_>,
        hash: &PasswordHash,
        opening: &Opening,
    ) -> Result<User, WriteError> {
        let new =
            Replacement { spends: Some(grant.hash()), ..Replacement::new(hash, Some(opening)) };
        let next = |user: &User| {
            if !grant.reset().admits(user, opening.now) {
                return Err(Conflict::StaleReset.into());
            }
            Ok(user.with_new_password(ChosenBy::Owner, opening.now)?.signed_in(opening.now))
        };
        self.change(&Edit::by_reset(grant).with(&new), next).await
    }
}

/// The items that a token depends on: its account, and what is stored of it.
pub(super) fn keys(user: UserId) -> [Key; 2] {
    [Key::user(user), Key::reset(user)]
}

impl Found {
    fn take_claim(&mut self, token: Option<ResetToken>) -> Result<ResetClaim, StoreError> {
        let Some(id) = token.as_ref().map(ResetToken::user) else {
            return Ok(ResetClaim { token, stored: None, user: None });
        };
        let stored: Option<ResetItem> = self.take("reset", &Key::reset(id))?;
        let user = self.take_user(id)?;
        Ok(ResetClaim { token, stored: stored.map(ResetItem::into), user })
    }
}
