//! Replacing a password.

use super::{
    Conflict, Credentials, Key, NewSession, RateLimits, Store, WriteError,
    rate_limits::RateLimitQuery, user_writes::UserUpdate,
};
use crate::{
    auth::{password_hash::PasswordHash, token::TokenHash},
    authorization::UserAccess,
    domain::{Action, PasswordSetBy, RateLimit, Timestamp, User, UserKind},
};

/// What comes in the place of a password.
#[derive(Debug)]
pub struct PasswordChange<'a> {
    /// The hash of the new one.
    pub(super) hash: &'a PasswordHash,
    /// The only session that goes on.
    pub(super) new_session: Option<&'a NewSession>,
    /// The limit of guesses of the one before, if it was asked for.
    pub(super) rate_limits: Option<&'a RateLimits>,
    /// The hash of the reset token that is spent for it.
    pub(super) consumed_reset: Option<&'a TokenHash>,
}

impl<'a> PasswordChange<'a> {
    /// A new password, and the only session that goes on.
    #[must_use]
    pub const fn new(hash: &'a PasswordHash, session: Option<&'a NewSession>) -> Self {
        Self { hash, new_session: session, rate_limits: None, consumed_reset: None }
    }

    /// The same for whoever had to know the one before: it must not have been guessed too often.
    #[must_use]
    pub const fn with_rate_limits(self, guesses: Option<&'a RateLimits>) -> Self {
        Self { rate_limits: guesses, ..self }
    }
}

impl Store {
    /// The credentials of the account that the caller may change, and how often its current password
    /// was guessed. An API key has no credentials.
    ///
    /// # Errors
    ///
    /// [`Conflict::StaleLogin`] when the account has just got another address.
    pub async fn credentials_of(
        &self,
        access: &UserAccess,
    ) -> Result<(Option<Credentials>, RateLimits), WriteError> {
        let User { id, email, kind, .. } = access.user();
        let watched = RateLimitQuery::new(RateLimit::PASSWORD_CHANGE_PER_USER, &id.to_string());
        let mut found =
            self.read(watched.keys().chain([Key::credentials(email)]).collect()).await?;
        let login = found.take_credentials(email)?.filter(|login| login.user == *id);
        if login.is_none() && *kind == UserKind::Person {
            return Err(Conflict::StaleCredentials.into());
        }
        Ok((login, found.take_rate_limits(watched)?))
    }

    /// Replaces the password and ends every session; begins a new one for the account's owner.
    ///
    /// # Errors
    ///
    /// What [`User::with_new_password`] refuses; [`Conflict::StaleLogin`] when another change of the
    /// password, or a deactivation, came first; [`Conflict::Throttled`] when too many guesses did;
    /// [`Conflict::Outdated`].
    pub async fn replace_password(
        &self,
        access: &UserAccess,
        new: PasswordChange<'_>,
        now: Timestamp,
    ) -> Result<User, WriteError> {
        let generation = access.user().generation;
        let by = if access.is_own() { PasswordSetBy::Owner } else { PasswordSetBy::Admin };
        let next = |user: &User| {
            if user.is_active && user.generation != generation {
                return Err(Conflict::StaleCredentials.into());
            }
            Ok(user.with_new_password(by, now)?)
        };
        self.update_with_retry(
            &UserUpdate::new(access, Action::UpdatePassword).with_password(&new),
            next,
        )
        .await
    }
}
