//! Accounts and what can happen to them.

mod access;

use super::{
    Change, DomainError, Email, GroupId, GroupSet, Locale, LoginAttributes, Modal, PersonName,
    SessionGeneration, SsoSource, Timestamp, UserId, UserPatch, UserVersion, names::case_fold,
};

pub use access::PasswordSetBy;

/// What an account is created from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewUser {
    /// The address to sign in with.
    pub email: Email,
    /// The first name.
    pub first_name: Option<PersonName>,
    /// The last name.
    pub last_name: Option<PersonName>,
    /// The groups to be in.
    pub groups: GroupSet,
    /// The preferred language.
    pub locale: Option<Locale>,
    /// What other systems may read.
    pub login_attributes: Option<LoginAttributes>,
    /// The identity provider, if the account has no password here.
    pub sso_source: Option<SsoSource>,
    /// Whether its owner must change the password before anything else.
    pub must_change_password: bool,
}

impl NewUser {
    /// Somebody of whom only the address is known.
    #[must_use]
    pub fn with_email(email: Email) -> Self {
        Self {
            email,
            first_name: None,
            last_name: None,
            groups: GroupSet::default(),
            locale: None,
            login_attributes: None,
            sso_source: None,
            must_change_password: false,
        }
    }
}

/// Whom an account is for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum UserKind {
    /// Somebody who signs in.
    #[default]
    Person,
    /// An API key. Nobody lists its account, counts it, or changes it but through the key.
    ApiKey,
}

/// An account. It is never deleted, only deactivated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// Its number.
    pub id: UserId,
    /// Whom it is for.
    pub kind: UserKind,
    /// The address to sign in with.
    pub email: Email,
    /// The first name.
    pub first_name: Option<PersonName>,
    /// The last name.
    pub last_name: Option<PersonName>,
    /// The groups it is in; Administrators among them makes it one.
    pub groups: GroupSet,
    /// Whether it may sign in.
    pub is_active: bool,
    /// Whether all that told whose it was is gone, for good.
    pub is_anonymized: bool,
    /// Whether the welcome to questions is still to be shown.
    pub is_qbnewb: bool,
    /// Whether the welcome to data sets is still to be shown.
    pub is_datasetnewb: bool,
    /// The preferred language.
    pub locale: Option<Locale>,
    /// What other systems may read.
    pub login_attributes: Option<LoginAttributes>,
    /// The identity provider.
    pub sso_source: Option<SsoSource>,
    /// Whether its owner must change the password before anything else.
    pub must_change_password: bool,
    /// When it was created.
    pub date_joined: Timestamp,
    /// When its profile or password last changed.
    pub updated_at: Timestamp,
    /// When it first signed in.
    pub first_login: Option<Timestamp>,
    /// When it last signed in.
    pub last_login: Option<Timestamp>,
    /// Which sessions count.
    pub generation: SessionGeneration,
    /// Raised by every write; a writer that read an older one has lost.
    pub version: u64,
}

impl User {
    /// A new, active account.
    #[must_use]
    pub fn new(id: UserId, new: NewUser, now: Timestamp) -> Self {
        Self {
            id,
            kind: UserKind::Person,
            email: new.email,
            first_name: new.first_name,
            last_name: new.last_name,
            groups: new.groups,
            is_active: true,
            is_anonymized: false,
            is_qbnewb: true,
            is_datasetnewb: true,
            locale: new.locale,
            login_attributes: new.login_attributes,
            sso_source: new.sso_source,
            must_change_password: new.must_change_password,
            date_joined: now,
            updated_at: now,
            first_login: None,
            last_login: None,
            generation: SessionGeneration::default(),
            version: 1,
        }
    }

    /// The first account: an administrator who has just signed in.
    #[must_use]
    pub fn first_admin(new: NewUser, now: Timestamp) -> Self {
        Self::new(UserId::INSTALLER, new, now).with_login(now)
    }

    /// The account after its owner signed in.
    #[must_use]
    pub fn with_login(self, now: Timestamp) -> Self {
        Self { first_login: self.first_login.or(Some(now)), last_login: Some(now), ..self }
    }

    /// The state that the account is in.
    #[must_use]
    pub const fn version(&self) -> UserVersion {
        UserVersion { user: self.id, version: self.version }
    }

    /// Whether the account is an administrator: a member of group 2, by definition.
    #[must_use]
    pub fn is_superuser(&self) -> bool {
        self.groups.has_admin()
    }

    /// Whether the account counts for "at least one administrator is left".
    #[must_use]
    pub fn is_active_admin(&self) -> bool {
        self.is_active_person() && self.is_superuser()
    }

    /// Whether somebody can sign in with the account: what groups count, and what can be changed.
    #[must_use]
    pub const fn is_active_person(&self) -> bool {
        self.is_active && matches!(self.kind, UserKind::Person)
    }

