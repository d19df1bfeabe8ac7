//! An API key with its account, and what can change of both.

use crate::{
    auth::api_key::ApiKeyToken,
    domain::{
        ApiKey, ApiKeyName, ApiKeySpec, Group, GroupId, GroupSet, PersonName, Timestamp, User,
        UserId,
    },
    random::{self, NoEntropy},
    store::audit_write::Fields,
};

/// A key and its account.
#[derive(Debug, Clone)]
pub struct ApiKeyWithUser {
    /// The key.
    pub key: ApiKey,
    /// The account.
    pub user: User,
}

/// All keys, and what a list says of them beside.
#[derive(Debug)]
pub struct ApiKeyList {
    /// The keys, by number.
    pub keys: Vec<ApiKey>,
    /// Their accounts, and those of who changed them last.
    pub users: Vec<User>,
    /// All groups.
    pub groups: Vec<Group>,
}

/// Who changes a key, when, and into what.
#[derive(Debug, Clone)]
pub struct ApiKeyPatch {
    /// Who.
    pub by: UserId,
    /// When.
    pub now: Timestamp,
    /// Another name.
    pub name: Option<ApiKeyName>,
    /// Another group.
    pub group: Option<GroupId>,
}

/// Another secret for a key.
#[derive(Debug)]
pub struct ApiKeyRotation<'a> {
    /// The secret.
    pub token: &'a ApiKeyToken,
    /// Who asks for it.
    pub by: UserId,
    /// When.
    pub now: Timestamp,
}

impl ApiKeyWithUser {
    /// A new key and its account.
    ///
    /// # Errors
    ///
    /// When the operating system has no random bytes.
    pub fn new(new: ApiKeySpec, token: &ApiKeyToken) -> Result<Self, NoEntropy> {
        let mark = u128::from_be_bytes(random::bytes()?);
        let user = User::for_api_key(token.user(), mark, &new);
        let key = ApiKey {
            id: user.id,
            name: new.name,
            hash: token.hash(),
            masked: token.masked(),
            created_at: new.now,
            updated_at: new.now,
            updated_by: new.by,
        };
        Ok(Self { key, user })
    }

    /// What the change leads to.
    pub(super) fn with_patch(&self, change: &ApiKeyPatch) -> Self {
        let key = self.key.clone().changed(change.by, change.now);
        let name = change.name.clone().unwrap_or(key.name);
        let groups = change.group.map_or_else(|| self.user.groups.clone(), GroupSet::for_api_key);
        Self {
            user: User {
                first_name: PersonName::parse(name.as_str()),
                groups,
                updated_at: change.now,
                version: self.user.version.wrapping_add(1),
                ..self.user.clone()
            },
            key: ApiKey { name, ..key },
        }
    }

    /// The names on the wire of what is not as it was.
    pub(super) fn fields(&self, before: &Self) -> Fields {
        let name = (before.key.name != self.key.name).then_some("name".into());
        let group = (before.user.groups != self.user.groups).then_some("group_id".into());
        name.into_iter().chain(group).collect()
    }
}
