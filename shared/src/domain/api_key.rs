//! API keys, without their secrets.

use std::borrow::Cow;

use super::{
    ApiKeyName, Email, Group, GroupId, GroupSet, NewUser, PersonName, Timestamp, TokenHash, User,
    UserId, UserKind,
};

/// The attributes of an API key to create.
#[derive(Debug, Clone)]
pub struct ApiKeySpec {
    /// The name.
    pub name: ApiKeyName,
    /// The group with the permissions of the key.
    pub group: GroupId,
    /// The user who creates the key.
    pub by: UserId,
    /// The time of creation.
    pub now: Timestamp,
}

/// An API key. It authenticates a hidden service account with the same ID.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiKey {
    /// The ID of the key and of its service account.
    pub id: UserId,
    /// The name.
    pub name: ApiKeyName,
    /// The hash of the secret.
    pub hash: TokenHash,
    /// The first characters of the key, followed by asterisks.
    pub masked: String,
    /// The time of creation.
    pub created_at: Timestamp,
    /// The time of the last change.
    pub updated_at: Timestamp,
    /// The user who created the key or last changed it.
    pub updated_by: UserId,
}

impl ApiKey {
    /// Records a change of the key.
    #[must_use]
    pub fn changed(self, by: UserId, now: Timestamp) -> Self {
        Self { updated_at: now, updated_by: by, ..self }
    }
}

impl GroupSet {
    /// The groups of a service account: All Users and the group of the key.
    #[must_use]
    pub fn for_api_key(group: GroupId) -> Self {
        Self::default().with(group)
    }

    /// The group of the key: the one other than All Users, or All Users if there is no other.
    #[must_use]
    pub fn api_key_group(&self) -> GroupId {
        self.iter().find(|group| *group != GroupId::ALL_USERS).unwrap_or(GroupId::ALL_USERS)
    }
}

impl User {
    /// The service account of a new key. The nonce makes its email address unique.
    #[must_use]
    pub fn for_api_key(id: UserId, nonce: u128, key: &ApiKeySpec) -> Self {
        let new = NewUser {
            first_name: PersonName::parse(key.name.as_str()),
            groups: GroupSet::for_api_key(key.group),
            ..NewUser::with_email(Email::for_api_key(nonce))
        };
        Self { kind: UserKind::ApiKey, ..Self::new(id, new, key.now) }
    }

    /// The service account after the deletion of its key.
    #[must_use]
    pub fn deactivated_api_key(&self, now: Timestamp) -> Self {
        Self { is_active: false, groups: GroupSet::default(), updated_at: now, ..self.clone() }
    }
}

/// An API key with its service account.
#[derive(Debug, Clone)]
pub struct ApiKeyWithUser {
    /// The key.
    pub key: ApiKey,
    /// The service account.
    pub user: User,
}

/// All API keys with the users and groups that a list of them names.
#[derive(Debug)]
pub struct ApiKeyList {
    /// The keys, by ID.
    pub keys: Vec<ApiKey>,
    /// The service accounts, and the users who last changed a key.
    pub users: Vec<User>,
    /// All groups.
    pub groups: Vec<Group>,
}

/// A change of an API key.
#[derive(Debug, Clone)]
pub struct ApiKeyPatch {
    /// The user who changes the key.
    pub by: UserId,
    /// The time of the change.
    pub now: Timestamp,
    /// The new name, if it changes.
    pub name: Option<ApiKeyName>,
    /// The new group, if it changes.
    pub group: Option<GroupId>,
}

impl ApiKeyWithUser {
    /// Applies a patch.
    pub(crate) fn with_patch(&self, patch: &ApiKeyPatch) -> Self {
        let key = self.key.clone().changed(patch.by, patch.now);
        let name = patch.name.clone().unwrap_or(key.name);
        let groups = patch.group.map_or_else(|| self.user.groups.clone(), GroupSet::for_api_key);
        Self {
            user: User {
                first_name: PersonName::parse(name.as_str()),
                groups,
                updated_at: patch.now,
                version: self.user.version.wrapping_add(1),
                ..self.user.clone()
            },
            key: ApiKey { name, ..key },
        }
    }

    /// The wire names of the fields that differ from an earlier state.
    pub(crate) fn changed_fields(&self, before: &Self) -> Vec<Cow<'static, str>> {
        let name = (before.key.name != self.key.name).then_some("name".into());
        let group = (before.user.groups != self.user.groups).then_some("group_id".into());
        name.into_iter().chain(group).collect()
    }
}
