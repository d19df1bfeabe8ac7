//! Replacing a password.

use super::{Conflict, Login, Opening, Store, StoreError, WriteError};
use crate::{
    auth::hash::PasswordHash,
    domain::{ChosenBy, Timestamp, User},
    permissions::Access,
};

/// What comes in the place of a password.
#[derive(Debug)]
pub struct Replacement<'a> {
    /// The hash of the new one.
    pub hash: &'a PasswordHash,
    /// The only session that goes on.
    pub session: Option<&'a Opening>,
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
