//! Who holds a session, before it is known whether they may use it.

use super::{Access, Caller, Target};
use crate::{
    domain::{Origin, User, UserId},
    http::ApiError,
};

/// The holder of a session that counts, who may have to change their password before anything else.
#[derive(Debug)]
pub struct Holder {
    user: User,
    /// Who answers for the API key that the holder came with.
    owner: Option<UserId>,
    origin: Origin,
}

impl Holder {
    /// Only the check of a session makes holders.
    pub(crate) const fn new(user: User, origin: Origin) -> Self {
        Self { user, owner: None, origin }
    }

    /// Only the check of an API key makes such holders.
    pub(crate) const fn by_key(user: User, owner: UserId, origin: Origin) -> Self {
        Self { user, owner: Some(owner), origin }
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
        Ok(self.unasked())
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
        let caller = if is_own { self.unasked() } else { self.caller()? };
        caller.self_or_admin(target)
    }

    fn unasked(self) -> Caller {
        Caller { user: self.user, owner: self.owner, origin: self.origin }
    }
}