    /// The names with a space between them, or the address when there is neither.
    #[must_use]
    pub fn common_name(&self) -> String {
        match (&self.first_name, &self.last_name) {
            (Some(first), Some(last)) => format!("{} {}", first.as_str(), last.as_str()),
            (Some(name), None) | (None, Some(name)) => name.as_str().to_owned(),
            (None, None) => self.email.as_str().to_owned(),
        }
    }

    /// What a search looks in: the folded names and address, on a line each.
    #[must_use]
    pub fn search_text(&self) -> String {
        let [first, last] = self.folded_names();
        format!("{first}\n{last}\n{}", self.email.normalized())
    }

    /// First and last name in the form in which they are compared; empty when absent.
    #[must_use]
    pub fn folded_names(&self) -> [String; 2] {
        [&self.first_name, &self.last_name]
            .map(|name| name.as_ref().map(|name| case_fold(name.as_str())).unwrap_or_default())
    }

    /// Orders accounts by first name, last name and number.
    pub fn sort_by_name(users: &mut [Self]) {
        users.sort_by_cached_key(|user| (user.folded_names(), user.id));
    }

    /// The account after `patch`.
    ///
    /// # Errors
    ///
    /// [`Refusal::NotFound`] when it is deactivated, and the rule that the patch breaks.
    pub fn updated(&self, patch: UserPatch, now: Timestamp) -> Result<Self, DomainError> {
        if !self.is_active_person() {
            return Err(DomainError::NotFound);
        }
        self.names_are_editable(&patch)?;
        let groups = patch.resolve_groups(&self.groups)?;
        if groups.custom_changes_since(&self.groups) > GroupSet::MAX {
            return Err(DomainError::TooManyGroups);
        }
        let before = self.clone();
        let after = Self {
            email: patch.email.unwrap_or(before.email),
            first_name: patch.first_name.apply(before.first_name),
            last_name: patch.last_name.apply(before.last_name),
            locale: patch.locale.apply(before.locale),
            login_attributes: patch.login_attributes.apply(before.login_attributes),
            must_change_password: patch.must_change_password.unwrap_or(before.must_change_password),
            groups,
            ..before
        };
        Ok(if after == *self { after } else { Self { updated_at: now, ..after } })
    }

    fn names_are_editable(&self, patch: &UserPatch) -> Result<(), DomainError> {
        let changes = |change: &Change<PersonName>, name: &Option<PersonName>| {
            change.clone().apply(name.clone()) != *name
        };
        match self.sso_source {
            Some(_) if changes(&patch.first_name, &self.first_name) => {
                Err(DomainError::FirstNameManagedBySso)
            }
            Some(_) if changes(&patch.last_name, &self.last_name) => {
                Err(DomainError::LastNameManagedBySso)
            }
            _ => Ok(()),
        }
    }

    /// The account in one more group.
    ///
    /// # Errors
    ///
    /// [`Refusal::AllUsers`], [`Refusal::AlreadyMember`], [`Refusal::TooManyGroups`].
    pub fn with_group(&self, group: GroupId, now: Timestamp) -> Result<Self, DomainError> {
        if group == GroupId::ALL_USERS {
            return Err(DomainError::AllUsersIsImplicit);
        }
        if self.groups.contains(group) {
            return Err(DomainError::AlreadyMember);
        }
        let groups = self.groups.clone().with(group);
        if groups.count() > GroupSet::MAX {
            return Err(DomainError::TooManyGroups);
        }
        Ok(Self { groups, updated_at: now, ..self.clone() })
    }

    /// The account in one group less.
    ///
    /// # Errors
    ///
    /// [`Refusal::AllUsers`]; [`Refusal::NotFound`] when it is not in the group.
    pub fn without_group(&self, group: GroupId, now: Timestamp) -> Result<Self, DomainError> {
        if group == GroupId::ALL_USERS {
            return Err(DomainError::AllUsersIsImplicit);
        }
        if !self.groups.contains(group) {
            return Err(DomainError::NotFound);
        }
        let groups = self.groups.clone().without(group);
        Ok(Self { groups, updated_at: now, ..self.clone() })
    }

    /// The account after it dismissed a dialogue.
    ///
    /// # Errors
    ///
    /// [`Refusal::NotFound`] when it is deactivated.
    pub fn with_modal_dismissed(&self, modal: Modal) -> Result<Self, DomainError> {
        if !self.is_active_person() {
            return Err(DomainError::NotFound);
        }
        let before = self.clone();
        Ok(match modal {
            Modal::Questions => Self { is_qbnewb: false, ..before },
            Modal::Datasets => Self { is_datasetnewb: false, ..before },
        })
    }
}

mod fields;
#[cfg(test)]
mod tests;
