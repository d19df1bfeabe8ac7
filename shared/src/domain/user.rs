//! Users and their changes.

mod access;

use super::{
    Change, DomainError, Email, GroupId, GroupSet, Locale, LoginAttributes, Modal, PersonName,
    SessionGeneration, SsoSource, Timestamp, UserId, UserPatch, UserVersion,
    names::{accent_fold, case_fold},
};

pub use access::PasswordSetBy;

/// The attributes of a user to create.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewUser {
    /// The email address for logins.
    pub email: Email,
    /// The first name.
    pub first_name: Option<PersonName>,
    /// The last name.
    pub last_name: Option<PersonName>,
    /// The groups.
    pub groups: GroupSet,
    /// The preferred language.
    pub locale: Option<Locale>,
    /// The login attributes, for other systems to read.
    pub login_attributes: Option<LoginAttributes>,
    /// The identity provider; `None` if the user has a password here.
    pub sso_source: Option<SsoSource>,
    /// Whether the user must change the password before anything else.
    pub must_change_password: bool,
}

impl NewUser {
    /// A user with an email address and nothing else.
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

/// The kind of a user.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum UserKind {
    /// A person who logs in.
    #[default]
    Person,
    /// The service account of an API key. No list of users contains it. It changes only together
    /// with the key.
    ApiKey,
}

/// A user. Users are never deleted, only deactivated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// The user ID.
    pub id: UserId,
    /// The kind: person or service account.
    pub kind: UserKind,
    /// The email address for logins.
    pub email: Email,
    /// The new email address, until its user confirms it.
    pub pending_email: Option<Email>,
    /// The time until which links to go back to an earlier email address are invalid.
    pub email_settled_at: Option<Timestamp>,
    /// The first name.
    pub first_name: Option<PersonName>,
    /// The last name.
    pub last_name: Option<PersonName>,
    /// The groups. A member of Administrators is an administrator.
    pub groups: GroupSet,
    /// Whether the user may log in.
    pub is_active: bool,
    /// Whether all identifying data has been removed, permanently.
    pub is_anonymized: bool,
    /// Whether the user has not yet dismissed the modal `qbnewb`.
    pub is_qbnewb: bool,
    /// Whether the user has not yet dismissed the modal `datasetnewb`.
    pub is_datasetnewb: bool,
    /// The preferred language.
    pub locale: Option<Locale>,
    /// The login attributes, for other systems to read.
    pub login_attributes: Option<LoginAttributes>,
    /// The identity provider.
    pub sso_source: Option<SsoSource>,
    /// Whether the user must change the password before anything else.
    pub must_change_password: bool,
    /// Whether the user was created without a password and has not chosen one.
    pub lacks_password: bool,
    /// The time of creation.
    pub date_joined: Timestamp,
    /// The time of the last change of profile or password.
    pub updated_at: Timestamp,
    /// The time of the first login.
    pub first_login: Option<Timestamp>,
    /// The time of the last login.
    pub last_login: Option<Timestamp>,
    /// The generation of the user's valid sessions.
    pub generation: SessionGeneration,
    /// Incremented by every write of the profile. An update based on an older version fails.
    pub version: u64,
    /// Whether the password is still hashed as in Metabase, from which the user was imported.
    pub has_imported_password: bool,
    /// The ID of the idempotency record with the response to the creation, for its erasure.
    pub creation_record: Option<String>,
    /// Whether the index has the user at the position of earlier versions, which kept accents.
    pub has_earlier_position: bool,
}

impl User {
    /// A new, active user.
    #[must_use]
    pub fn new(id: UserId, new: NewUser, now: Timestamp) -> Self {
        Self {
            id,
            kind: UserKind::Person,
            email: new.email,
            pending_email: None,
            email_settled_at: None,
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
            lacks_password: false,
            date_joined: now,
            updated_at: now,
            first_login: None,
            last_login: None,
            generation: SessionGeneration::default(),
            version: 1,
            has_imported_password: false,
            creation_record: None,
            has_earlier_position: false,
        }
    }

