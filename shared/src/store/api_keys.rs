//! API keys, their names, and the hidden accounts that they sign in.

mod account;

use super::{
    Conflict, Key, LoadedItems, Store, StoreError, WriteError,
    audit_write::NewAuditEvent,
    backoff::Backoff,
    expression::{Condition, Expression},
    items::{self, ApiKeyHashItem, ApiKeyItem, ApiKeyNameItem, UserItem},
    keys,
    transaction::Transaction,
};
use crate::{
    auth::api_key::ApiKeyToken,
    authorization::Admin,
    domain::{Action, ApiKey, AuditTarget, Timestamp, User, UserId},
};

pub use account::{ApiKeyList, ApiKeyPatch, ApiKeyRotation, ApiKeyWithUser};

impl Store {
    /// All keys, with the accounts and groups that a list names.
    ///
    /// # Errors
    ///
    /// When the table does not answer.
    pub async fn api_keys(&self, admin: &Admin) -> Result<ApiKeyList, StoreError> {
        let (items, groups) =
            tokio::try_join!(self.partition(keys::API_KEYS, keys::API_KEY), self.groups(admin))?;
        let keys = items
            .into_iter()
            .map(|item| items::from_item::<ApiKeyItem>("API key", item).and_then(ApiKey::try_from));
        let keys: Vec<ApiKey> = keys.collect::<Result<_, _>>()?;
        let named = keys.iter().flat_map(|key| [key.id, key.updated_by]).collect();
        let users = self.users_by_id(&distinct(named)).await?;
        Ok(ApiKeyList { keys, users, groups })
    }

    /// How many keys there are.
    ///
    /// # Errors
    ///
    /// When the table does not answer.
    pub async fn count_api_keys(&self, _: &Admin) -> Result<usize, StoreError> {
        Ok(self.partition(keys::API_KEYS, keys::API_KEY).await?.len())
    }

    /// Makes a key under a number from [`Store::next_user_id`].
    ///
    /// # Errors
    ///
    /// [`Conflict::KeyNameTaken`], [`Conflict::UnknownGroup`].
    pub async fn create_api_key(
        &self,
        admin: &Admin,
        made: &ApiKeyWithUser,
        token: &ApiKeyToken,
    ) -> Result<(), WriteError> {
        let ApiKeyWithUser { key, user } = made;
        let fields = vec!["name".into(), "group_id".into()];
        self.transaction()
            .create(
                &Key::user(user.id),
                &UserItem::new(user, self.sharding),
                Conflict::UserIdTaken,
            )?
            .create(&Key::api_key(key.id), &ApiKeyItem::from(key), Conflict::UserIdTaken)?
            .create(&Key::api_key_name(&key.name), &name_item(key), Conflict::ApiKeyNameTaken)?
            .put_key_hash(token)?
            .memberships(None, user)?
            .commit(audit_event(admin, Action::CreateApiKey, key.id).with_fields(fields))
            .await
    }

    /// Gives a key another name or another group.
    ///
    /// # Errors
    ///
    /// [`Conflict::KeyNameTaken`], [`Conflict::UnknownGroup`]; [`Conflict::UnknownKey`] when somebody
    /// else has deleted it meanwhile.
    pub async fn update_api_key(
        &self,
        admin: &Admin,
        key: ApiKeyWithUser,
        change: &ApiKeyPatch,
    ) -> Result<ApiKeyWithUser, WriteError> {
        self.update_key_with_retry(key, |before| async move {
            let after = before.with_patch(change);
            let (was, is) = (&before.key, &after.key);
            self.transaction()
                .put_profile(&before.user, &after.user)?
                .put_api_key(was, is)?
                .move_name(was, is)?
                .memberships(Some(&before.user), &after.user)?
                .commit(
                    audit_event(admin, Action::UpdateApiKey, is.id)
                        .with_fields(after.fields(&before)),
                )
                .await?;
            Ok(after)
        })
        .await
    }

    /// Puts another secret in the place of a key's, which counts no more.
    ///
    /// # Errors
    ///
    /// [`Conflict::UnknownKey`] when somebody else has deleted it meanwhile.
    pub async fn rotate_api_key(
        &self,
        admin: &Admin,
        key: ApiKeyWithUser,
        new: &ApiKeyRotation<'_>,
    ) -> Result<ApiKeyWithUser, WriteError> {
        self.update_key_with_retry(key, |before| async move {
            let ApiKeyRotation { token, by, now } = *new;
            let changed = before.key.clone().changed(by, now);
            let key = ApiKey { hash: token.hash(), masked: token.masked(), ..changed };
            self.transaction()
                .put_api_key(&before.key, &key)?
                .delete_key_hash(&before.key)?
                .put_key_hash(token)?
                .commit(audit_event(admin, Action::RegenerateApiKey, key.id))
                .await?;
            Ok(ApiKeyWithUser { key, user: before.user })
        })
        .await
    }

