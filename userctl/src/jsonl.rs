//! The lines of a backup, which `docs/moving.md` documents. A change of their meaning is a new
//! format.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize, de::Error};
use shared::domain::Timestamp;

/// The format of this version.
pub(crate) const FORMAT: u64 = 1;

/// A line.
#[derive(Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(crate) enum Line {
    Export(Header),
    Group(GroupLine),
    User(Box<UserLine>),
    ApiKey(Box<ApiKeyLine>),
    End(EndLine),
}

/// The first line.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Header {
    pub(crate) format: u64,
    #[serde(deserialize_with = "time")]
    pub(crate) created_at: Timestamp,
    pub(crate) with_hashes: bool,
    pub(crate) site_name: Option<String>,
    pub(crate) site_locale: Option<String>,
}

/// A group.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct GroupLine {
    pub(crate) id: u64,
    pub(crate) name: String,
    /// The role of a builtin group, as in the API.
    pub(crate) magic_group_type: Option<String>,
}

/// A user.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct UserLine {
    pub(crate) id: u64,
    pub(crate) email: String,
    pub(crate) first_name: Option<String>,
    pub(crate) last_name: Option<String>,
    pub(crate) is_active: bool,
    pub(crate) is_superuser: bool,
    pub(crate) groups: Vec<u64>,
    pub(crate) locale: Option<String>,
    pub(crate) login_attributes: Option<BTreeMap<String, String>>,
    pub(crate) sso_source: Option<String>,
    pub(crate) must_change_password: bool,
    pub(crate) is_qbnewb: bool,
    pub(crate) is_datasetnewb: bool,
    pub(crate) is_anonymized: bool,
    #[serde(deserialize_with = "time")]
    pub(crate) date_joined: Timestamp,
    #[serde(deserialize_with = "time")]
    pub(crate) updated_at: Timestamp,
    #[serde(default, deserialize_with = "optional_time")]
    pub(crate) first_login: Option<Timestamp>,
    #[serde(default, deserialize_with = "optional_time")]
    pub(crate) last_login: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) password_hash: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "optional_time")]
    pub(crate) password_set_at: Option<Timestamp>,
}

/// An API key.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ApiKeyLine {
    pub(crate) id: u64,
    pub(crate) name: String,
    pub(crate) group_id: u64,
    /// The user who is responsible for the key.
    pub(crate) owner: u64,
    pub(crate) updated_by: u64,
    #[serde(deserialize_with = "time")]
    pub(crate) created_at: Timestamp,
    #[serde(deserialize_with = "time")]
    pub(crate) updated_at: Timestamp,
    /// The time of the secret, which a rotation replaces.
    #[serde(deserialize_with = "time")]
    pub(crate) issued_at: Timestamp,
    #[serde(default, deserialize_with = "optional_time")]
    pub(crate) expires_at: Option<Timestamp>,
    /// Whether the owner has revoked all credentials since.
    pub(crate) is_revoked: bool,
    pub(crate) masked: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) secret: Option<SecretLine>,
}

/// The hash of the secret of an API key.
#[derive(Serialize, Deserialize)]
#[serde(tag = "form", rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum SecretLine {
    /// A key of this service.
    Sha256 { hash: String },
    /// A key of Metabase that was not used here yet.
    MetabaseBcrypt { prefix: String, hash: String },
    /// A key of Metabase that was used here.
    MetabaseSha256 { prefix: String, hash: String },
}

/// The last line, with the numbers of all others. Without it, a file is truncated.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct EndLine {
    pub(crate) groups: u64,
    pub(crate) users: u64,
    pub(crate) api_keys: u64,
}

fn time<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Timestamp, D::Error> {
    let text = String::deserialize(deserializer)?;
    Timestamp::parse(&text).ok_or_else(|| D::Error::custom("a time is not in RFC 3339"))
}

fn optional_time<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Timestamp>, D::Error> {
    let text = Option::<String>::deserialize(deserializer)?;
    let parse = |text: String| {
        Timestamp::parse(&text).ok_or_else(|| D::Error::custom("a time is not in RFC 3339"))
    };
    text.map(parse).transpose()
}
