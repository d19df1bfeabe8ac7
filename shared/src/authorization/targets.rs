//! What a request names, before it is known whether the caller may learn about it.

use super::{Admin, UserAccess};
use crate::{
    domain::{Group, GroupId, Preconditions, User, UserId},
    http::ApiError,
    store::ApiKeyWithUser,
};

/// The account that a path names, which the caller may not learn about yet.
#[derive(Debug)]
pub struct TargetUser {
    pub(super) id: UserId,
    pub(super) user: Option<User>,
    pub(super) preconditions: Preconditions,
}

/// The account that a body names, for an administrator only.
#[derive(Debug)]
pub struct ReferencedUser(Option<User>);

/// The group that a path or a body names, which only an administrator may learn about.
#[derive(Debug)]
pub struct TargetGroup(Option<Group>);

/// The API key that a path names, for an administrator only.
#[derive(Debug)]
pub struct TargetApiKey(Option<ApiKeyWithUser>);

/// The account and the group of the membership that a path names, for an administrator only.
#[derive(Debug)]
pub struct TargetMembership(Option<(User, GroupId)>);

impl TargetUser {
    pub(crate) const fn new(id: UserId, user: Option<User>, expected: Preconditions) -> Self {
        Self { id, user, preconditions: expected }
    }

    /// Access to the account for an administrator.
    ///
    /// # Errors
    ///
    /// [`ApiError::NotFound`].
    pub fn require(self, admin: &Admin) -> Result<UserAccess, ApiError> {
        let user = self.user.ok_or(ApiError::NotFound)?;
        Ok(UserAccess { preconditions: self.preconditions, ..admin.access(user) })
    }

    /// Access to the account for an administrator, if it is active and in a state in which the request
    /// wants to meet it.
    ///
    /// # Errors
    ///
    /// [`ApiError::NotFound`], [`ApiError::Outdated`].
    pub fn require_active(self, admin: &Admin) -> Result<UserAccess, ApiError> {
        let access = self.require(admin)?;
        access.require_active()?;
        Ok(access)
    }
}

impl ReferencedUser {
    pub(crate) const fn new(user: Option<User>) -> Self {
        Self(user)
    }

    /// Access to the account.
    ///
    /// # Errors
    ///
    /// [`ApiError::NoSuch`] for the field of the body.
    pub fn require_reference(
        self,
        admin: &Admin,
        field: &'static str,
    ) -> Result<UserAccess, ApiError> {
        self.0.map(|user| admin.access(user)).ok_or(ApiError::UnknownReference(field))
    }
}

impl TargetGroup {
    pub(crate) const fn new(group: Option<Group>) -> Self {
        Self(group)
    }

    /// The group.
    ///
    /// # Errors
    ///
    /// [`ApiError::NotFound`], also for a group that is being deleted.
    pub fn require(self, admin: &Admin) -> Result<Group, ApiError> {
        let group = self.require_even_if_deleting(admin)?;
        if group.is_being_deleted { Err(ApiError::NotFound) } else { Ok(group) }
    }

    /// The group that a body names.
    ///
    /// # Errors
    ///
    /// [`ApiError::NoSuch`] for the field of the body.
    pub fn require_reference(self, admin: &Admin, field: &'static str) -> Result<Group, ApiError> {
        self.require(admin).map_err(|_| ApiError::UnknownReference(field))
    }

    /// The group, also when somebody began to delete it.
    ///
    /// # Errors
    ///
    /// [`ApiError::NotFound`].
    pub fn require_even_if_deleting(self, _: &Admin) -> Result<Group, ApiError> {
        self.0.ok_or(ApiError::NotFound)
    }
}

impl TargetApiKey {
    pub(crate) const fn new(key: Option<ApiKeyWithUser>) -> Self {
        Self(key)
    }

    /// The key.
    ///
    /// # Errors
    ///
    /// [`ApiError::NotFound`].
    pub fn require(self, _: &Admin) -> Result<ApiKeyWithUser, ApiError> {
        self.0.ok_or(ApiError::NotFound)
    }
}

impl TargetMembership {
    pub(crate) const fn new(membership: Option<(User, GroupId)>) -> Self {
        Self(membership)
    }

    /// Access to the account, and the group that it is in.
    ///
    /// # Errors
    ///
    /// [`ApiError::NotFound`].
    pub fn require(self, admin: &Admin) -> Result<(UserAccess, GroupId), ApiError> {
        let membership = self.0.filter(|(user, group)| user.groups.contains(*group));
        let (user, group) = membership.ok_or(ApiError::NotFound)?;
        Ok((admin.access(user), group))
    }
}
