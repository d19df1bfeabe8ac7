//! Who holds a session, before it is known whether they may use it.

use super::{Access, Caller, Target};
use crate::{domain::User, http::ApiError};

/// The holder of a session that counts, who may have to change their password before anything else.
#[derive(Debug)]
pub struct Holder {
    user: User,
}

impl Holder {
    /// Only the check of a session makes holders.
    pub(crate) const fn new(user: User) -> Self {
        Self { user }
    }

    /// The holder's own account.
    #[must_use]
    pub const fn user(&self) -> &User {
        &self.user
    }

    /// Asks for somebody who need not change their password first.
    ///
    /// # Errors
    ///
    /// [`ApiError::PasswordChangeRequired`].
    pub fn caller(self) -> Result<Caller, ApiError> {
        if self.user.must_change_password {
            return Err(ApiError::PasswordChangeRequired);
        }
        Ok(Caller { user: self.user })
    }

    /// Asks for whoever may replace an account's password: the owner, above all one who must, or an
    /// administrator.
    ///
    /// # Errors
    ///
    /// As [`Caller::self_or_admin`]; [`ApiError::PasswordChangeRequired`] for an administrator who must
    /// see to their own first.
    pub fn password_of(self, target: Target) -> Result<Access, ApiError> {
        let is_own = target.id == self.user.id;
        let caller = if is_own { Caller { user: self.user } } else { self.caller()? };
        caller.self_or_admin(target)
    }
}
