//! Changes of passwords.

use super::{
    Conflict, Key, Store, WriteError, rate_limits::RateLimitQuery, user_writes::UserUpdate,
};
use crate::{
    auth::{
        login::Credentials, password_hash::PasswordHash, reset_token::ResetGrant,
        session::NewSession,
    },
    authorization::UserAccess,
    domain::{Action, PasswordSetBy, RateLimit, RateLimits, User, UserKind, WriteContext},
};

/// A change of a password.
#[derive(Debug)]
pub struct PasswordChange<'a> {
    /// The hash of the new password.
    pub(super) hash: &'a PasswordHash,
    /// The only session that is valid afterwards.
    pub(super) new_session: Option<&'a NewSession>,
    /// The rate limit of guesses of the current password, if it was required.
    pub(super) rate_limits: Option<&'a RateLimits>,
    /// The reset token that the change consumes.
    pub(super) consumed_reset: Option<&'a ResetGrant<'a>>,
}

impl<'a> PasswordChange<'a> {
    /// A new password, and the only session that is valid afterwards.
    #[must_use]
    pub const fn new(hash: &'a PasswordHash, new_session: Option<&'a NewSession>) -> Self {
        Self { hash, new_session, rate_limits: None, consumed_reset: None }
    }

    /// Adds the rate limit of guesses of the current password.
    #[must_use]
    pub const fn with_rate_limits(self, rate_limits: Option<&'a RateLimits>) -> Self {
        Self { rate_limits, ..self }
    }
}

impl Store {
    /// Reads the credentials of a user, and the rate limit of guesses of their current password. An
    /// API key's service account has no credentials.
    ///
    /// # Errors
    ///
    /// Returns [`Conflict::StaleCredentials`] if the user has just got another email address.
    pub async fn credentials_of(
        &self,
        access: &UserAccess,
    ) -> Result<(Option<Credentials>, RateLimits), WriteError> {
        let User { id, email, kind, generation, .. } = access.user();
        let limits = RateLimitQuery::new(RateLimit::PASSWORD_CHANGE_PER_USER, &id.to_string());
        let keys = limits.keys().chain(Key::possible_credentials(email)).collect();
        let mut items = self.read(keys).await?;
        let credentials = items.take_credentials(email)?.filter(|found| found.user == *id);
        if credentials.is_none() && *kind == UserKind::Person {
            return Err(Conflict::StaleCredentials.into());
        }
        Ok((credentials, items.take_rate_limits(limits, *generation)?))
    }

    /// Replaces the password of a user and revokes all their sessions. Users who change their own
    /// password get a new session.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`User::with_new_password`], [`Conflict::StaleCredentials`] after a
    /// concurrent change of the password or a deactivation, [`Conflict::RateLimited`] after too
    /// many guesses, and [`Conflict::PreconditionFailed`].
    pub async fn replace_password(
        &self,
        access: &UserAccess,
        new: PasswordChange<'_>,
        context: &WriteContext,
    ) -> Result<User, WriteError> {
        let generation = access.user().generation;
        let by = if access.is_own() { PasswordSetBy::Owner } else { PasswordSetBy::Admin };
        let next = |user: &User| {
            if user.is_active && user.generation != generation {
                return Err(Conflict::StaleCredentials.into());
            }
            Ok(user.with_new_password(by, context.now())?)
        };
        let update = UserUpdate::new(access, Action::UpdatePassword, context);
        self.update_with_retry(&update.with_password(&new), next).await
    }
}
