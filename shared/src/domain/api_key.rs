//! API keys: what is known of one beside its secret.

use super::{
    ApiKeyName, Email, GroupId, GroupSet, NewUser, PersonName, Timestamp, User, UserId, UserKind,
};
use crate::auth::token::TokenHash;

/// What a key is made from.
#[derive(Debug, Clone)]
pub struct ApiKeySpec {
    /// What it is called.
    pub name: ApiKeyName,
    /// Whose rights it has.
    pub group: GroupId,
    /// Who makes it.
    pub by: UserId,
    /// When.
    pub now: Timestamp,
}

/// A key. It signs in a hidden account of its own, whose number is the key's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiKey {
    /// The number of the key and of its account.
    pub id: UserId,
    /// What it is called.
    pub name: ApiKeyName,
    /// The hash of its secret.
    pub hash: TokenHash,
    /// Its first characters.
    pub masked: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// Who made or changed it last.
    pub updated_by: UserId,
}

impl ApiKey {
    /// The key after somebody changed it.
    #[must_use]
    pub fn changed(self, by: UserId, now: Timestamp) -> Self {
        Self { updated_at: now, updated_by: by, ..self }
    }
}

impl GroupSet {
    /// The groups of a key that was made for one of them.
    #[must_use]
    pub fn for_api_key(group: GroupId) -> Self {
        Self::default().with(group)
    }

    /// The group that a key was made for: the one beside All Users, while there is one.
    #[must_use]
    pub fn api_key_group(&self) -> GroupId {
        self.iter().find(|group| *group != GroupId::ALL_USERS).unwrap_or(GroupId::ALL_USERS)
    }
}

impl User {
    /// The account of a new key. `mark` tells its address from all others.
    #[must_use]
    pub fn for_api_key(id: UserId, mark: u128, key: &ApiKeySpec) -> Self {
        let new = NewUser {
            first_name: PersonName::parse(key.name.as_str()),
            groups: GroupSet::for_api_key(key.group),
            ..NewUser::with_email(Email::for_api_key(mark))
        };
        Self { kind: UserKind::ApiKey, ..Self::new(id, new, key.now) }
    }

    /// The account of a key that is used no more.
    #[must_use]
    pub fn deactivated_api_key(&self, now: Timestamp) -> Self {
        Self { is_active: false, groups: GroupSet::default(), updated_at: now, ..self.clone() }
    }
}