    /// The first user: an administrator who has just logged in.
    #[must_use]
    pub fn first_admin(new: NewUser, now: Timestamp) -> Self {
        Self::new(UserId::INSTALLER, new, now).with_login(now)
    }

    /// The user after a login.
    #[must_use]
    pub fn with_login(self, now: Timestamp) -> Self {
        Self { first_login: self.first_login.or(Some(now)), last_login: Some(now), ..self }
    }

    /// The version of the user, for preconditions.
    #[must_use]
    pub const fn version(&self) -> UserVersion {
        UserVersion { user: self.id, version: self.version }
    }

    /// Whether the user is an administrator, which is by definition a member of group 2.
    #[must_use]
    pub fn is_superuser(&self) -> bool {
        self.groups.has_admin()
    }

    /// Whether the user is an active administrator. At least one must remain.
    #[must_use]
    pub fn is_active_admin(&self) -> bool {
        self.is_active_person() && self.is_superuser()
    }

    /// Whether the user is an active person. Only active persons can be edited, and only they are
    /// in the stored counts of members.
    #[must_use]
    pub const fn is_active_person(&self) -> bool {
        self.is_active && matches!(self.kind, UserKind::Person)
    }

    /// The names with a space between them, or the email address if there is no name.
    #[must_use]
    pub fn common_name(&self) -> String {
        match (&self.first_name, &self.last_name) {
            (Some(first), Some(last)) => format!("{} {}", first.as_str(), last.as_str()),
            (Some(name), None) | (None, Some(name)) => name.as_str().to_owned(),
            (None, None) => self.email.as_str().to_owned(),
        }
    }

    /// The text for searches: folded first name, last name and email address, one a line.
    #[must_use]
    pub fn search_text(&self) -> String {
        let [first, last] = self.folded_names();
        format!("{first}\n{last}\n{}", accent_fold(self.email.as_str()))
    }

    /// First and last name, without case and accents for sorting; empty if absent.
    #[must_use]
    pub fn folded_names(&self) -> [String; 2] {
        self.names_with(accent_fold)
    }

    /// First and last name as the index of earlier versions sorts them.
    pub(crate) fn earlier_folded_names(&self) -> [String; 2] {
        self.names_with(case_fold)
    }

    fn names_with(&self, fold: fn(&str) -> String) -> [String; 2] {
        [&self.first_name, &self.last_name]
            .map(|name| name.as_ref().map(|name| fold(name.as_str())).unwrap_or_default())
    }

    /// Sorts users by first name, last name and ID.
    pub fn sort_by_name(users: &mut [Self]) {
        users.sort_by_cached_key(|user| (user.folded_names(), user.id));
    }

    /// Applies a patch.
    ///
    /// # Errors
    ///
    /// Returns [`DomainError::NotFound`] for a deactivated user, or the rule that rejects the
    /// patch.
    pub fn updated(&self, patch: UserPatch, now: Timestamp) -> Result<Self, DomainError> {
        if !self.is_active_person() {
            return Err(DomainError::NotFound);
        }
        self.check_names(&patch)?;
        let groups = patch.resolve_groups(&self.groups)?;
        if groups.custom_changes_since(&self.groups) > GroupSet::MAX {
            return Err(DomainError::TooManyGroups);
        }
        let before = self.clone();
        let pending_email = match &patch.email {
            Some(_) => None,
            None => patch.pending_email.apply(before.pending_email),
        };
        let after = Self {
            email: patch.email.unwrap_or(before.email),
            pending_email,
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

    fn check_names(&self, patch: &UserPatch) -> Result<(), DomainError> {
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

    /// Adds the user to a group.
    ///
    /// # Errors
    ///
    /// Returns [`DomainError::AllUsersIsImplicit`], [`DomainError::AlreadyMember`] or
    /// [`DomainError::TooManyGroups`].
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

    /// Removes the user from a group.
    ///
    /// # Errors
    ///
    /// Returns [`DomainError::AllUsersIsImplicit`], and [`DomainError::NotFound`] if the user is
    /// not a member of the group.
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

    /// Dismisses a modal.
    ///
    /// # Errors
    ///
    /// Returns [`DomainError::NotFound`] for a deactivated user.
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
