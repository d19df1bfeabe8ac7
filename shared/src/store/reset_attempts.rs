//! Reset tokens that somebody presents: asked for, and spent.

use super::{
    Conflict, Key, NewSession, PasswordChange, RateLimits, Store, StoreError, WriteError,
    batch_get::LoadedItems, items::ResetItem, rate_limits::RateLimitQuery, user_writes::UserUpdate,
};
use crate::{
    auth::{
        password_hash::PasswordHash,
        reset_token::{ResetGrant, ResetToken},
        token::TokenHash,
    },
    domain::{PasswordReset, PasswordSetBy, RateLimit, User, UserId},
};

/// A text that somebody presents as a token, and what there is about its account.
#[derive(Debug)]
pub struct ResetAttempt {
    token: Option<ResetToken>,
    stored: Option<(TokenHash, PasswordReset)>,
    user: Option<User>,
}

impl ResetAttempt {
    pub(crate) const fn token(&self) -> Option<&ResetToken> {
        self.token.as_ref()
    }

    pub(crate) const fn stored(&self) -> Option<&(TokenHash, PasswordReset)> {
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
    pub async fn reset_attempt(&self, token: &str) -> Result<ResetAttempt, StoreError> {
        let token = ResetToken::parse(token);
        let mut found = match &token {
            Some(token) => self.read(reset_keys(token.user()).into()).await?,
            None => LoadedItems::default(),
        };
        found.take_reset_attempt(token)
    }

    /// Reads what a new password for a token depends on.
    ///
    /// # Errors
    ///
    /// When the table does not answer.
    pub async fn throttled_reset_attempt(
        &self,
        token: &str,
        source: &str,
    ) -> Result<(ResetAttempt, RateLimits), StoreError> {
        let token = ResetToken::parse(token);
        let watched = RateLimitQuery::new(RateLimit::PASSWORD_RESET_PER_IP, source);
        let keys =
            token.iter().flat_map(|token| reset_keys(token.user())).chain(watched.keys()).collect();
        let mut found = self.read(keys).await?;
        Ok((found.take_reset_attempt(token)?, found.take_rate_limits(watched)?))
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
        opening: &NewSession,
    ) -> Result<User, WriteError> {
        let new = PasswordChange {
            consumed_reset: Some(grant.hash()),
            ..PasswordChange::new(hash, Some(opening))
        };
        let next = |user: &User| {
            if !grant.reset().is_valid_for(user, opening.now) {
                return Err(Conflict::StaleReset.into());
            }
            Ok(user.with_new_password(PasswordSetBy::Owner, opening.now)?.with_login(opening.now))
        };
        self.update_with_retry(&UserUpdate::from_reset(grant).with_password(&new), next).await
    }
}

/// The items that a token depends on: its account, and what is stored of it.
pub(super) fn reset_keys(user: UserId) -> [Key; 2] {
    [Key::user(user), Key::reset(user)]
}

impl LoadedItems {
    fn take_reset_attempt(
        &mut self,
        token: Option<ResetToken>,
    ) -> Result<ResetAttempt, StoreError> {
        let Some(id) = token.as_ref().map(ResetToken::user) else {
            return Ok(ResetAttempt { token, stored: None, user: None });
        };
        let stored: Option<ResetItem> = self.take("reset", &Key::reset(id))?;
        let user = self.take_user(id)?;
        Ok(ResetAttempt { token, stored: stored.map(ResetItem::into), user })
    }
}
