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
    /// ID of the API key and of its service account.
    #[schemars(with = "UserId")]
    id: u64,
    #[schemars(with = "ApiKeyName")]
    name: &'a str,
    group: ApiKeyGroup<'a>,
    /// First characters of the secret.
    masked_key: &'a str,
    created_at: Timestamp,
    updated_at: Timestamp,
    updated_by: ApiKeyEditor,
}

/// An API key with its new secret.
#[derive(Serialize, JsonSchema)]
pub struct ApiKeyCreated<'a> {
    #[serde(flatten)]
    key: ApiKeyView<'a>,
    /// Secret, for the header `X-Api-Key`. No other response contains it.
    #[schemars(with = "ApiKeyToken")]
    unmasked_key: String,
}

/// The group of an API key. The key has its permissions.
#[derive(Debug, Serialize, JsonSchema)]
struct ApiKeyGroup<'a> {
    /// Group ID.
    #[schemars(with = "GroupId")]
    id: u64,
    name: &'a str,
}

/// The user who created or last changed an API key.
#[derive(Debug, Serialize, JsonSchema)]
struct ApiKeyEditor {
    /// User ID.
    #[schemars(with = "UserId")]
    id: u64,
    common_name: String,
}

impl<'a> ApiKeyView<'a> {
    /// Creates the view of an API key in `group`, last changed by `editor`.
    #[must_use]
    pub fn new(key: &'a ApiKey, group: &'a Group, editor: &User) -> Self {
        let group = ApiKeyGroup { id: group.id.get(), name: group.name.as_str() };
        let editor = ApiKeyEditor { id: editor.id.get(), common_name: editor.common_name() };
        Self::of(key, group, editor)
    }

    /// Creates the views of all API keys.
    #[must_use]
    pub fn all(list: &'a ApiKeyList) -> Vec<Self> {
        list.keys.iter().map(|key| Self::listed(key, list)).collect()
    }

    fn listed(key: &'a ApiKey, list: &'a ApiKeyList) -> Self {
        let user = |id: UserId| list.users.iter().find(|user| user.id == id);
        let group = user(key.id).map_or(GroupId::ALL_USERS, |user| user.groups.api_key_group());
        let name = list.groups.iter().find(|one| one.id == group).map(|one| one.name.as_str());
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
    /// Adds the secret, which no other response contains.
    #[must_use]
    pub fn new(key: ApiKeyView<'a>, token: &ApiKeyToken) -> Self {
        Self { key, unmasked_key: token.expose() }
    }
}
