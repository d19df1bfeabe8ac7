//! Imports from another instance, for programs with direct access to the table.
//!
//! An import keeps IDs. It writes several users in one transaction, together with all counters. So
//! it can end at any moment and go on later.

mod batch;
mod read;

use std::fmt::Display;

use super::{
    Conflict, Key, Store, StoreError, WriteError,
    audit::{Fields, NewAuditEvent},
    expression::Expression,
    instance::builtin_groups,
    items::{
        ApiKeyHashItem, ApiKeyItem, ApiKeyNameItem, GroupItem, GroupNameItem, ImportedApiKeyItem,
        InstanceItem, UserItem,
    },
    memberships::membership_writes,
    write::Write,
};
use crate::{
    auth::{api_key::ImportedKeyHash, metabase_hash::BcryptCost, password_hash::PasswordHash},
    authorization::Admin,
    domain::{
        Action, ApiKey, ApiKeyValidity, Group, GroupId, Instance, Timestamp, User, UserId,
        WriteContext,
    },
};

/// The maximum number of writes of groups in one transaction: two for each group.
const GROUPS_PER_TRANSACTION: usize = 50;

/// A user of another instance, with the password.
#[derive(Debug, Clone)]
pub struct ImportedUser {
    /// The user.
    pub user: User,
    /// The password hash.
    pub password: Option<PasswordHash>,
    /// The time at which the password was set, if it is known.
    pub password_set_at: Option<Timestamp>,
}

/// The secret of an API key of another instance.
#[derive(Debug, Clone)]
pub enum ImportedApiKeySecret {
    /// Metabase's hash, and the prefix by which the key is found.
    Metabase {
        /// The first characters of the key.
        prefix: String,
        /// The hash: Metabase's, or since the first use that of this service.
        hash: ImportedKeyHash,
    },
    /// The hash of this service, in the key itself.
    Own,
}

/// An API key of another instance with its service account.
#[derive(Debug, Clone)]
pub struct ImportedKey {
    /// The key.
    pub key: ApiKey,
    /// The service account.
    pub user: User,
    /// The conditions of the secret.
    pub validity: ApiKeyValidity,
    /// The secret.
    pub secret: ImportedApiKeySecret,
}

/// The facts about a whole import that its first write needs.
#[derive(Debug, Clone)]
pub struct ImportPreparation {
    /// The public attributes of the instance, if it is not yet set up.
    pub instance: Instance,
    /// The highest ID of a user or API key.
    pub last_user: Option<UserId>,
    /// The highest ID of a group.
    pub last_group: Option<GroupId>,
    /// The highest cost of bcrypt among the passwords.
    pub cost: Option<BcryptCost>,
}

impl Store {
    /// Starts an import: sets the instance up if necessary, and raises the counters of IDs.
    ///
    /// # Errors
    ///
    /// Returns an error if the table is unavailable.
    pub async fn prepare_import(
        &self,
        _: &Admin,
        prepared: &ImportPreparation,
        context: &WriteContext,
    ) -> Result<(), WriteError> {
        let instance = InstanceItem::new(prepared.instance.clone(), context.now());
        let mut writes = vec![Write::create(&Key::instance(), &instance, Conflict::AlreadySetUp)?];
        for group in builtin_groups(Conflict::AlreadySetUp) {
            writes.push(group?);
        }
        match self.commit_unaudited(writes).await {
            Ok(()) | Err(WriteError::Conflict(Conflict::AlreadySetUp)) => {}
            Err(error) => return Err(error),
        }
        if let Some(id) = prepared.last_user {
            self.raise(&Key::user_counter(), "last", id).await?;
        }
        let last_group = prepared.last_group.unwrap_or(GroupId::ADMINISTRATORS);
        self.raise(&Key::group_counter(), "last", last_group).await?;
        if let Some(cost) = prepared.cost {
            self.raise(&Key::imported_passwords(), "cost", cost.get()).await?;
        }
        self.record_import(vec!["started".into()], context).await
    }

