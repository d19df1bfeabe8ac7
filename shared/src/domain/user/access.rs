//! Access of a user: deactivation, anonymization, reactivation and session revocation.

use super::User;
use crate::domain::{DomainError, Email, GroupSet, Timestamp};

/// The person who set a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PasswordSetBy {
    /// The user who logs in with it.
    Owner,
    /// An administrator, for another user.
    Admin,
}

impl User {
    /// Deactivates the user. Their sessions become invalid, their data stays.
    #[must_use]
    pub fn deactivated(&self, now: Timestamp) -> Self {
        if !self.is_active {
            return self.clone();
        }
        Self {
            is_active: false,
            pending_email: None,
            generation: self.generation.next(),
            updated_at: now,
            ..self.clone()
        }
    }

    /// Deactivates the user and removes all identifying data, permanently.
    #[must_use]
    pub fn anonymized(&self, now: Timestamp) -> Self {
        if self.is_anonymized {
            return self.clone();
        }
        Self {
            email: Email::anonymized(self.id),
            pending_email: None,
            email_settled_at: None,
            first_name: None,
            last_name: None,
            groups: GroupSet::default(),
            is_active: false,
            is_anonymized: true,
            locale: None,
            login_attributes: None,
            sso_source: None,
            must_change_password: false,
            lacks_password: false,
            creation_record: None,
            generation: self.generation.next(),
            updated_at: now,
            ..self.clone()
        }
    }

    /// Reactivates the user, but not as an administrator.
    ///
    /// A user of Google or LDAP becomes one with a password, because this service supports no login
    /// with either.
    ///
    /// # Errors
    ///
    /// Returns [`DomainError::AlreadyActive`], or [`DomainError::Anonymized`], because an
    /// anonymized user has no credentials for a login.
    pub fn reactivated(&self, now: Timestamp) -> Result<Self, DomainError> {
        if self.is_active {
            return Err(DomainError::AlreadyActive);
        }
        if self.is_anonymized {
            return Err(DomainError::Anonymized);
        }
        let before = self.clone();
        Ok(Self {
            is_active: true,
            groups: before.groups.with_admin(false),
            sso_source: before.sso_source.filter(|source| !source.owns_email()),
            updated_at: now,
            ..before
        })
    }

    /// Revokes all sessions of the user.
    #[must_use]
    pub fn with_sessions_revoked(&self) -> Self {
        if !self.is_active {
            return self.clone();
        }
        Self { generation: self.generation.next(), pending_email: None, ..self.clone() }
    }

    /// Applies a new password, which revokes all sessions. A password set by the user also
    /// completes a required password change.
    ///
    /// # Errors
    ///
    /// Returns [`DomainError::NotFound`] for a deactivated user.
    pub fn with_new_password(
        &self,
        by: PasswordSetBy,
        now: Timestamp,
    ) -> Result<Self, DomainError> {
        if !self.is_active_person() {
            return Err(DomainError::NotFound);
        }
        Ok(Self {
            generation: self.generation.next(),
            pending_email: None,
            must_change_password: self.must_change_password && by == PasswordSetBy::Admin,
            lacks_password: false,
            updated_at: now,
            ..self.clone()
        })
    }
}
