//! Replacing a password.

use super::{Conflict, Login, Opening, Store, StoreError, WriteError};
use crate::{
    auth::{hash::PasswordHash, token::TokenHash},
    domain::{ChosenBy, Timestamp, User},
    permissions::Access,
};

/// What comes in the place of a password.
#[derive(Debug)]
pub struct Replacement<'a> {
    /// The hash of the new one.
    pub(super) hash: &'a PasswordHash,
    /// The only session that goes on.
    pub(super) session: Option<&'a Opening>,
    /// The hash of the reset token that is spent for it.
    pub(super) spends: Option<&'a TokenHash>,
}

impl<'a> Replacement<'a> {
    /// A new password, and the only session that goes on.
    #[must_use]
    pub const fn new(hash: &'a PasswordHash, session: Option<&'a Opening>) -> Self {
        Self { hash, session, spends: None }
    }
}

impl Store {
    /// The credentials of the account that the caller may change.
    ///
    /// # Errors
    ///
    /// When the table does not answer.
    pub async fn login_of(&self, access: &Access) -> Result<Option<Login>, StoreError> {
        self.login(&access.user().email).await
    }

    /// Replaces the password and ends every session; begins a new one for the account's owner.
    ///
    /// # Errors
    ///
    /// What [`User::with_new_password`] refuses; [`Conflict::StaleLogin`] when another change of the
    /// password, or a deactivation, came first.
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
        self.change(access.user().clone(), Some(&new), next).await
    }
}
