//! Targets of a request, which only a permission check opens.

use super::{Admin, AuthzError, UserAccess};
use crate::domain::{Preconditions, User, UserId};

/// The user in the path of a request.
#[derive(Debug)]
pub struct TargetUser {
    id: UserId,
    user: Option<User>,
    preconditions: Preconditions,
}

/// Something that a request names, and that only administrators may see or change.
#[derive(Debug)]
pub struct Target<T>(Option<T>);

impl TargetUser {
    pub(crate) const fn new(id: UserId, user: Option<User>, preconditions: Preconditions) -> Self {
        Self { id, user, preconditions }
    }

    /// The user, before the caller's access is proven.
    pub(crate) const fn user(&self) -> Option<&User> {
        self.user.as_ref()
    }

    pub(super) const fn id(&self) -> UserId {
        self.id
    }

    pub(super) fn into_parts(self) -> Result<(User, Preconditions), AuthzError> {
        let missing = if self.id == UserId::INTERNAL {
            AuthzError::InternalUser
        } else {
            AuthzError::NotFound
        };
        Ok((self.user.ok_or(missing)?, self.preconditions))
    }

    /// Proves access to the user.
    ///
    /// # Errors
    ///
    /// Returns [`AuthzError::NotFound`] or [`AuthzError::InternalUser`] if the user does not exist.
    pub fn require(self, admin: &Admin) -> Result<UserAccess, AuthzError> {
        let (user, preconditions) = self.into_parts()?;
        Ok(admin.access_if(user, preconditions))
    }

    /// Proves access to the user, who must be active.
    ///
    /// # Errors
    ///
    /// Returns [`AuthzError::NotFound`] if the user does not exist or is deactivated, and
    /// [`AuthzError::PreconditionFailed`].
    pub fn require_active(self, admin: &Admin) -> Result<UserAccess, AuthzError> {
        let access = self.require(admin)?;
        access.require_active()?;
        Ok(access)
    }
}

impl<T> Target<T> {
    pub(crate) const fn new(found: Option<T>) -> Self {
        Self(found)
    }

    /// Returns the target of the path.
    ///
    /// # Errors
    ///
    /// Returns [`AuthzError::NotFound`] if it does not exist.
    pub fn require(self, _: &Admin) -> Result<T, AuthzError> {
        self.0.ok_or(AuthzError::NotFound)
    }

    /// Returns the target that a field of the body names.
    ///
    /// # Errors
    ///
    /// Returns [`AuthzError::UnknownReference`] if it does not exist.
    pub fn require_reference(self, _: &Admin, field: &'static str) -> Result<T, AuthzError> {
        self.0.ok_or(AuthzError::UnknownReference(field))
    }
}
