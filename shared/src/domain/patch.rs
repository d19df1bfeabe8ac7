//! A change of a user's profile, independent of the user it applies to.

use super::{DomainError, Email, GroupSet, Locale, LoginAttributes, PersonName, SsoSource, User};

/// A change of an optional value.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Change<T> {
    /// Keeps the value.
    #[default]
    Keep,
    /// Removes the value.
    Clear,
    /// Replaces the value.
    Set(T),
}

impl<T> Change<T> {
    /// Returns the value after the change.
    pub(crate) fn apply(self, before: Option<T>) -> Option<T> {
        match self {
            Self::Keep => before,
            Self::Clear => None,
            Self::Set(value) => Some(value),
        }
    }
}

/// The fields of a user to change.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UserPatch {
    /// The email address.
    pub email: Option<Email>,
    /// The new email address to confirm. Another `email` removes it.
    pub pending_email: Change<Email>,
    /// The first name.
    pub first_name: Change<PersonName>,
    /// The last name.
    pub last_name: Change<PersonName>,
    /// The preferred language.
    pub locale: Change<Locale>,
    /// The login attributes, replaced as a whole.
    pub login_attributes: Change<LoginAttributes>,
    /// Whether the user is an administrator.
    pub is_superuser: Option<bool>,
    /// Whether the user must change the password before anything else.
    pub must_change_password: Option<bool>,
    /// The groups, replaced as a whole.
    pub groups: Option<GroupSet>,
    /// Whether the list of groups omits All Users although it must contain it.
    pub omits_all_users: bool,
}

impl UserPatch {
    /// The same patch with an email address that its user must confirm first.
    #[must_use]
    pub fn with_pending_email(self) -> Self {
        match self.email {
            Some(email) => Self { email: None, pending_email: Change::Set(email), ..self },
            None => self,
        }
    }

    /// Restricts the patch to the fields that users may change for themselves.
    ///
    /// Ignores privileged fields, as Metabase does. Rejects other groups than those of the user.
    ///
    /// # Errors
    ///
    /// Returns [`DomainError::Forbidden`] for other groups, and for another email address if the
    /// identity provider manages it.
    pub fn restrict_to_owner(self, user: &User) -> Result<Self, DomainError> {
        let has_other_groups =
            self.omits_all_users || self.groups.is_some_and(|groups| groups != user.groups);
        let has_other_email = self.email.as_ref().is_some_and(|email| *email != user.email);
        let has_managed_email = user.sso_source.as_ref().is_some_and(SsoSource::owns_email);
        if has_other_groups || (has_other_email && has_managed_email) {
            return Err(DomainError::Forbidden);
        }
        Ok(Self {
            groups: None,
            is_superuser: None,
            must_change_password: None,
            login_attributes: Change::Keep,
            omits_all_users: false,
            ..self
        })
    }

    /// The groups after the patch.
    pub(super) fn resolve_groups(&self, before: &GroupSet) -> Result<GroupSet, DomainError> {
        match (self.groups.clone(), self.is_superuser) {
            _ if self.omits_all_users => Err(DomainError::AllUsersIsImplicit),
            (Some(groups), Some(admin)) if groups.has_admin() != admin => {
                Err(DomainError::SuperuserContradictsGroups)
            }
            (Some(groups), _) => Ok(groups),
            (None, Some(admin)) => Ok(before.clone().with_admin(admin)),
            (None, None) => Ok(before.clone()),
        }
    }
}
