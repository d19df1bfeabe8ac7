//! The tables with people, and their columns.

use std::{fmt, str::FromStr};

/// A table of Metabase.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Table {
    /// `core_user`.
    User,
    /// `permissions_group`.
    Group,
    /// `permissions_group_membership`.
    Membership,
    /// `api_key`.
    ApiKey,
}

impl Table {
    /// All tables, users first.
    pub const ALL: [Self; 4] = [Self::User, Self::Group, Self::Membership, Self::ApiKey];

    /// The name in a database.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::User => "core_user",
            Self::Group => "permissions_group",
            Self::Membership => "permissions_group_membership",
            Self::ApiKey => "api_key",
        }
    }

    /// Finds the table with a name, in any case.
    pub(crate) fn find(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|table| table.name().eq_ignore_ascii_case(name))
    }

    /// The columns that are read.
    pub(crate) fn columns(self) -> &'static [Column] {
        match self {
            Self::User => USER,
            Self::Group => GROUP,
            Self::Membership => MEMBERSHIP,
            Self::ApiKey => API_KEY,
        }
    }

    /// The columns without which a row is of no use.
    pub(crate) fn required(self) -> &'static [Column] {
        use Column::{Email, GroupId, Id, Key, KeyPrefix, Name, UserId};
        match self {
            Self::User => &[Id, Email],
            Self::Group => &[Id, Name],
            Self::Membership => &[UserId, GroupId],
            Self::ApiKey => &[Id, UserId, Key, KeyPrefix, Name],
        }
    }
}

impl fmt::Display for Table {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

/// The error for a name that is no table with people.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the table must be core_user, permissions_group, permissions_group_membership or api_key")]
pub struct UnknownTable;

impl FromStr for Table {
    type Err = UnknownTable;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Self::find(name).ok_or(UnknownTable)
    }
}

macro_rules! columns {
    ($($column:ident = $name:literal),* $(,)?) => {
        /// A column that is read.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum Column { $($column),* }

        impl Column {
            /// The number of columns.
            pub(crate) const COUNT: usize = [$($name),*].len();

            /// The name in a database.
            pub(crate) fn name(self) -> &'static str {
                match self { $(Self::$column => $name),* }
            }
        }
    };
}

columns! {
    Id = "id",
    Email = "email",
    FirstName = "first_name",
    LastName = "last_name",
    Password = "password",
    PasswordSalt = "password_salt",
    DateJoined = "date_joined",
    LastLogin = "last_login",
    UpdatedAt = "updated_at",
    DeactivatedAt = "deactivated_at",
    IsSuperuser = "is_superuser",
    IsActive = "is_active",
    IsQbnewb = "is_qbnewb",
    IsDatasetnewb = "is_datasetnewb",
    IsDataAnalyst = "is_data_analyst",
    LoginAttributes = "login_attributes",
    JwtAttributes = "jwt_attributes",
    SsoSource = "sso_source",
    GoogleAuth = "google_auth",
    LdapAuth = "ldap_auth",
    Locale = "locale",
    Type = "type",
    TenantId = "tenant_id",
    Name = "name",
    MagicGroupType = "magic_group_type",
    IsTenantGroup = "is_tenant_group",
    UserId = "user_id",
    GroupId = "group_id",
    IsGroupManager = "is_group_manager",
    Key = "key",
    KeyPrefix = "key_prefix",
    CreatorId = "creator_id",
    CreatedAt = "created_at",
    UpdatedById = "updated_by_id",
    Scope = "scope",
}

const USER: &[Column] = &[
    Column::Id,
    Column::Email,
    Column::FirstName,
    Column::LastName,
    Column::Password,
    Column::PasswordSalt,
    Column::DateJoined,
    Column::LastLogin,
    Column::UpdatedAt,
    Column::DeactivatedAt,
    Column::IsSuperuser,
    Column::IsActive,
    Column::IsQbnewb,
    Column::IsDatasetnewb,
    Column::IsDataAnalyst,
    Column::LoginAttributes,
    Column::JwtAttributes,
    Column::SsoSource,
    Column::GoogleAuth,
    Column::LdapAuth,
    Column::Locale,
    Column::Type,
    Column::TenantId,
];

const GROUP: &[Column] = &[Column::Id, Column::Name, Column::MagicGroupType, Column::IsTenantGroup];

const MEMBERSHIP: &[Column] =
    &[Column::Id, Column::UserId, Column::GroupId, Column::IsGroupManager];

const API_KEY: &[Column] = &[
    Column::Id,
    Column::UserId,
    Column::Key,
    Column::KeyPrefix,
    Column::CreatorId,
    Column::CreatedAt,
    Column::UpdatedAt,
    Column::Name,
    Column::UpdatedById,
    Column::Scope,
];
