//! Who holds a session, before it is known whether they may use it.

use super::{Caller, TargetUser, UserAccess};
use crate::{
    domain::{AuditContext, User, UserId},
    http::ApiError,
};

/// The holder of a session that counts, who may have to change their password before anything else.
#[derive(Debug)]
pub struct AuthenticatedUser {
    user: User,
    /// Who answers for the API key that the holder came with.
    responsible_user: Option<UserId>,
    origin: AuditContext,
}

impl AuthenticatedUser {
    /// Only the check of a session makes holders.
    pub(crate) const fn new(user: User, origin: AuditContext) -> Self {
        Self { user, responsible_user: None, origin }
    }

    /// Only the check of an API key makes such holders.
    pub(crate) const fn from_api_key(user: User, owner: UserId, origin: AuditContext) -> Self {
        Self { user, responsible_user: Some(owner), origin }
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
    pub fn require_active_password(self) -> Result<Caller, ApiError> {
        if self.user.must_change_password {
            return Err(ApiError::PasswordChangeRequired);
        }
        Ok(self.into_caller_unchecked())
    }

    /// Asks for whoever may replace an account's password: the owner, above all one who must, or an
    /// administrator.
    ///
    /// # Errors
    ///
    /// As [`Caller::self_or_admin`]; [`ApiError::PasswordChangeRequired`] for an administrator who must
    /// see to their own first.
    pub fn authorize_password_change(self, target: TargetUser) -> Result<UserAccess, ApiError> {
        let is_own = target.id == self.user.id;
        let caller =
            if is_own { self.into_caller_unchecked() } else { self.require_active_password()? };
        caller.self_or_admin(target)
    }

    fn into_caller_unchecked(self) -> Caller {
        Caller { user: self.user, responsible_user: self.responsible_user, origin: self.origin }
    }
}
