//! What takes an account's access away and gives it back, and what ends its sessions.

use super::User;
use crate::domain::{DomainError, Email, GroupSet, Timestamp};

/// Who chose a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PasswordSetBy {
    /// Whoever logs in with it.
    Owner,
    /// An administrator, for another.
    Admin,
}

impl User {
    /// The account without access: its sessions end, its data stay.
    #[must_use]
    pub fn deactivated(&self, now: Timestamp) -> Self {
        if !self.is_active {
            return self.clone();
        }
        Self {
            is_active: false,
            generation: self.generation.next(),
            updated_at: now,
            ..self.clone()
        }
    }

    /// The account without access and without all that tells whose it was: nobody's, for good.
    #[must_use]
    pub fn anonymized(&self, now: Timestamp) -> Self {
        if self.is_anonymized {
            return self.clone();
        }
        Self {
            email: Email::anonymized(self.id),
            first_name: None,
            last_name: None,
            groups: GroupSet::default(),
            is_active: false,
            is_anonymized: true,
            locale: None,
            login_attributes: None,
            sso_source: None,
            must_change_password: false,
            generation: self.generation.next(),
            updated_at: now,
            ..self.clone()
        }
    }

    /// The account with its access back, but not as an administrator.
    ///
    /// An account of Google or LDAP becomes one with a password: neither can be signed in with here.
    ///
    /// # Errors
    ///
    /// [`Refusal::AlreadyActive`]; [`Refusal::Anonymized`], as nobody could sign in with it.
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

    /// The account after every session so far has ended.
    #[must_use]
    pub fn with_sessions_revoked(&self) -> Self {
        if !self.is_active {
            return self.clone();
        }
        Self { generation: self.generation.next(), ..self.clone() }
    }

    /// The account after its password was replaced: every session so far has ended. An owner who had to
    /// do it has done it.
    ///
    /// # Errors
    ///
    /// [`Refusal::NotFound`] when it is deactivated.
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
            must_change_password: self.must_change_password && by == PasswordSetBy::Admin,
            updated_at: now,
            ..self.clone()
        })
    }
}
