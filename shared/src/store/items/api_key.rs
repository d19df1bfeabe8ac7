//! API keys, their hashes and their names.

use serde::{Deserialize, Serialize};

use crate::{
    domain::{ApiKey, ApiKeyName, ApiKeyValidity, SessionGeneration, Timestamp, TokenHash, UserId},
    store::StoreError,
};

/// An API key.
#[derive(Debug, Serialize, Deserialize)]
pub(in crate::store) struct ApiKeyItem {
    id: u64,
    name: String,
    key_hash: String,
    masked: String,
    created_at: Timestamp,
    updated_at: Timestamp,
    updated_by: u64,
    /// A copy of the hash item. Absent in keys of version 0.1.0, which have no such hash item.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    validity: Option<ApiKeyHashItem>,
}

/// The hash item of an API key. It authenticates the service account.
#[derive(Debug, Serialize, Deserialize)]
pub(in crate::store) struct ApiKeyHashItem {
    owner: u64,
    generation: u32,
    issued_at: Timestamp,
    /// The expiry. DynamoDB's time to live has another attribute, because the item must stay as
    /// long as its key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    valid_until: Option<Timestamp>,
}

/// An API key of Metabase. It authenticates the service account like a hash item.
#[derive(Debug, Serialize, Deserialize)]
pub(in crate::store) struct ImportedApiKeyItem {
    pub(in crate::store) user_id: u64,
    #[serde(flatten)]
    pub(in crate::store) validity: ApiKeyHashItem,
    /// Metabase's hash of the key. Absent after the first use.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(in crate::store) bcrypt: Option<String>,
    /// The SHA-256 of the key, since its first use.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(in crate::store) key_hash: Option<String>,
}

/// The attempts of a network to use an API key of Metabase.
#[derive(Debug, Deserialize)]
pub(in crate::store) struct KeyAttemptsItem {
    pub(in crate::store) attempts: u32,
    pub(in crate::store) expires_at: i64,
}

/// The last recorded use of an API key, in seconds since 1970.
#[derive(Debug, Serialize, Deserialize)]
pub(in crate::store) struct ApiKeyUseItem {
    pub(in crate::store) last_used_at: i64,
}

/// The uniqueness item of an API key name.
#[derive(Debug, Serialize)]
pub(in crate::store) struct ApiKeyNameItem {
    pub(in crate::store) key_id: u64,
}

impl From<&ApiKey> for ApiKeyItem {
    fn from(key: &ApiKey) -> Self {
        Self {
            id: key.id.get(),
            name: key.name.as_str().to_owned(),
            key_hash: key.hash.as_str().to_owned(),
            masked: key.masked.clone(),
            created_at: key.created_at,
            updated_at: key.updated_at,
            updated_by: key.updated_by.get(),
            validity: key.validity.as_ref().map(ApiKeyHashItem::from),
        }
    }
}

impl TryFrom<ApiKeyItem> for ApiKey {
    type Error = StoreError;

    fn try_from(item: ApiKeyItem) -> Result<Self, StoreError> {
        let id = |id: u64| {
            UserId::try_from(id).map_err(|error| StoreError::Malformed("API key", error.into()))
        };
        Ok(Self {
            id: id(item.id)?,
            name: ApiKeyName::from_stored(item.name),
            hash: TokenHash::from_stored(item.key_hash),
            masked: item.masked,
            created_at: item.created_at,
            updated_at: item.updated_at,
            updated_by: id(item.updated_by)?,
            validity: item.validity.map(ApiKeyValidity::try_from).transpose()?,
        })
    }
}

impl From<&ApiKeyValidity> for ApiKeyHashItem {
    fn from(validity: &ApiKeyValidity) -> Self {
        Self {
            owner: validity.owner.get(),
            generation: validity.generation.0,
            issued_at: validity.issued_at,
            valid_until: validity.expires_at,
        }
    }
}

impl TryFrom<ApiKeyHashItem> for ApiKeyValidity {
    type Error = StoreError;

    fn try_from(item: ApiKeyHashItem) -> Result<Self, StoreError> {
        let owner = UserId::try_from(item.owner);
        Ok(Self {
            owner: owner.map_err(|error| StoreError::Malformed("API key hash", error.into()))?,
            generation: SessionGeneration(item.generation),
            issued_at: item.issued_at,
            expires_at: item.valid_until,
        })
    }
}
