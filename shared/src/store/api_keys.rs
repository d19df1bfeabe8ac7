//! API keys and their service accounts.

use super::{
    Conflict, Key, LoadedItems, Store, StoreError, WriteError,
    audit::NewAuditEvent,
    backoff::Backoff,
    expression::{Condition, Expression},
    items::{self, ApiKeyHashItem, ApiKeyItem, ApiKeyNameItem, UserItem},
    keys,
    memberships::membership_writes,
    user_writes::profile_write,
    write::Write,
};
use crate::{
    auth::api_key::{ApiKeyRotation, NewApiKeySecret},
    authorization::Admin,
    domain::{
        Action, ApiKey, ApiKeyList, ApiKeyPatch, ApiKeyWithUser, AuditTarget, User, UserId,
        WriteContext,
    },
};

impl Store {
    /// Reads all API keys.
    ///
    /// # Errors
    ///
    /// Returns an error if the table is unavailable.
    pub async fn api_keys(&self, admin: &Admin) -> Result<ApiKeyList, StoreError> {
        let (keys, groups) = tokio::try_join!(self.stored_api_keys(), self.groups(admin))?;
        let owner = |key: &ApiKey| key.validity.map(|validity| validity.owner);
        let named =
            keys.iter().flat_map(|key| [key.id, key.updated_by].into_iter().chain(owner(key)));
        let named = distinct(named.collect());
        let (users, last_uses) = self.users_and_key_uses(&named, &keys).await?;
        Ok(ApiKeyList { keys, users, uses: last_uses, groups, cutoff: self.cutoff })
    }

    /// Reads the active service accounts of all API keys.
    ///
    /// # Errors
    ///
    /// Returns an error if the table is unavailable.
    pub async fn service_accounts(&self, _: &Admin) -> Result<Vec<User>, StoreError> {
        let ids: Vec<_> = self.stored_api_keys().await?.into_iter().map(|key| key.id).collect();
        let mut users = self.users_by_id(&ids).await?;
        users.retain(|user| user.is_active);
        Ok(users)
    }

    async fn stored_api_keys(&self) -> Result<Vec<ApiKey>, StoreError> {
        let items = self.partition(keys::API_KEYS, keys::API_KEY).await?;
        let key = |item| items::from_item::<ApiKeyItem>("API key", item)?.try_into();
        items.into_iter().map(key).collect()
    }

    /// Counts the API keys.
    ///
    /// # Errors
    ///
    /// Returns an error if the table is unavailable.
    pub async fn count_api_keys(&self, _: &Admin) -> Result<usize, StoreError> {
        Ok(self.partition(keys::API_KEYS, keys::API_KEY).await?.len())
    }

    /// Creates an API key and its service account.
    ///
    /// # Errors
    ///
    /// Returns [`Conflict::ApiKeyNameTaken`] or [`Conflict::UnknownGroup`].
    pub async fn create_api_key(
        &self,
        _: &Admin,
        ApiKeyWithUser { key, user }: &ApiKeyWithUser,
        secret: &NewApiKeySecret,
        context: &WriteContext,
    ) -> Result<(), WriteError> {
        let profile = UserItem::new(user, self.sharding);
        let (name, conflict) = (Key::api_key_name(&key.name), Conflict::UserIdTaken);
        let mut writes = vec![
            Write::create(&Key::user(user.id), &profile, conflict)?,
            Write::create(&Key::api_key(key.id), &ApiKeyItem::from(key), conflict)?,
            Write::create(&name, &name_item(key), Conflict::ApiKeyNameTaken)?,
            hash_creation(secret)?,
        ];
        writes.extend(membership_writes(None, user)?);
        let fields = vec!["name".into(), "group_id".into()];
        let event = audit_event(Action::CreateApiKey, key.id).with_fields(fields);
        self.commit(writes, context, event.with_promotion(None, user)).await
    }

    /// Changes the name or the group of an API key.
    ///
    /// # Errors
    ///
    /// Returns [`Conflict::ApiKeyNameTaken`], [`Conflict::UnknownGroup`], and
    /// [`Conflict::UnknownApiKey`] if the key has been deleted.
    pub async fn update_api_key(
        &self,
        _: &Admin,
        key: ApiKeyWithUser,
        patch: &ApiKeyPatch,
        context: &WriteContext,
    ) -> Result<ApiKeyWithUser, WriteError> {
        self.update_key_with_retry(key, |before| async move {
            let after = before.with_patch(patch);
            let mut writes = vec![
                profile_write(&before.user, &after.user, self.sharding)?,
                key_replacement(&before.key, &after.key)?,
            ];
            writes.extend(name_move(&before.key, &after.key)?);
            writes.extend(membership_writes(Some(&before.user), &after.user)?);
            let fields = after.changed_fields(&before);
            let event = audit_event(Action::UpdateApiKey, after.key.id).with_fields(fields);
            let event = event.with_promotion(Some(&before.user), &after.user);
            self.commit(writes, context, event).await?;
            Ok(after)
        })
        .await
    }

    /// Replaces the secret of an API key. The old secret becomes invalid.
    ///
    /// # Errors
    ///
    /// Returns [`Conflict::UnknownApiKey`] if the key has been deleted.
    pub async fn rotate_api_key(
        &self,
        _: &Admin,
        key: ApiKeyWithUser,
        rotation: &ApiKeyRotation<'_>,
        context: &WriteContext,
    ) -> Result<ApiKeyWithUser, WriteError> {
        self.update_key_with_retry(key, |before| async move {
            let ApiKeyRotation { secret, by, now } = *rotation;
            let key = ApiKey {
                hash: secret.token.hash(),
                masked: secret.token.masked(),
                validity: Some(secret.validity),
                ..before.key.clone().changed(by, now)
            };
            let writes = vec![
                key_replacement(&before.key, &key)?,
                hash_deletion(&before.key),
                hash_creation(secret)?,
            ];
            self.commit(writes, context, audit_event(Action::RegenerateApiKey, key.id)).await?;
            Ok(ApiKeyWithUser { key, user: before.user })
        })
        .await
    }

