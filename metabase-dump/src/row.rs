//! The rows, with a type for each table.

use std::{collections::BTreeMap, fmt, sync::Arc};

use secrecy::SecretString;
use time::OffsetDateTime;

use crate::{error::RowError, table::Table};

/// The place of a row or of a problem. Displays as `dump.sql:123`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Location {
    /// The name of the file, or `postgres` or `mysql` for a database.
    pub source: Arc<str>,
    /// The table, if the place is in one.
    pub table: Option<Table>,
    /// The first line of the row, from 1. For a database, the number of the row in its table.
    /// 0 is the whole source.
    pub line: u64,
    /// Whether the source is a database.
    pub is_database: bool,
}

impl fmt::Display for Location {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.source)?;
        match (self.is_database, self.table, self.line) {
            (_, _, 0) => Ok(()),
            (true, Some(table), line) => write!(formatter, ":{table}:{line}"),
            (_, _, line) => write!(formatter, ":{line}"),
        }
    }
}

/// A row and its place. A row that cannot be read is an error, and reading continues after it.
#[derive(Debug)]
pub struct Located {
    /// The place.
    pub location: Location,
    /// The row.
    pub row: Result<Row, RowError>,
}

/// A row of one of the tables.
#[derive(Clone, Debug)]
pub enum Row {
    /// A row of `core_user`.
    User(Box<UserRow>),
    /// A row of `permissions_group`.
    Group(GroupRow),
    /// A row of `permissions_group_membership`.
    Membership(MembershipRow),
    /// A row of `api_key`.
    ApiKey(Box<ApiKeyRow>),
}

/// A row of `core_user`. A column that the version of Metabase does not have is `None`, or the
/// default of Metabase.
#[derive(Clone, Debug)]
pub struct UserRow {
    /// The ID.
    pub id: u64,
    /// The email.
    pub email: String,
    /// The first name.
    pub first_name: Option<String>,
    /// The last name.
    pub last_name: Option<String>,
    /// The bcrypt hash of salt and password.
    pub password: Option<SecretString>,
    /// The salt before the password.
    pub password_salt: Option<SecretString>,
    /// The time of creation.
    pub date_joined: Option<OffsetDateTime>,
    /// The time of the last login.
    pub last_login: Option<OffsetDateTime>,
    /// The time of the last change.
    pub updated_at: Option<OffsetDateTime>,
    /// The time of the deactivation.
    pub deactivated_at: Option<OffsetDateTime>,
    /// Whether the user is an administrator.
    pub is_superuser: bool,
    /// Whether the user is active.
    pub is_active: bool,
    /// Whether the user has not seen the help of the query builder.
    pub is_qbnewb: bool,
    /// Whether the user has not seen the help of datasets.
    pub is_datasetnewb: bool,
    /// Whether the user is a data analyst, since v59.
    pub is_data_analyst: bool,
    /// The attributes set by an administrator. Numbers and booleans are texts.
    pub login_attributes: BTreeMap<String, String>,
    /// The attributes of the identity provider, since v57.
    pub jwt_attributes: BTreeMap<String, String>,
    /// The identity provider: `google`, `ldap`, `saml`, `jwt` and others. Old versions have a
    /// boolean for Google and one for LDAP.
    pub sso_source: Option<String>,
    /// The locale.
    pub locale: Option<String>,
    /// The kind of user.
    pub kind: UserKind,
    /// The ID of the tenant.
    pub tenant_id: Option<u64>,
}

/// The kind of a user, the column `type`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UserKind {
    /// A person.
    Personal,
    /// The user of Metabase itself.
    Internal,
    /// The user behind an API key.
    ApiKey,
    /// A kind of a later version.
    Other(String),
}

impl UserKind {
    /// The value in a database.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Personal => "personal",
            Self::Internal => "internal",
            Self::ApiKey => "api-key",
            Self::Other(name) => name,
        }
    }
}

/// A row of `permissions_group`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupRow {
    /// The ID.
    pub id: u64,
    /// The name.
    pub name: String,
    /// The role of a group of Metabase: `admin`, `all-internal-users` and others.
    pub magic_group_type: Option<String>,
    /// Whether the group is for tenants.
    pub is_tenant_group: bool,
}

/// A row of `permissions_group_membership`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MembershipRow {
    /// The ID. An export that leaves it to the database has none.
    pub id: Option<u64>,
    /// The ID of the user.
    pub user_id: u64,
    /// The ID of the group.
    pub group_id: u64,
    /// Whether the user manages the group.
    pub is_group_manager: bool,
}

/// A row of `api_key`.
#[derive(Clone, Debug)]
pub struct ApiKeyRow {
    /// The ID.
    pub id: u64,
    /// The ID of the user behind the key. A key for SCIM has none.
    pub user_id: Option<u64>,
    /// The bcrypt hash of the key.
    pub key: SecretString,
    /// The first seven characters of the key.
    pub key_prefix: String,
    /// The ID of the creator.
    pub creator_id: Option<u64>,
    /// The time of creation.
    pub created_at: Option<OffsetDateTime>,
    /// The time of the last change.
    pub updated_at: Option<OffsetDateTime>,
    /// The name.
    pub name: String,
    /// The ID of the user who changed the key last.
    pub updated_by_id: Option<u64>,
    /// `scim` for a key for SCIM.
    pub scope: Option<String>,
}
