//! What is in the table. The attributes `pk` and `sk` are the key's; see `keys`.

mod reset;

use std::{
    collections::{BTreeMap, HashMap},
    ops::Not,
};

use aws_sdk_dynamodb::types::AttributeValue;
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use super::{Instance, Key, Layout, StoreError, keys};
use crate::{
    auth::{hash::PasswordHash, token::TokenHash},
    domain::{
        ApiKey, Device, Email, Generation, Group, GroupId, GroupName, KeyName, Kind, Locale,
        LoginAttributes, PersonName, Session, SsoSource, Timestamp, User, UserId,
    },
};

pub(super) use reset::ResetItem;

/// An item as the SDK has it.
pub(super) type Item = HashMap<String, AttributeValue>;

/// Makes an item of a value.
pub(super) fn to_item(key: &Key, value: &impl Serialize) -> Result<Item, StoreError> {
    let item: Item = serde_dynamo::to_item(value)
        .map_err(|error| StoreError::Malformed("unwritten", error.into()))?;
    Ok(item.into_iter().chain(key.attributes()).collect())
}

/// Makes a value of an item.
pub(super) fn from_item<T: DeserializeOwned>(
    kind: &'static str,
    item: Item,
) -> Result<T, StoreError> {
    serde_dynamo::from_item(item).map_err(|error| StoreError::Malformed(kind, error.into()))
}

/// An account's profile, and its place in the index.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct UserItem {
    id: u64,
    /// Absent for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    kind: Option<KindItem>,
    email: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    first_name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    last_name: Option<String>,
    #[serde(with = "serde_dynamo::number_set")]
    groups: Vec<u64>,
    is_active: bool,
    #[serde(default, skip_serializing_if = "Not::not")]
    is_anonymized: bool,
    is_qbnewb: bool,
    is_datasetnewb: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    locale: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    login_attributes: Option<BTreeMap<String, String>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sso_source: Option<String>,
    #[serde(default, skip_serializing_if = "Not::not")]
    must_change_password: bool,
    date_joined: Timestamp,
    updated_at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    first_login: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    last_login: Option<Timestamp>,
    generation: u32,
    version: u64,
    /// Absent where nobody lists the account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    list_pk: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    list_sk: Option<String>,
    search: String,
}

/// Whom an account is for.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum KindItem {
    ApiKey,
}

/// What is known of an API key.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct ApiKeyItem {
    id: u64,
    name: String,
    key_hash: String,
    masked: String,
    created_at: Timestamp,
    updated_at: Timestamp,
    updated_by: u64,
}

/// That a key signs its account in.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct ApiKeyProofItem {
    pub(super) owner: u64,
}

/// The claim on the name of a key.
#[derive(Debug, Serialize)]
pub(super) struct KeyNameItem {
    pub(super) key_id: u64,
}

/// The claim on an address, and the password of its account.
#[derive(Serialize, Deserialize)]
pub(super) struct LoginItem {
    pub(super) user_id: u64,
    pub(super) email: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) password_hash: Option<String>,
    pub(super) enabled: bool,
    pub(super) generation: u32,
}

/// A session. Its generation is for lists: who comes with its token is held to the token's.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct SessionItem {
    #[serde(default)]
    generation: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    user_agent: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ip: Option<String>,
    created_at: i64,
    expires_at: i64,
}

/// Attempts that count against one limit.
#[derive(Debug, Deserialize)]
pub(super) struct ThrottleItem {
    pub(super) attempts: u32,
    pub(super) last_at: i64,
    pub(super) expires_at: i64,
}

/// Some of the accounts, counted.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct TallyItem {
    #[serde(default)]
    pub(super) active: i64,
    #[serde(default)]
    pub(super) inactive: i64,
}

/// The last number given to an account.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct CounterItem {
    pub(super) last: u64,
}

/// The active administrators.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct AdminsItem {
    #[serde(with = "serde_dynamo::number_set")]
    pub(super) ids: Vec<u64>,
}

/// A group.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct GroupItem {
    id: u64,
    name: String,
    members: i64,
    revision: u64,
    #[serde(default)]
    is_closing: bool,
}

/// The claim on a group's name.
#[derive(Debug, Serialize)]
pub(super) struct GroupNameItem {
    pub(super) group_id: u64,
}

/// That an account is in a group.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct MemberItem {
    pub(super) user_id: u64,
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

