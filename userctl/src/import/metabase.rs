//! Rows of Metabase in the terms of this service.

use metabase_dump::{
    ApiKeyRow, GroupRow, Located, Row as MetabaseRow, Rows, Source, Table, UserKind, UserRow,
};
use secrecy::{ExposeSecret, SecretString};
use shared::{
    auth::{
        api_key::ImportedKeyHash,
        metabase_hash::BcryptHash,
        password_hash::{PasswordHash, UNUSABLE_SALT},
    },
    domain::{
        ApiKeyName, Email, GroupId, GroupName, Locale, LoginAttributes, NewUser, PersonName,
        SsoSource, Timestamp, User, UserId,
    },
};
use time::OffsetDateTime;

use super::{
    Kind,
    backup_rows::checked_prefix,
    incoming::{
        Incoming, IncomingGroup, IncomingKey, IncomingRows, IncomingSecret, IncomingUser,
        PeopleSource, Refused, Row,
    },
};
use crate::{Failure, store::now};

/// The ID of the user of Metabase itself, before the column `type`.
const INTERNAL_USER: u64 = UserId::INTERNAL.get();

/// The maximum size of the login attributes of a user in bytes, as of a request.
const MAX_ATTRIBUTES: usize = 60_000;

/// Dumps or databases of Metabase.
pub(super) struct MetabaseSource(pub(super) Source);

struct MetabaseRows(Rows);

impl PeopleSource for MetabaseSource {
    fn rows(&self) -> Result<Box<dyn IncomingRows + '_>, Failure> {
        Ok(Box::new(MetabaseRows(self.0.rows().map_err(Failure::usage)?)))
    }

    fn size(&self) -> Option<u64> {
        self.0.size_hint()
    }
}

impl IncomingRows for MetabaseRows {
    fn next(&mut self) -> Result<Option<Row>, Failure> {
        let located = self.0.next().transpose().map_err(Failure::usage)?;
        Ok(located.map(row))
    }

    fn position(&self) -> u64 {
        self.0.bytes_read()
    }
}

fn row(Located { location, row }: Located) -> Row {
    let place = location.to_string();
    let (kind, id, incoming) = match row {
        Err(error) => {
            let kind = location.table.map_or(Kind::User, kind_of);
            (kind, None, Err(error.to_string()))
        }
        Ok(MetabaseRow::User(row)) => (Kind::User, Some(row.id), user(*row)),
        Ok(MetabaseRow::Group(row)) => (Kind::Group, Some(row.id), group(&row)),
        Ok(MetabaseRow::Membership(row)) => {
            let (user, group) = (row.user_id, row.group_id);
            let is_manager = row.is_group_manager;
            (Kind::Membership, row.id, Ok(Incoming::Membership { user, group, is_manager }))
        }
        Ok(MetabaseRow::ApiKey(row)) => (Kind::ApiKey, Some(row.id), api_key(&row)),
    };
    let incoming =
        incoming.unwrap_or_else(|reason| Incoming::Refused(Refused { kind, id, reason }));
    Row { place, incoming }
}

const fn kind_of(table: Table) -> Kind {
    match table {
        Table::User => Kind::User,
        Table::Group => Kind::Group,
        Table::Membership => Kind::Membership,
        Table::ApiKey => Kind::ApiKey,
    }
}

fn user(row: UserRow) -> Result<Incoming, String> {
    match row.kind {
        UserKind::ApiKey => return Ok(Incoming::ServiceUser),
        UserKind::Internal => return Ok(Incoming::Skipped("the user of Metabase itself")),
        UserKind::Personal if row.id == INTERNAL_USER => {
            return Ok(Incoming::Skipped("the user of Metabase itself"));
        }
        UserKind::Other(kind) => return Err(format!("users of the type {kind} do not exist here")),
        UserKind::Personal => {}
    }
    if row.tenant_id.is_some() {
        return Err("the user belongs to a tenant, and tenants do not exist here".to_owned());
    }
    let id = UserId::try_from(row.id).map_err(|error| format!("the ID is {error}"))?;
    let mut notes = Vec::new();
    let now = now();
    let new = NewUser {
        first_name: name("first name", row.first_name.as_deref())?,
        last_name: name("last name", row.last_name.as_deref())?,
        locale: locale(row.locale.as_deref(), &mut notes),
        login_attributes: attributes(&row, &mut notes)?,
        sso_source: sso_source(row.sso_source.as_deref())?,
        ..NewUser::with_email(email(&row.email)?)
    };
    let new = NewUser { groups: new.groups.with_admin(row.is_superuser), ..new };
    let joined = row.date_joined.map(Timestamp::new);
    let last_login = row.last_login.map(Timestamp::new);
    let changed = row.updated_at.or(row.deactivated_at).map(Timestamp::new);
    let user = User {
        is_active: row.is_active,
        is_qbnewb: row.is_qbnewb,
        is_datasetnewb: row.is_datasetnewb,
        date_joined: joined.unwrap_or(now),
        updated_at: changed.or(joined).unwrap_or(now),
        first_login: last_login,
        last_login,
        ..User::new(id, new, now)
    };
    let password = password(row.password.as_ref(), row.password_salt.as_ref(), &mut notes);
    Ok(Incoming::User(Box::new(IncomingUser { user, password, password_set_at: None, notes })))
}

