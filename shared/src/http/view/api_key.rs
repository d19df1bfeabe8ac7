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
    /// Expiry of the secret; null if it does not expire.
    expires_at: Option<Timestamp>,
}

/// An API key in a list.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "ListedApiKey")]
pub struct ListedApiKeyView<'a> {
    #[serde(flatten)]
    key: ApiKeyView<'a>,
    /// User responsible for the API key; null if they are not known.
    owner: Option<ApiKeyOwner>,
    /// Whether the API key is valid.
    is_active: bool,
    /// Time since which the API key is invalid; null if it is valid or the time is not known.
    inactive_since: Option<Timestamp>,
    /// Last recorded use, at most an hour before the last one; null if there is none.
    last_used_at: Option<Timestamp>,
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

/// The user responsible for an API key. The key is valid only while they are an active
/// administrator.
#[derive(Debug, Serialize, JsonSchema)]
struct ApiKeyOwner {
    /// User ID.
    #[schemars(with = "UserId")]
    id: u64,
    common_name: String,
    is_active: bool,
}

impl<'a> ListedApiKeyView<'a> {
    /// Creates the views of all API keys, as of a time.
    #[must_use]
    pub fn all(list: &'a ApiKeyList, now: Timestamp) -> Vec<Self> {
        list.keys.iter().map(|key| Self::new(key, list, now)).collect()
    }

    fn new(key: &'a ApiKey, list: &'a ApiKeyList, now: Timestamp) -> Self {
        let found = key.validity.as_ref().and_then(|validity| {
            Some((validity, list.users.iter().find(|user| user.id == validity.owner)?))
        });
        let invalid = match found {
            None => Some(None),
            Some((validity, _)) if !list.cutoff.admits(Some(validity.issued_at)) => {
                Some(list.cutoff.time())
            }
            Some((validity, owner)) if !validity.is_valid_for(owner, now) => {
                Some(validity.invalid_since(owner, now))
            }
            Some(_) => None,
        };
        Self {
            key: ApiKeyView::listed(key, list),
            owner: found.map(|(_, owner)| ApiKeyOwner::from(owner)),
            is_active: invalid.is_none(),
            inactive_since: invalid.flatten(),
            last_used_at: list.uses.get(&key.id).copied(),
        }
    }
}

impl From<&User> for ApiKeyOwner {
    fn from(user: &User) -> Self {
        let User { id, is_active, .. } = user;
        Self { id: id.get(), common_name: user.common_name(), is_active: *is_active }
    }
}

impl<'a> ApiKeyView<'a> {
    /// Creates the view of an API key in `group`, last changed by `editor`.
    #[must_use]
    pub fn new(key: &'a ApiKey, group: &'a Group, editor: &User) -> Self {
        let group = ApiKeyGroup { id: group.id.get(), name: group.name.as_str() };
        let editor = ApiKeyEditor { id: editor.id.get(), common_name: editor.common_name() };
        Self::of(key, group, editor)
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
            expires_at: key.validity.and_then(|validity| validity.expires_at),
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
