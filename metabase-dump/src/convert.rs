//! Typed rows from records.

use std::collections::BTreeMap;

use secrecy::SecretString;
use time::OffsetDateTime;

use crate::{
    error::RowError,
    record::Record,
    row::{ApiKeyRow, GroupRow, MembershipRow, Row, UserKind, UserRow},
    table::{Column, Table},
    timestamp,
};

/// The user of Metabase itself. Versions before the column `type` identify it by this ID.
const INTERNAL_USER: u64 = 13_371_338;

/// Builds the row of a table.
pub(crate) fn row(table: Table, record: &mut Record) -> Result<Row, RowError> {
    if let Some(error) = record.error.take() {
        return Err(error);
    }
    match table {
        Table::User => record.user().map(Box::new).map(Row::User),
        Table::Group => record.group().map(Row::Group),
        Table::Membership => record.membership().map(Row::Membership),
        Table::ApiKey => record.api_key().map(Box::new).map(Row::ApiKey),
    }
}

impl Record {
    fn user(&self) -> Result<UserRow, RowError> {
        let id = self.required_id(Column::Id)?;
        Ok(UserRow {
            id,
            email: self.required(Column::Email)?.to_owned(),
            first_name: self.string(Column::FirstName)?,
            last_name: self.string(Column::LastName)?,
            password: self.secret(Column::Password)?,
            password_salt: self.secret(Column::PasswordSalt)?,
            date_joined: self.time(Column::DateJoined)?,
            last_login: self.time(Column::LastLogin)?,
            updated_at: self.time(Column::UpdatedAt)?,
            deactivated_at: self.time(Column::DeactivatedAt)?,
            is_superuser: self.boolean(Column::IsSuperuser, false)?,
            is_active: self.boolean(Column::IsActive, true)?,
            is_qbnewb: self.boolean(Column::IsQbnewb, true)?,
            is_datasetnewb: self.boolean(Column::IsDatasetnewb, true)?,
            is_data_analyst: self.boolean(Column::IsDataAnalyst, false)?,
            login_attributes: self.attributes(Column::LoginAttributes)?,
            jwt_attributes: self.attributes(Column::JwtAttributes)?,
            sso_source: self.sso_source()?,
            locale: self.string(Column::Locale)?,
            kind: self.kind(id)?,
            tenant_id: self.id(Column::TenantId)?,
        })
    }

    fn group(&self) -> Result<GroupRow, RowError> {
        Ok(GroupRow {
            id: self.required_id(Column::Id)?,
            name: self.required(Column::Name)?.to_owned(),
            magic_group_type: self.string(Column::MagicGroupType)?,
            is_tenant_group: self.boolean(Column::IsTenantGroup, false)?,
        })
    }

    fn membership(&self) -> Result<MembershipRow, RowError> {
        Ok(MembershipRow {
            id: self.id(Column::Id)?,
            user_id: self.required_id(Column::UserId)?,
            group_id: self.required_id(Column::GroupId)?,
            is_group_manager: self.boolean(Column::IsGroupManager, false)?,
        })
    }

    fn api_key(&self) -> Result<ApiKeyRow, RowError> {
        Ok(ApiKeyRow {
            id: self.required_id(Column::Id)?,
            user_id: self.id(Column::UserId)?,
            key: self.required(Column::Key)?.into(),
            key_prefix: self.required(Column::KeyPrefix)?.to_owned(),
            creator_id: self.id(Column::CreatorId)?,
            created_at: self.time(Column::CreatedAt)?,
            updated_at: self.time(Column::UpdatedAt)?,
            name: self.required(Column::Name)?.to_owned(),
            updated_by_id: self.id(Column::UpdatedById)?,
            scope: self.string(Column::Scope)?,
        })
    }

    fn text(&self, column: Column) -> Result<Option<&str>, RowError> {
        let text = self.bytes(column).map(str::from_utf8).transpose();
        text.map_err(|_| RowError::Encoding(column.name()))
    }

    fn required(&self, column: Column) -> Result<&str, RowError> {
        self.text(column)?.ok_or(RowError::Missing(column.name()))
    }

    fn string(&self, column: Column) -> Result<Option<String>, RowError> {
        Ok(self.text(column)?.map(str::to_owned))
    }

    fn secret(&self, column: Column) -> Result<Option<SecretString>, RowError> {
        Ok(self.text(column)?.map(SecretString::from))
    }

    /// The ID of the row, if it is valid.
    pub(crate) fn key(&self) -> Option<u64> {
        self.id(Column::Id).ok().flatten()
    }

    fn id(&self, column: Column) -> Result<Option<u64>, RowError> {
        let parse = |text: &str| {
            let id = text.parse().ok().filter(|id| i64::try_from(*id).is_ok());
            id.filter(|_| !text.starts_with('+')).ok_or(RowError::Id(column.name()))
        };
        self.text(column)?.map(parse).transpose()
    }

    fn required_id(&self, column: Column) -> Result<u64, RowError> {
        self.id(column)?.ok_or(RowError::Missing(column.name()))
    }

    fn time(&self, column: Column) -> Result<Option<OffsetDateTime>, RowError> {
        match self.text(column)? {
            None => Ok(None),
            // MySQL's text for no date.
            Some(text) if text.starts_with("0000-00-00") => Ok(None),
            Some(text) => timestamp::parse(text).map(Some).ok_or(RowError::Time(column.name())),
        }
    }

    fn boolean(&self, column: Column, default: bool) -> Result<bool, RowError> {
        match self.bytes(column) {
            None => Ok(default),
            Some(b"t" | b"true" | b"TRUE" | b"True" | b"1" | b"\x01" | b"0x01" | b"b'1'") => {
                Ok(true)
            }
            Some(b"f" | b"false" | b"FALSE" | b"False" | b"0" | b"\0" | b"0x00" | b"b'0'") => {
                Ok(false)
            }
            Some(b"") => Err(RowError::AmbiguousBits(column.name())),
            Some(_) => Err(RowError::Boolean(column.name())),
        }
    }

    fn attributes(&self, column: Column) -> Result<BTreeMap<String, String>, RowError> {
        let error = || RowError::Attributes(column.name());
        let text = self.text(column)?.map_or("", str::trim);
        if text.is_empty() || text == "null" {
            return Ok(BTreeMap::new());
        }
        let map: serde_json::Map<String, serde_json::Value> =
            serde_json::from_str(text).map_err(|_| error())?;
        let text = |(name, value)| match value {
            serde_json::Value::Null => None,
            serde_json::Value::String(text) => Some((name, text)),
            other => Some((name, other.to_string())),
        };
        Ok(map.into_iter().filter_map(text).collect())
    }

    fn sso_source(&self) -> Result<Option<String>, RowError> {
        let source = self.text(Column::SsoSource)?.filter(|source| !source.is_empty());
        if let Some(source) = source {
            return Ok(Some(source.to_owned()));
        }
        if self.boolean(Column::GoogleAuth, false)? {
            return Ok(Some("google".to_owned()));
        }
        Ok(self.boolean(Column::LdapAuth, false)?.then(|| "ldap".to_owned()))
    }

    fn kind(&self, id: u64) -> Result<UserKind, RowError> {
        Ok(match self.text(Column::Type)? {
            _ if id == INTERNAL_USER => UserKind::Internal,
            None | Some("" | "personal") => UserKind::Personal,
            Some("internal") => UserKind::Internal,
            Some("api-key") => UserKind::ApiKey,
            Some(other) => UserKind::Other(other.to_owned()),
        })
    }
}