    /// Deletes an API key and deactivates its service account.
    ///
    /// # Errors
    ///
    /// Returns [`Conflict::UnknownApiKey`] if the key has been deleted.
    pub async fn delete_api_key(
        &self,
        _: &Admin,
        key: ApiKeyWithUser,
        context: &WriteContext,
    ) -> Result<(), WriteError> {
        self.update_key_with_retry(key, |ApiKeyWithUser { key, user }| async move {
            let version = user.version.wrapping_add(1);
            let retired = User { version, ..user.deactivated_api_key(context.now()) };
            let mut writes = vec![
                profile_write(&user, &retired, self.sharding)?,
                Write::delete(&Key::api_key(key.id)).only_if(key_unchanged(&key)),
                hash_deletion(&key),
                Write::delete(&Key::api_key_use(key.id)),
            ];
            writes.extend(name_deletions(&key));
            writes.extend(membership_writes(Some(&user), &retired)?);
            self.commit(writes, context, audit_event(Action::DeleteApiKey, key.id)).await
        })
        .await
    }

    /// Runs `work`. A key that has changed since the read is read again.
    async fn update_key_with_retry<T, F: Future<Output = Result<T, WriteError>>>(
        &self,
        mut key: ApiKeyWithUser,
        work: impl Fn(ApiKeyWithUser) -> F,
    ) -> Result<T, WriteError> {
        let mut backoff = Backoff::default();
        loop {
            let id = key.key.id;
            match work(key).await {
                Err(WriteError::Conflict(Conflict::StaleApiKey | Conflict::StaleUser))
                    if backoff.pause().await => {}
                outcome => return outcome,
            }
            let keys = vec![Key::api_key(id), Key::user(id)];
            key = self.read(keys).await?.take_api_key(id)?.ok_or(Conflict::UnknownApiKey)?;
        }
    }
}

impl LoadedItems {
    /// Takes an API key with its service account.
    pub(crate) fn take_api_key(
        &mut self,
        id: UserId,
    ) -> Result<Option<ApiKeyWithUser>, StoreError> {
        let key = self.take::<ApiKeyItem>("API key", &Key::api_key(id))?;
        let user = self.take_user(id)?;
        let both = key.zip(user);
        both.map(|(key, user)| Ok(ApiKeyWithUser { key: key.try_into()?, user })).transpose()
    }
}

fn audit_event(action: Action, id: UserId) -> NewAuditEvent {
    NewAuditEvent::new(action, Some(AuditTarget::ApiKey(id)))
}

fn distinct(mut ids: Vec<UserId>) -> Vec<UserId> {
    ids.sort_unstable();
    ids.dedup();
    ids
}

const fn name_item(key: &ApiKey) -> ApiKeyNameItem {
    ApiKeyNameItem { key_id: key.id.get() }
}

/// Is true if the key is the one that was read.
fn key_unchanged(key: &ApiKey) -> Condition {
    Expression::new("#key_hash = :old_hash AND #name = :old_name")
        .string("old_hash", key.hash.as_str())
        .string("old_name", key.name.as_str())
        .or_conflict(Conflict::StaleApiKey)
}

fn key_replacement(before: &ApiKey, after: &ApiKey) -> Result<Write, StoreError> {
    let write = Write::put(&Key::api_key(after.id), &ApiKeyItem::from(after))?;
    Ok(write.only_if(key_unchanged(before)))
}

/// Moves the uniqueness item of the name, if the normalized name changes.
fn name_move(before: &ApiKey, after: &ApiKey) -> Result<Vec<Write>, StoreError> {
    if before.name.normalized() == after.name.normalized() {
        return Ok(Vec::new());
    }
    let name = Key::api_key_name(&after.name);
    let mut writes = vec![Write::create(&name, &name_item(after), Conflict::ApiKeyNameTaken)?];
    writes.extend(name_deletions(before));
    Ok(writes)
}

/// Deletes the uniqueness item of a key's name. The key of a name from an earlier version may
/// differ, so the item is at one of two keys.
fn name_deletions(api_key: &ApiKey) -> Vec<Write> {
    let key = Key::api_key_name(&api_key.name);
    let deletion = |key: &Key, condition: &'static str| {
        let condition = Expression::new(condition).number("key", api_key.id);
        Write::delete(key).only_if(condition.or_conflict(Conflict::StaleApiKey))
    };
    match Key::earlier_api_key_name(&api_key.name) {
        None => vec![deletion(&key, "#key_id = :key")],
        Some(earlier) => [key, earlier]
            .map(|key| deletion(&key, "attribute_not_exists(pk) OR #key_id = :key"))
            .into(),
    }
}

fn hash_creation(
    NewApiKeySecret { token, validity }: &NewApiKeySecret,
) -> Result<Write, StoreError> {
    let item = ApiKeyHashItem::from(validity);
    let key = Key::api_key_hash(token.user(), &token.hash());
    Write::create(&key, &item, Conflict::UserIdTaken)
}

/// Deletes the hash item. The condition of the key's own write holds both together.
fn hash_deletion(key: &ApiKey) -> Write {
    Write::delete(&Key::api_key_hash(key.id, &key.hash))
}