impl UserItem {
    pub(super) fn new(user: &User, layout: Layout) -> Self {
        let name = |name: &Option<PersonName>| name.clone().map(String::from);
        let listed = user.kind == Kind::Person;
        Self {
            id: user.id.get(),
            kind: (!listed).then_some(KindItem::ApiKey),
            email: user.email.as_str().to_owned(),
            first_name: name(&user.first_name),
            last_name: name(&user.last_name),
            groups: user.groups.iter().map(GroupId::get).collect(),
            is_active: user.is_active,
            is_anonymized: user.is_anonymized,
            is_qbnewb: user.is_qbnewb,
            is_datasetnewb: user.is_datasetnewb,
            locale: user.locale.as_ref().map(|locale| locale.as_str().to_owned()),
            login_attributes: user.login_attributes.as_ref().map(|texts| texts.as_map().clone()),
            sso_source: user.sso_source.clone().map(String::from),
            must_change_password: user.must_change_password,
            date_joined: user.date_joined,
            updated_at: user.updated_at,
            first_login: user.first_login,
            last_login: user.last_login,
            generation: user.generation.0,
            version: user.version,
            list_pk: listed.then(|| layout.list_of(user.id, user.is_active)),
            list_sk: listed.then(|| keys::list_position(user)),
            search: user.search_text(),
        }
    }
}

impl TryFrom<UserItem> for User {
    type Error = StoreError;

    fn try_from(item: UserItem) -> Result<Self, StoreError> {
        let malformed = |error| StoreError::Malformed("user", Box::new(error));
        let groups = item.groups.into_iter().map(GroupId::try_from).collect::<Result<_, _>>();
        Ok(Self {
            id: UserId::try_from(item.id).map_err(malformed)?,
            kind: match item.kind {
                None => Kind::Person,
                Some(KindItem::ApiKey) => Kind::ApiKey,
            },
            email: Email::stored(item.email),
            first_name: item.first_name.map(PersonName::stored),
            last_name: item.last_name.map(PersonName::stored),
            groups: groups.map_err(malformed)?,
            is_active: item.is_active,
            is_anonymized: item.is_anonymized,
            is_qbnewb: item.is_qbnewb,
            is_datasetnewb: item.is_datasetnewb,
            locale: item.locale.map(Locale::stored),
            login_attributes: item.login_attributes.map(LoginAttributes::stored),
            sso_source: item.sso_source.map(SsoSource::stored),
            must_change_password: item.must_change_password,
            date_joined: item.date_joined,
            updated_at: item.updated_at,
            first_login: item.first_login,
            last_login: item.last_login,
            generation: Generation(item.generation),
            version: item.version,
        })
    }
}

impl GroupItem {
    /// A group without members.
    pub(super) fn new(id: GroupId, name: &str) -> Self {
        Self { id: id.get(), name: name.to_owned(), members: 0, revision: 0, is_closing: false }
    }
}

impl TryFrom<GroupItem> for Group {
    type Error = StoreError;

    fn try_from(item: GroupItem) -> Result<Self, StoreError> {
        let malformed = |error| StoreError::Malformed("group", Box::new(error));
        Ok(Self {
            id: GroupId::try_from(item.id).map_err(malformed)?,
            name: GroupName::stored(item.name),
            members: usize::try_from(item.members).unwrap_or_default(),
            revision: item.revision,
            is_closing: item.is_closing,
        })
    }
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
            name: KeyName::stored(item.name),
            hash: TokenHash::stored(item.key_hash),
            masked: item.masked,
            created_at: item.created_at,
            updated_at: item.updated_at,
            updated_by: id(item.updated_by)?,
        })
    }
}

impl LoginItem {
    pub(super) fn new(user: &User, password: Option<&PasswordHash>) -> Self {
        Self {
            user_id: user.id.get(),
            email: user.email.as_str().to_owned(),
            password_hash: password.map(|hash| hash.expose().to_owned()),
            enabled: user.is_active,
            generation: user.generation.0,
        }
    }
}

impl From<&Session> for SessionItem {
    fn from(session: &Session) -> Self {
        let Device { user_agent, ip_address } = session.device.clone();
        Self {
            generation: session.generation.0,
            user_agent,
            ip: ip_address,
            created_at: session.created_at,
            expires_at: session.expires_at,
        }
    }
}

impl From<SessionItem> for Session {
    fn from(item: SessionItem) -> Self {
        Self {
            generation: Generation(item.generation),
            device: Device { user_agent: item.user_agent, ip_address: item.ip },
            created_at: item.created_at,
            expires_at: item.expires_at,
        }
    }
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
