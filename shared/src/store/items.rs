//! Attributes of items. The key attributes `pk` and `sk` are in `keys`.

mod access;
mod api_key;
mod email_change;
mod group;
mod reset;
mod user;

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use super::{Key, StoreError};
use crate::domain::{Instance, Timestamp, UserCounts};

pub(super) use access::{CredentialsItem, SessionItem};
pub(super) use api_key::{
    ApiKeyHashItem, ApiKeyItem, ApiKeyNameItem, ApiKeyUseItem, ImportedApiKeyItem, KeyAttemptsItem,
};
pub(super) use email_change::{EmailConfirmationItem, EmailReversalItem};
pub(super) use group::{GroupItem, GroupNameItem, MemberItem};
pub(super) use reset::{ResetItem, ResetsItem};
pub(super) use user::{LIST_PROJECTION, UserItem};

/// An item of the SDK.
pub(super) type Item = HashMap<String, AttributeValue>;

/// Converts a value to an item.
pub(super) fn to_item(key: &Key, value: &impl Serialize) -> Result<Item, StoreError> {
    let item: Item =
        serde_dynamo::to_item(value).map_err(|error| StoreError::Serialize(error.into()))?;
    Ok(item.into_iter().chain(key.attributes()).collect())
}

/// Converts an item to a value.
pub(super) fn from_item<T: DeserializeOwned>(
    kind: &'static str,
    item: Item,
) -> Result<T, StoreError> {
    serde_dynamo::from_item(item).map_err(|error| StoreError::Malformed(kind, error.into()))
}

/// The counter of a rate limit.
#[derive(Debug, Deserialize)]
pub(super) struct RateLimitItem {
    pub(super) attempts: u32,
    pub(super) last_at: i64,
    pub(super) expires_at: i64,
    #[serde(default)]
    pub(super) generation: u32,
}

/// A known device. Times are in whole seconds since 1970.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct DeviceItem {
    pub(super) expires_at: i64,
}

/// One shard of the user counts.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct UserCountItem {
    #[serde(default)]
    pub(super) active: i64,
    #[serde(default)]
    pub(super) inactive: i64,
}

/// The counter of user IDs or of group IDs.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct CounterItem {
    pub(super) last: u64,
}

/// The passwords that are hashed as in Metabase.
#[derive(Debug, Deserialize)]
pub(super) struct ImportedPasswordsItem {
    /// The number of such passwords.
    pub(super) remaining: i64,
    /// The highest cost of bcrypt among them.
    pub(super) cost: u32,
}

/// The set of active administrators.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct AdminsItem {
    #[serde(with = "serde_dynamo::number_set")]
    pub(super) ids: Vec<u64>,
}

/// The instance.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct InstanceItem {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) site_name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) site_locale: Option<String>,
    pub(super) set_up_at: Timestamp,
}

impl InstanceItem {
    pub(super) fn new(instance: Instance, now: Timestamp) -> Self {
        Self {
            site_name: instance.site_name.map(String::from),
            site_locale: instance.site_locale.map(|locale| locale.as_str().to_owned()),
            set_up_at: now,
        }
    }
}

impl From<UserCountItem> for UserCounts {
    fn from(item: UserCountItem) -> Self {
        Self { active: item.active, inactive: item.inactive }
    }
}
