//! API keys, without their secrets.

use std::{borrow::Cow, collections::HashMap};

use super::{
    ApiKeyName, CredentialCutoff, Email, Group, GroupId, GroupSet, NewUser, PersonName,
    SessionGeneration, Timestamp, TokenHash, User, UserId, UserKind,
};

/// The interval in seconds between two records of a key's use.
const USE_INTERVAL: i64 = 3_600;

/// The conditions under which the secret of an API key is valid. A rotation replaces them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ApiKeyValidity {
    /// The owner, who is responsible for the key.
    pub owner: UserId,
    /// The session generation of the owner when the secret was created.
    pub generation: SessionGeneration,
    /// The creation time of the secret.
    pub issued_at: Timestamp,
    /// The time at which the secret expires, if it does.
    pub expires_at: Option<Timestamp>,
}

impl ApiKeyValidity {
    /// A secret that a person creates now.
    #[must_use]
    pub const fn of_owner(owner: &User, now: Timestamp) -> Self {
        Self { owner: owner.id, generation: owner.generation, issued_at: now, expires_at: None }
    }

    /// Limits the validity to a time. An earlier limit stays.
    #[must_use]
    pub fn until(self, time: Option<Timestamp>) -> Self {
        let expires_at = self.expires_at.into_iter().chain(time).min();
        Self { expires_at, ..self }
    }

    /// A secret that is invalid until a rotation: its generation is before that of the owner.
    #[must_use]
    pub const fn revoked(self) -> Self {
        Self { generation: self.generation.previous(), ..self }
    }

    /// Whether the secret is valid. Its owner must be an active administrator of the same session
    /// generation who need not change the password.
    #[must_use]
    pub fn is_valid_for(&self, owner: &User, now: Timestamp) -> bool {
        owner.is_active_admin()
            && !owner.must_change_password
            && owner.generation == self.generation
            && !self.is_expired(now)
    }

    /// Whether the secret has expired.
    #[must_use]
    pub fn is_expired(&self, now: Timestamp) -> bool {
        self.expires_at.is_some_and(|end| end <= now)
    }

    /// The time since which the secret is invalid, if it is and if the time is known.
    ///
    /// A deactivated user cannot change, so their last change is the deactivation.
    #[must_use]
    pub fn invalid_since(&self, owner: &User, now: Timestamp) -> Option<Timestamp> {
        let expired = self.expires_at.filter(|end| *end <= now);
        let deactivated = (!owner.is_active).then_some(owner.updated_at);
        expired.into_iter().chain(deactivated).min()
    }

    /// The expiry of a new secret with the same lifetime.
    #[must_use]
    pub fn renewed_expiry(&self, now: Timestamp) -> Option<Timestamp> {
        let [start, end] = [self.issued_at, self.expires_at?].map(Timestamp::epoch_microseconds);
        let lifetime = end.saturating_sub(start);
        Timestamp::from_epoch_microseconds(now.epoch_microseconds().saturating_add(lifetime))
    }
}

/// The first second in which the use of a key is recorded again.
#[must_use]
pub const fn next_recorded_use(last: i64) -> i64 {
    last.saturating_add(USE_INTERVAL)
}

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
    /// The conditions under which the secret is valid. A key of version 0.1.0 has none, and is
    /// invalid until its rotation.
    pub validity: Option<ApiKeyValidity>,
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
    /// The service accounts, the owners, and the users who last changed a key.
    pub users: Vec<User>,
    /// The last recorded use of each key that was used.
    pub uses: HashMap<UserId, Timestamp>,
    /// All groups.
    pub groups: Vec<Group>,
    /// The time before which issued credentials are invalid.
    pub cutoff: CredentialCutoff,
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