    /// Deletes a key; its account is used no more.
    ///
    /// # Errors
    ///
    /// [`Conflict::UnknownKey`] when somebody else has deleted it meanwhile.
    pub async fn delete_api_key(
        &self,
        admin: &Admin,
        key: ApiKeyWithUser,
        now: Timestamp,
    ) -> Result<(), WriteError> {
        self.update_key_with_retry(key, |ApiKeyWithUser { key, user }| async move {
            let retired =
                User { version: user.version.wrapping_add(1), ..user.deactivated_api_key(now) };
            self.transaction()
                .put_profile(&user, &retired)?
                .delete(&Key::api_key(key.id), key_unchanged(&key))?
                .delete(&Key::api_key_name(&key.name), is_owned_by(&key))?
                .delete_key_hash(&key)?
                .memberships(Some(&user), &retired)?
                .commit(audit_event(admin, Action::DeleteApiKey, key.id))
                .await
        })
        .await
    }

    /// Does something with a key; with one that has changed since it was read, once more.
    async fn update_key_with_retry<T, F: Future<Output = Result<T, WriteError>>>(
        &self,
        mut key: ApiKeyWithUser,
        work: impl Fn(ApiKeyWithUser) -> F,
    ) -> Result<T, WriteError> {
        let mut patience = Backoff::default();
        loop {
            let id = key.key.id;
            match work(key).await {
                Err(WriteError::Conflict(Conflict::StaleApiKey | Conflict::StaleUser))
                    if patience.pause().await => {}
                outcome => return outcome,
            }
            let keys = vec![Key::api_key(id), Key::user(id)];
            key = self.read(keys).await?.take_api_key(id)?.ok_or(Conflict::UnknownApiKey)?;
        }
    }
}

impl LoadedItems {
    /// A key and its account.
    pub(crate) fn take_api_key(
        &mut self,
        id: UserId,
    ) -> Result<Option<ApiKeyWithUser>, StoreError> {
        let key = self.take::<ApiKeyItem>("API key", &Key::api_key(id))?;
        let user = self.take_user(id)?;
        key.zip(user)
            .map(|(key, user)| Ok(ApiKeyWithUser { key: key.try_into()?, user }))
            .transpose()
    }

    /// The account that a key signs in, while the key is stored.
    pub(crate) fn user_of_api_key(&self, token: &ApiKeyToken) -> Result<Option<User>, StoreError> {
        let proof = Key::api_key_hash(token.user(), &token.hash());
        if !self.has(&proof) {
            return Ok(None);
        }
        Ok(self.user(token.user())?.filter(|user| user.is_active))
    }
}

fn audit_event(admin: &Admin, action: Action, id: UserId) -> NewAuditEvent<'_> {
    NewAuditEvent::new(admin.origin(), action, Some(AuditTarget::ApiKey(id)))
}

fn distinct(mut ids: Vec<UserId>) -> Vec<UserId> {
    ids.sort_unstable();
    ids.dedup();
    ids
}

const fn name_item(key: &ApiKey) -> ApiKeyNameItem {
    ApiKeyNameItem { key_id: key.id.get() }
}

/// Holds while the key has the secret and the name that were read.
fn key_unchanged(key: &ApiKey) -> Condition {
    Expression::new("#key_hash = :old_hash AND #name = :old_name")
        .string("old_hash", key.hash.as_str())
        .string("old_name", key.name.as_str())
        .or_conflict(Conflict::StaleApiKey)
}

fn is_owned_by(key: &ApiKey) -> Condition {
    Expression::new("#key_id = :key").number("key", key.id).or_conflict(Conflict::StaleApiKey)
}

impl Transaction<'_> {
    /// What is known of a key.
    fn put_api_key(self, was: &ApiKey, is: &ApiKey) -> Result<Self, StoreError> {
        self.put(&Key::api_key(is.id), &ApiKeyItem::from(is), Some(key_unchanged(was)))
    }

    fn move_name(self, was: &ApiKey, is: &ApiKey) -> Result<Self, StoreError> {
        if was.name.normalized() == is.name.normalized() {
            return Ok(self);
        }
        self.create(&Key::api_key_name(&is.name), &name_item(is), Conflict::ApiKeyNameTaken)?
            .delete(&Key::api_key_name(&was.name), is_owned_by(was))
    }

    fn put_key_hash(self, token: &ApiKeyToken) -> Result<Self, StoreError> {
        let proof = ApiKeyHashItem { owner: token.responsible_user().get() };
        let key = Key::api_key_hash(token.user(), &token.hash());
        self.create(&key, &proof, Conflict::UserIdTaken)
    }

    fn delete_key_hash(self, key: &ApiKey) -> Result<Self, StoreError> {
        let exists = Expression::new("attribute_exists(pk)").or_conflict(Conflict::StaleApiKey);
        self.delete(&Key::api_key_hash(key.id, &key.hash), exists)
    }
}