    /// Records the end of an import in the audit log, with the numbers of what it created.
    ///
    /// # Errors
    ///
    /// Returns an error if the table is unavailable.
    pub async fn finish_import(
        &self,
        _: &Admin,
        created: &[(&str, u64)],
        context: &WriteContext,
    ) -> Result<(), WriteError> {
        let numbers = created.iter().map(|(name, number)| format!("{name}.{number}").into());
        self.record_import(std::iter::once("finished".into()).chain(numbers).collect(), context)
            .await
    }

    async fn record_import(
        &self,
        fields: Fields,
        context: &WriteContext,
    ) -> Result<(), WriteError> {
        let event = NewAuditEvent::new(Action::Import, None).with_fields(fields);
        self.commit(Vec::new(), context, event).await
    }

    /// Raises a number. A higher one stays.
    async fn raise(&self, key: &Key, name: &str, to: impl Display) -> Result<(), WriteError> {
        let to = to.to_string();
        let update = Expression::new(format!("SET #{name} = :to")).number("to", &to);
        let is_lower = Expression::new(format!("attribute_not_exists(#{name}) OR #{name} < :to"))
            .number("to", &to)
            .or_conflict(Conflict::AlreadyRecorded);
        match self.update(key, update, Some(is_lower)).await {
            Ok(_) | Err(WriteError::Conflict(Conflict::AlreadyRecorded)) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Creates groups with their IDs.
    ///
    /// # Errors
    ///
    /// Returns [`Conflict::GroupIdTaken`] or [`Conflict::GroupNameTaken`]. Then earlier groups may
    /// exist.
    pub async fn import_groups(&self, _: &Admin, groups: &[Group]) -> Result<(), WriteError> {
        for groups in groups.chunks(GROUPS_PER_TRANSACTION) {
            let mut writes = Vec::new();
            for Group { id, name, .. } in groups {
                let item = GroupItem::new(*id, name.as_str());
                let name_item = GroupNameItem { group_id: id.get() };
                writes.push(Write::create(&Key::group(*id), &item, Conflict::GroupIdTaken)?);
                let taken = Conflict::GroupNameTaken;
                writes.push(Write::create(&Key::group_name(name), &name_item, taken)?);
            }
            self.commit_unaudited(writes).await?;
        }
        Ok(())
    }

    /// Creates an API key with its service account.
    ///
    /// # Errors
    ///
    /// Returns [`Conflict::UserIdTaken`], [`Conflict::ApiKeyNameTaken`] or
    /// [`Conflict::UnknownGroup`].
    pub async fn import_api_key(
        &self,
        _: &Admin,
        imported: &ImportedKey,
    ) -> Result<(), WriteError> {
        let ImportedKey { key, user, validity, .. } = imported;
        let taken = Conflict::UserIdTaken;
        let name = ApiKeyNameItem { key_id: key.id.get() };
        let key_item = ApiKeyItem::from(&ApiKey { validity: Some(*validity), ..key.clone() });
        let mut writes = vec![
            Write::create(&Key::user(user.id), &UserItem::new(user, self.sharding), taken)?,
            Write::create(&Key::api_key(key.id), &key_item, taken)?,
            Write::create(&Key::api_key_name(&key.name), &name, Conflict::ApiKeyNameTaken)?,
            secret_write(imported)?,
        ];
        writes.extend(membership_writes(None, user)?);
        self.commit_unaudited(writes).await
    }
}

/// The item that authenticates an API key.
fn secret_write(imported: &ImportedKey) -> Result<Write, StoreError> {
    let ImportedKey { key, user, validity, secret } = imported;
    let taken = Conflict::UserIdTaken;
    let validity = ApiKeyHashItem::from(validity);
    match secret {
        ImportedApiKeySecret::Own => {
            Write::create(&Key::api_key_hash(user.id, &key.hash), &validity, taken)
        }
        ImportedApiKeySecret::Metabase { prefix, hash } => {
            let (bcrypt, key_hash) = match hash {
                ImportedKeyHash::Bcrypt(hash) => (Some(hash.expose().to_owned()), None),
                ImportedKeyHash::Known(hash) => (None, Some(hash.as_str().to_owned())),
            };
            let item = ImportedApiKeyItem { user_id: user.id.get(), validity, bcrypt, key_hash };
            Write::create(&Key::imported_api_key(prefix), &item, taken)
        }
    }
}
