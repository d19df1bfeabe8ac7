//! API keys, their hashes and their names.

use serde::{Deserialize, Serialize};

use crate::{
    domain::{ApiKey, ApiKeyName, Timestamp, TokenHash, UserId},
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
}

/// The hash item of an API key. It authenticates the service account.
#[derive(Debug, Serialize, Deserialize)]
pub(in crate::store) struct ApiKeyHashItem {
    pub(in crate::store) owner: u64,
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
        })
    }
}
