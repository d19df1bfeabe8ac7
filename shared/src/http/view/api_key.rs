//! API keys in responses, in both dialects.

use schemars::JsonSchema;
use serde::Serialize;

use crate::{
    auth::api_key::ApiKeyToken,
    domain::{ApiKey, ApiKeyList, ApiKeyName, Group, GroupId, Timestamp, User, UserId},
};

/// An API key.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "ApiKey")]
pub struct ApiKeyView<'a> {
    /// The ID of the API key and of its service account.
    #[schemars(with = "UserId")]
    id: u64,
    #[schemars(with = "ApiKeyName")]
    name: &'a str,
    group: ApiKeyGroup<'a>,
    /// The first characters of the secret.
    masked_key: &'a str,
    created_at: Timestamp,
    updated_at: Timestamp,
    updated_by: ApiKeyEditor,
}

/// A new API key, or one with a new secret.
#[derive(Serialize, JsonSchema)]
pub struct ApiKeyCreated<'a> {
    #[serde(flatten)]
    key: ApiKeyView<'a>,
    /// The secret, for `X-Api-Key`. No other response contains it.
    #[schemars(with = "ApiKeyToken")]
    unmasked_key: String,
}

/// The group with the permissions of an API key.
#[derive(Debug, Serialize, JsonSchema)]
struct ApiKeyGroup<'a> {
    /// The group ID.
    #[schemars(with = "GroupId")]
    id: u64,
    name: &'a str,
}

/// The user who created or last changed an API key.
#[derive(Debug, Serialize, JsonSchema)]
struct ApiKeyEditor {
    /// The user ID.
    #[schemars(with = "UserId")]
    id: u64,
    common_name: String,
}

impl<'a> ApiKeyView<'a> {
    /// The key of a group, which somebody has just changed.
    #[must_use]
    pub fn new(key: &'a ApiKey, group: &'a Group, editor: &User) -> Self {
        let group = ApiKeyGroup { id: group.id.get(), name: group.name.as_str() };
        let editor = ApiKeyEditor { id: editor.id.get(), common_name: editor.common_name() };
        Self::of(key, group, editor)
    }

    /// All keys.
    #[must_use]
    pub fn all(all: &'a ApiKeyList) -> Vec<Self> {
        all.keys.iter().map(|key| Self::listed(key, all)).collect()
    }

    fn listed(key: &'a ApiKey, all: &'a ApiKeyList) -> Self {
        let user = |id: UserId| all.users.iter().find(|user| user.id == id);
        let group = user(key.id).map_or(GroupId::ALL_USERS, |user| user.groups.api_key_group());
        let name = all.groups.iter().find(|one| one.id == group).map(|one| one.name.as_str());
        let editor = user(key.updated_by).map(User::common_name);
        Self::of(
            key,
            ApiKeyGroup { id: group.get(), name: name.unwrap_or_default() },
            ApiKeyEditor { id: key.updated_by.get(), common_name: editor.unwrap_or_default() },
        )
    }

    fn of(key: &'a ApiKey, group: ApiKeyGroup<'a>, updated_by: ApiKeyEditor) -> Self {
        Self {
            id: key.id.get(),
            name: key.name.as_str(),
            group,
            masked_key: &key.masked,
            created_at: key.created_at,
            updated_at: key.updated_at,
            updated_by,
        }
    }
}

impl<'a> ApiKeyCreated<'a> {
    /// The key with its secret, which is never shown again.
    #[must_use]
    pub fn new(key: ApiKeyView<'a>, token: &ApiKeyToken) -> Self {
        Self { key, unmasked_key: token.expose() }
    }
}
