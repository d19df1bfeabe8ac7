//! What a request names, before it is known whether the caller may learn about it.

use super::{Access, Admin};
use crate::{
    domain::{Expected, Group, GroupId, User, UserId},
    http::ApiError,
    store::KeyAccount,
};

/// The account that a path names, which the caller may not learn about yet.
#[derive(Debug)]
pub struct Target {
    pub(super) id: UserId,
    pub(super) user: Option<User>,
    pub(super) expected: Expected,
}

/// The account that a body names, for an administrator only.
#[derive(Debug)]
pub struct Named(Option<User>);

/// The group that a path or a body names, which only an administrator may learn about.
#[derive(Debug)]
pub struct GroupTarget(Option<Group>);

/// The API key that a path names, for an administrator only.
#[derive(Debug)]
pub struct ApiKeyTarget(Option<KeyAccount>);

/// The account and the group of the membership that a path names, for an administrator only.
#[derive(Debug)]
pub struct MembershipTarget(Option<(User, GroupId)>);

impl Target {
    pub(crate) const fn new(id: UserId, user: Option<User>, expected: Expected) -> Self {
        Self { id, user, expected }
    }

    /// Access to the account for an administrator.
    ///
    /// # Errors
    ///
    /// [`ApiError::NotFound`].
    pub fn found(self, admin: &Admin) -> Result<Access, ApiError> {
        let user = self.user.ok_or(ApiError::NotFound)?;
        Ok(Access { expected: self.expected, ..admin.access(user) })
    }

    /// Access to the account for an administrator, if it is active and in a state in which the request
    /// wants to meet it.
    ///
    /// # Errors
    ///
    /// [`ApiError::NotFound`], [`ApiError::Outdated`].
    pub fn active(self, admin: &Admin) -> Result<Access, ApiError> {
        let access = self.found(admin)?;
        access.active()?;
        Ok(access)
    }
}

impl Named {
    pub(crate) const fn new(user: Option<User>) -> Self {
        Self(user)
    }

    /// Access to the account.
    ///
    /// # Errors
    ///
    /// [`ApiError::NoSuch`] for the field of the body.
    pub fn found(self, admin: &Admin, field: &'static str) -> Result<Access, ApiError> {
        self.0.map(|user| admin.access(user)).ok_or(ApiError::NoSuch(field))
    }
}

impl GroupTarget {
    pub(crate) const fn new(group: Option<Group>) -> Self {
        Self(group)
    }

    /// The group.
    ///
    /// # Errors
    ///
    /// [`ApiError::NotFound`], also for a group that is being deleted.
    pub fn found(self, admin: &Admin) -> Result<Group, ApiError> {
        let group = self.found_or_closing(admin)?;
        if group.is_closing { Err(ApiError::NotFound) } else { Ok(group) }
    }

    /// The group that a body names.
    ///
    /// # Errors
    ///
    /// [`ApiError::NoSuch`] for the field of the body.
    pub fn named(self, admin: &Admin, field: &'static str) -> Result<Group, ApiError> {
        self.found(admin).map_err(|_| ApiError::NoSuch(field))
    }

    /// The group, also when somebody began to delete it.
    ///
    /// # Errors
    ///
    /// [`ApiError::NotFound`].
    pub fn found_or_closing(self, _: &Admin) -> Result<Group, ApiError> {
        self.0.ok_or(ApiError::NotFound)
    }
}

impl ApiKeyTarget {
    pub(crate) const fn new(key: Option<KeyAccount>) -> Self {
        Self(key)
    }

    /// The key.
    ///
    /// # Errors
    ///
    /// [`ApiError::NotFound`].
    pub fn found(self, _: &Admin) -> Result<KeyAccount, ApiError> {
        self.0.ok_or(ApiError::NotFound)
    }
}

impl MembershipTarget {
    pub(crate) const fn new(membership: Option<(User, GroupId)>) -> Self {
        Self(membership)
    }

    /// Access to the account, and the group that it is in.
    ///
    /// # Errors
    ///
    /// [`ApiError::NotFound`].
    pub fn found(self, admin: &Admin) -> Result<(Access, GroupId), ApiError> {
        let membership = self.0.filter(|(user, group)| user.groups.contains(*group));
        let (user, group) = membership.ok_or(ApiError::NotFound)?;
        Ok((admin.access(user), group))
    }
}
