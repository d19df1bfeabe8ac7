//! The rows of Metabase's tables.

use secrecy::ExposeSecret;
use serde_json::json;
use shared::{
    auth::{
        api_key::ImportedKeyHash,
        password_hash::{MetabaseReset, PasswordHash, UNUSABLE_SALT, unusable_for_metabase},
    },
    domain::{Locale, LoginAttributes, PersonName, SsoSource, Timestamp, UserId},
    store::{ImportedApiKeySecret, ImportedKey, ImportedUser},
};

use super::value::Value;
use crate::Failure;

/// The time in which a reset token is valid: 48 hours in microseconds.
const RESET_LIFETIME: i64 = 48 * 3_600 * 1_000_000;

/// A row in the order of the columns.
pub(super) type Row = Vec<Value>;

/// A table with the columns that are written, in Metabase's order.
#[derive(Debug)]
pub(super) struct Table {
    pub(super) name: &'static str,
    pub(super) columns: &'static [&'static str],
}

pub(super) const USERS: Table = Table {
    name: "core_user",
    columns: &[
        "id",
        "email",
        "first_name",
        "last_name",
        "password",
        "password_salt",
        "date_joined",
        "last_login",
        "is_superuser",
        "is_active",
        "reset_token",
        "reset_triggered",
        "is_qbnewb",
        "login_attributes",
        "updated_at",
        "sso_source",
        "locale",
        "is_datasetnewb",
        "type",
    ],
};

pub(super) const GROUPS: Table = Table { name: "permissions_group", columns: &["id", "name"] };

pub(super) const MEMBERSHIPS: Table = Table {
    name: "permissions_group_membership",
    columns: &["user_id", "group_id", "is_group_manager"],
};

pub(super) const API_KEYS: Table = Table {
    name: "api_key",
    columns: &[
        "id",
        "user_id",
        "key",
        "key_prefix",
        "creator_id",
        "created_at",
        "updated_at",
        "name",
        "updated_by_id",
    ],
};

pub(super) const AUTH_IDENTITIES: Table = Table {
    name: "auth_identity",
    columns: &["user_id", "provider", "credentials", "provider_id", "created_at", "updated_at"],
};

/// Rows of all tables, in an order that meets foreign keys.
#[derive(Debug, Default)]
pub(super) struct Rows {
    groups: Vec<Row>,
    users: Vec<Row>,
    memberships: Vec<Row>,
    api_keys: Vec<Row>,
    auth_identities: Vec<Row>,
}

impl Rows {
    /// The rows by table.
    pub(super) fn tables(&self) -> impl Iterator<Item = (&'static Table, &[Row])> {
        let tables: [(&Table, &Vec<Row>); 5] = [
            (&GROUPS, &self.groups),
            (&USERS, &self.users),
            (&MEMBERSHIPS, &self.memberships),
            (&API_KEYS, &self.api_keys),
            (&AUTH_IDENTITIES, &self.auth_identities),
        ];
        tables.into_iter().map(|(table, rows)| (table, rows.as_slice()))
    }

    pub(super) fn group(&mut self, id: u64, name: &str) {
        self.groups.push(vec![Value::Number(id), Value::Text(name.to_owned())]);
    }

    pub(super) fn memberships(&mut self, user: UserId, groups: impl Iterator<Item = u64>) {
        let user = Value::Number(user.get());
        let row = |group| vec![user.clone(), Value::Number(group), Value::Flag(false)];
        self.memberships.extend(groups.map(row));
    }

