//! A change of an account's profile, before it is known which account it meets.

use super::{DomainError, Email, GroupSet, Locale, LoginAttributes, PersonName, SsoSource, User};

/// What to do with a value that may be absent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Change<T> {
    /// Leave it.
    #[default]
    Keep,
    /// Remove it.
    Clear,
    /// Replace it.
    Set(T),
}

impl<T> Change<T> {
    /// The value afterwards.
    pub(crate) fn apply(self, before: Option<T>) -> Option<T> {
        match self {
            Self::Keep => before,
            Self::Clear => None,
            Self::Set(value) => Some(value),
        }
    }
}

/// The fields of an account that a request wants changed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UserPatch {
    /// A new address.
    pub email: Option<Email>,
    /// The first name.
    pub first_name: Change<PersonName>,
    /// The last name.
    pub last_name: Change<PersonName>,
    /// The preferred language.
    pub locale: Change<Locale>,
    /// The attributes, replaced as a whole.
    pub login_attributes: Change<LoginAttributes>,
    /// Administrator or not.
    pub is_superuser: Option<bool>,
    /// Whether the owner must change the password before anything else.
    pub must_change_password: Option<bool>,
    /// All groups, replaced as a whole.
    pub groups: Option<GroupSet>,
    /// The list of groups should have named All Users and did not.
    pub leaves_all_users: bool,
}

impl UserPatch {
    /// What is left of the patch when its sender is the account's owner and no administrator.
    ///
    /// Privileged fields are ignored, as in Metabase; a list of groups that differs is refused.
    ///
    /// # Errors
    ///
    /// [`Refusal::Forbidden`] for other groups, and for the address of an account whose identity
    /// provider owns it.
    pub fn restrict_to_owner(self, user: &User) -> Result<Self, DomainError> {
        let other_groups =
            self.leaves_all_users || self.groups.is_some_and(|groups| groups != user.groups);
        let other_email = self.email.as_ref().is_some_and(|email| *email != user.email);
        let foreign_email = user.sso_source.as_ref().is_some_and(SsoSource::owns_email);
        if other_groups || (other_email && foreign_email) {
            return Err(DomainError::Forbidden);
        }
        Ok(Self {
            groups: None,
            is_superuser: None,
            must_change_password: None,
            login_attributes: Change::Keep,
            leaves_all_users: false,
            ..self
        })
    }

    /// The groups that the patch leads to.
    pub(super) fn resolve_groups(&self, before: &GroupSet) -> Result<GroupSet, DomainError> {
        match (self.groups.clone(), self.is_superuser) {
            _ if self.leaves_all_users => Err(DomainError::AllUsersIsImplicit),
            (Some(groups), Some(admin)) if groups.has_admin() != admin => {
                Err(DomainError::SuperuserContradictsGroups)
            }
            (Some(groups), _) => Ok(groups),
            (None, Some(admin)) => Ok(before.clone().with_admin(admin)),
            (None, None) => Ok(before.clone()),
        }
    }
}