fn email(text: &str) -> Result<Email, String> {
    let email = Email::parse(text).ok_or("the email address is invalid here")?;
    if email.is_reserved() {
        return Err("the domain of the email address is reserved here".to_owned());
    }
    Ok(email)
}

/// A name; an empty one is none.
fn name(field: &str, text: Option<&str>) -> Result<Option<PersonName>, String> {
    let text = text.filter(|text| !text.trim().is_empty());
    let parse = |text| {
        PersonName::parse(text).ok_or_else(|| {
            format!(
                "the {field} has more than {} characters, or invisible ones",
                PersonName::MAX_CHARS
            )
        })
    };
    text.map(parse).transpose()
}

fn locale(text: Option<&str>, notes: &mut Vec<String>) -> Option<Locale> {
    let text = text.filter(|text| !text.is_empty())?;
    let locale = Locale::parse(text);
    if locale.is_none() {
        notes.push(format!("the locale {text} does not exist here and is not kept"));
    }
    locale
}

fn sso_source(text: Option<&str>) -> Result<Option<SsoSource>, String> {
    let text = text.filter(|text| !text.trim().is_empty());
    let parse = |text| SsoSource::parse(text).ok_or_else(|| "the SSO source is invalid".to_owned());
    text.map(parse).transpose()
}

fn attributes(row: &UserRow, notes: &mut Vec<String>) -> Result<Option<LoginAttributes>, String> {
    if !row.jwt_attributes.is_empty() {
        notes.push("the attributes of the identity provider are not kept".to_owned());
    }
    if row.login_attributes.is_empty() {
        return Ok(None);
    }
    let size = |(name, value): (&String, &String)| name.len().saturating_add(value.len());
    if row.login_attributes.iter().map(size).sum::<usize>() > MAX_ATTRIBUTES {
        return Err(format!("the login attributes have more than {MAX_ATTRIBUTES} bytes"));
    }
    Ok(Some(LoginAttributes::parse(row.login_attributes.clone())?))
}

fn password(
    hash: Option<&SecretString>,
    salt: Option<&SecretString>,
    notes: &mut Vec<String>,
) -> Option<PasswordHash> {
    let hash = hash.map(ExposeSecret::expose_secret).filter(|hash| !hash.is_empty())?;
    let salt = salt.map_or("", |salt| salt.expose_secret());
    if salt == UNUSABLE_SALT {
        return None;
    }
    match PasswordHash::from_metabase(hash, salt) {
        Ok(password) => Some(password),
        Err(error) => {
            notes.push(format!("the password is not kept, because of its hash: {error}"));
            None
        }
    }
}

fn group(row: &GroupRow) -> Result<Incoming, String> {
    if row.is_tenant_group || row.magic_group_type.as_deref() == Some("all-external-users") {
        return Ok(Incoming::Skipped("a group of tenants"));
    }
    let builtin = match row.magic_group_type.as_deref() {
        Some("all-internal-users") => Some(GroupId::ALL_USERS),
        Some("admin") => Some(GroupId::ADMINISTRATORS),
        // Versions without the column.
        None => builtin_by_name(row),
        Some(_) => None,
    };
    if let Some(here) = builtin {
        return Ok(Incoming::Group(IncomingGroup::Builtin { id: row.id, here }));
    }
    let id = GroupId::try_from(row.id).map_err(|error| format!("the ID is {error}"))?;
    let name = GroupName::parse(&row.name).filter(|name| !name.is_builtin());
    let name = name.ok_or("the name is reserved, too long, or has invisible characters")?;
    Ok(Incoming::Group(IncomingGroup::Custom { id, name }))
}

fn builtin_by_name(row: &GroupRow) -> Option<GroupId> {
    let name = GroupName::parse(&row.name).filter(GroupName::is_builtin)?;
    let id = GroupId::try_from(row.id).ok();
    let by_id = id.filter(|id| id.builtin().is_some());
    let is_all_users = name.as_str().to_lowercase().starts_with("all");
    let by_name = if is_all_users { GroupId::ALL_USERS } else { GroupId::ADMINISTRATORS };
    Some(by_id.unwrap_or(by_name))
}

fn api_key(row: &ApiKeyRow) -> Result<Incoming, String> {
    if row.scope.is_some() {
        return Ok(Incoming::Skipped("an API key with a scope, which does not exist here"));
    }
    let user = row.user_id.ok_or("the API key has no user")?;
    let name = ApiKeyName::parse(&row.name).ok_or("the name is too long, or not visible")?;
    let hash = BcryptHash::parse(row.key.expose_secret());
    let hash = hash.map_err(|error| format!("the hash of the key cannot be used: {error}"))?;
    let (prefix, hash) = (checked_prefix(row.key_prefix.clone())?, ImportedKeyHash::Bcrypt(hash));
    let time = |time: Option<OffsetDateTime>| time.map(Timestamp::new);
    Ok(Incoming::ApiKey(Box::new(IncomingKey {
        user,
        name,
        secret: IncomingSecret::Metabase { prefix, hash },
        creator: row.creator_id,
        created_at: time(row.created_at),
        updated_at: time(row.updated_at),
        own: None,
    })))
}