    /// Adds a user. Without a hash of Metabase, no password works.
    pub(super) fn user(
        &mut self,
        ImportedUser { user, password, .. }: &ImportedUser,
        reset: Option<&MetabaseReset>,
        now: Timestamp,
    ) -> Result<(), Failure> {
        let kept = password.as_ref().and_then(PasswordHash::to_metabase);
        let (hash, salt) = match kept {
            Some(kept) => kept,
            None => (unusable_for_metabase().map_err(Failure::failed)?, UNUSABLE_SALT.into()),
        };
        let name =
            |name: &Option<PersonName>| Value::optional(name.as_ref().map(PersonName::as_str));
        let attributes = user.login_attributes.as_ref().map(LoginAttributes::as_map);
        let attributes = attributes.map(|attributes| json!(attributes).to_string());
        let triggered = u64::try_from(now.epoch_milliseconds()).unwrap_or_default();
        self.users.push(vec![
            Value::Number(user.id.get()),
            Value::Text(user.email.as_str().to_owned()),
            name(&user.first_name),
            name(&user.last_name),
            Value::Text(hash.expose_secret().to_owned()),
            Value::Text(salt.expose_secret().to_owned()),
            Value::Time(user.date_joined),
            Value::optional_time(user.last_login),
            Value::Flag(user.is_superuser()),
            Value::Flag(user.is_active),
            Value::optional(reset.map(|reset| reset.hash.expose_secret().to_owned())),
            reset.map_or(Value::Null, |_| Value::Number(triggered)),
            Value::Flag(user.is_qbnewb),
            Value::optional(attributes),
            Value::Time(user.updated_at),
            Value::optional(user.sso_source.as_ref().map(SsoSource::as_str)),
            Value::optional(user.locale.as_ref().map(Locale::as_str)),
            Value::Flag(user.is_datasetnewb),
            Value::Text("personal".to_owned()),
        ]);
        Ok(())
    }

    /// Adds the credentials of a user, from which Metabase reads them since version 58.
    pub(super) fn auth_identities(
        &mut self,
        ImportedUser { user, password, .. }: &ImportedUser,
        reset: Option<&MetabaseReset>,
        now: Timestamp,
    ) -> Result<(), Failure> {
        let mut add = |provider: &str, credentials: serde_json::Value, id: Value| {
            self.auth_identities.push(vec![
                Value::Number(user.id.get()),
                Value::Text(provider.to_owned()),
                Value::Text(credentials.to_string()),
                id,
                Value::Time(now),
                Value::Time(now),
            ]);
        };
        if let Some((hash, salt)) = password.as_ref().and_then(PasswordHash::to_metabase) {
            let (hash, salt) = (hash.expose_secret(), salt.expose_secret());
            let credentials = json!({ "password_hash": hash, "password_salt": salt });
            add("password", credentials, Value::Null);
        }
        if let Some(reset) = reset {
            let end = now.epoch_microseconds().saturating_add(RESET_LIFETIME);
            let end = Timestamp::from_epoch_microseconds(end);
            let end = end.ok_or_else(|| Failure::failed("the clock of this machine is wrong"))?;
            let hash = reset.hash.expose_secret();
            let credentials = json!({ "token_hash": hash, "expires_at": end, "consumed_at": null });
            let email = Value::Text(user.email.as_str().to_owned());
            add("emailed-secret-password-reset", credentials, email);
        }
        Ok(())
    }

    /// Adds an API key with its user. Returns whether Metabase can check the hash.
    pub(super) fn api_key(
        &mut self,
        number: u64,
        ImportedKey { key, user, validity, secret }: &ImportedKey,
    ) -> Result<bool, Failure> {
        let ImportedApiKeySecret::Metabase { prefix, hash: ImportedKeyHash::Bcrypt(hash) } = secret
        else {
            return Ok(false);
        };
        let service = ImportedUser { user: user.clone(), password: None, password_set_at: None };
        self.user(&service, None, key.updated_at)?;
        if let Some(kind) = self.users.last_mut().and_then(|row| row.last_mut()) {
            *kind = Value::Text("api-key".to_owned());
        }
        self.api_keys.push(vec![
            Value::Number(number),
            Value::Number(key.id.get()),
            Value::Text(hash.expose().to_owned()),
            Value::Text(prefix.clone()),
            Value::Number(validity.owner.get()),
            Value::Time(key.created_at),
            Value::Time(key.updated_at),
            Value::Text(key.name.as_str().to_owned()),
            Value::Number(validity.owner.get()),
        ]);
        Ok(true)
    }
}
