//! Replacing a password.

use super::{
    Conflict, Key, Login, Opening, Store, Throttles, WriteError, save::Edit, throttles::Watched,
};
use crate::{
    auth::{hash::PasswordHash, token::TokenHash},
    domain::{Action, ChosenBy, Kind, Limit, Timestamp, User},
    permissions::Access,
};

/// What comes in the place of a password.
#[derive(Debug)]
pub struct Replacement<'a> {
    /// The hash of the new one.
    pub(super) hash: &'a PasswordHash,
    /// The only session that goes on.
    pub(super) session: Option<&'a Opening>,
    /// The limit of guesses of the one before, if it was asked for.
    pub(super) guesses: Option<&'a Throttles>,
    /// The hash of the reset token that is spent for it.
    pub(super) spends: Option<&'a TokenHash>,
}

impl<'a> Replacement<'a> {
    /// A new password, and the only session that goes on.
    #[must_use]
    pub const fn new(hash: &'a PasswordHash, session: Option<&'a Opening>) -> Self {
        Self { hash, session, guesses: None, spends: None }
    }

    /// The same for whoever had to know the one before: it must not have been guessed too often.
    #[must_use]
    pub const fn guessed(self, guesses: Option<&'a Throttles>) -> Self {
        Self { guesses, ..self }
    }
}

impl Store {
    /// The credentials of the account that the caller may change, and how often its current password
    /// was guessed. An API key has no credentials.
    ///
    /// # Errors
    ///
    /// [`Conflict::StaleLogin`] when the account has just got another address.
    pub async fn login_of(
        &self,
        access: &Access,
    ) -> Result<(Option<Login>, Throttles), WriteError> {
        let User { id, email, kind, .. } = access.user();
        let watched = Watched::new(Limit::PASSWORDS_OF_ACCOUNT, &id.to_string());
        let mut found = self.read(watched.keys().chain([Key::login(email)]).collect()).await?;
        let login = found.take_login(email)?.filter(|login| login.user == *id);
        if login.is_none() && *kind == Kind::Person {
            return Err(Conflict::StaleLogin.into());
        }
        Ok((login, found.take_throttles(watched)?))
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
        access: &Access,
        new: Replacement<'_>,
        now: Timestamp,
    ) -> Result<User, WriteError> {
        let generation = access.user().generation;
        let by = if access.is_own() { ChosenBy::Owner } else { ChosenBy::Admin };
        let next = |user: &User| {
            if user.is_active && user.generation != generation {
                return Err(Conflict::StaleLogin.into());
            }
            Ok(user.with_new_password(by, now)?)
        };
        self.change(&Edit::new(access, Action::UpdatePassword).with(&new), next).await
    }
}
