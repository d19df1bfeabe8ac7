//! API keys, their names, and the hidden accounts that they sign in.

mod account;

use super::{
    Conflict, Found, Key, Store, StoreError, WriteError,
    audit::Deed,
    expression::{Condition, Expression},
    items::{self, ApiKeyItem, ApiKeyProofItem, KeyNameItem, UserItem},
    keys,
    retry::Patience,
    transaction::Transaction,
};
use crate::{
    auth::api_key::ApiKeyToken,
    domain::{Action, ApiKey, Subject, Timestamp, User, UserId},
    permissions::Admin,
};

pub use account::{ApiKeys, KeyAccount, KeyChange, KeySecret};

impl Store {
    /// All keys, with the accounts and groups that a list names.
    ///
    /// # Errors
    ///
    /// When the table does not answer.
    pub async fn api_keys(&self, admin: &Admin) -> Result<ApiKeys, StoreError> {
        let (items, groups) =
            tokio::try_join!(self.partition(keys::API_KEYS, keys::API_KEY), self.groups(admin))?;
        let keys = items
            .into_iter()
            .map(|item| items::from_item::<ApiKeyItem>("API key", item).and_then(ApiKey::try_from));
        let keys: Vec<ApiKey> = keys.collect::<Result<_, _>>()?;
        let named = keys.iter().flat_map(|key| [key.id, key.updated_by]).collect();
        let users = self.users_by_id(&distinct(named)).await?;
        Ok(ApiKeys { keys, users, groups })
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
        made: &KeyAccount,
        token: &ApiKeyToken,
    ) -> Result<(), WriteError> {
        let KeyAccount { key, user } = made;
        let fields = vec!["name".into(), "group_id".into()];
        self.transaction()
            .create(&Key::user(user.id), &UserItem::new(user, self.layout), Conflict::UserId)?
            .create(&Key::api_key(key.id), &ApiKeyItem::from(key), Conflict::UserId)?
            .create(&Key::key_name(&key.name), &claim(key), Conflict::KeyNameTaken)?
            .prove(token)?
            .memberships(None, user)?
            .commit(deed(admin, Action::CreateApiKey, key.id).changing(fields))
            .await
    }

    /// Gives a key another name or another group.
    ///
    /// # Errors
    ///
    /// [`Conflict::KeyNameTaken`], [`Conflict::UnknownGroup`]; [`Conflict::UnknownKey`] when somebody
    /// else has deleted it meanwhile.
    pub async fn change_api_key(
        &self,
        admin: &Admin,
        key: KeyAccount,
        change: &KeyChange,
    ) -> Result<KeyAccount, WriteError> {
        self.with_key(key, |before| async move {
            let after = before.changed(change);
            let (was, is) = (&before.key, &after.key);
            self.transaction()
                .profile(&before.user, &after.user)?
                .describe(was, is)?
                .rename(was, is)?
                .memberships(Some(&before.user), &after.user)?
                .commit(deed(admin, Action::UpdateApiKey, is.id).changing(after.fields(&before)))
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
    pub async fn replace_api_key(
        &self,
        admin: &Admin,
        key: KeyAccount,
        new: &KeySecret<'_>,
    ) -> Result<KeyAccount, WriteError> {
        self.with_key(key, |before| async move {
            let KeySecret { token, by, now } = *new;
            let changed = before.key.clone().changed(by, now);
            let key = ApiKey { hash: token.hash(), masked: token.masked(), ..changed };
            self.transaction()
                .describe(&before.key, &key)?
                .disprove(&before.key)?
                .prove(token)?
                .commit(deed(admin, Action::RegenerateApiKey, key.id))
                .await?;
            Ok(KeyAccount { key, user: before.user })
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
        key: KeyAccount,
        now: Timestamp,
    ) -> Result<(), WriteError> {
        self.with_key(key, |KeyAccount { key, user }| async move {
            let retired = User { version: user.version.wrapping_add(1), ..user.retired(now) };
            self.transaction()
                .profile(&user, &retired)?
                .delete(&Key::api_key(key.id), unchanged(&key))?
                .delete(&Key::key_name(&key.name), own_claim(&key))?
                .disprove(&key)?
                .memberships(Some(&user), &retired)?
                .commit(deed(admin, Action::DeleteApiKey, key.id))
                .await
        })
        .await
    }

    /// Does something with a key; with one that has changed since it was read, once more.
    async fn with_key<T, F: Future<Output = Result<T, WriteError>>>(
        &self,
        mut key: KeyAccount,
        work: impl Fn(KeyAccount) -> F,
    ) -> Result<T, WriteError> {
        let mut patience = Patience::default();
        loop {
            let id = key.key.id;
            match work(key).await {
                Err(WriteError::Conflict(Conflict::StaleKey | Conflict::StaleUser))
                    if patience.lasts().await => {}
                outcome => return outcome,
            }
            let keys = vec![Key::api_key(id), Key::user(id)];
            key = self.read(keys).await?.take_api_key(id)?.ok_or(Conflict::UnknownKey)?;
        }
    }
}

impl Found {
    /// A key and its account.
    pub(crate) fn take_api_key(&mut self, id: UserId) -> Result<Option<KeyAccount>, StoreError> {
        let key = self.take::<ApiKeyItem>("API key", &Key::api_key(id))?;
        let user = self.take_user(id)?;
        key.zip(user).map(|(key, user)| Ok(KeyAccount { key: key.try_into()?, user })).transpose()
    }

    /// The account that a key signs in, while the key is stored.
    pub(crate) fn user_of_key(&self, token: &ApiKeyToken) -> Result<Option<User>, StoreError> {
        let proof = Key::api_key_proof(token.user(), &token.hash());
        if !self.has(&proof) {
            return Ok(None);
        }
        Ok(self.user(token.user())?.filter(|user| user.is_active))
    }
}

fn deed(admin: &Admin, action: Action, id: UserId) -> Deed<'_> {
    Deed::new(admin.origin(), action, Some(Subject::ApiKey(id)))
}

fn distinct(mut ids: Vec<UserId>) -> Vec<UserId> {
    ids.sort_unstable();
    ids.dedup();
    ids
}

const fn claim(key: &ApiKey) -> KeyNameItem {
    KeyNameItem { key_id: key.id.get() }
}

/// Holds while the key has the secret and the name that were read.
fn unchanged(key: &ApiKey) -> Condition {
    Expression::new("#key_hash = :old_hash AND #name = :old_name")
        .text("old_hash", key.hash.as_str())
        .text("old_name", key.name.as_str())
        .guards_against(Conflict::StaleKey)
}

fn own_claim(key: &ApiKey) -> Condition {
    Expression::new("#key_id = :key").number("key", key.id).guards_against(Conflict::StaleKey)
}

impl Transaction<'_> {
    /// What is known of a key.
    fn describe(self, was: &ApiKey, is: &ApiKey) -> Result<Self, StoreError> {
        self.put(&Key::api_key(is.id), &ApiKeyItem::from(is), Some(unchanged(was)))
    }

    fn rename(self, was: &ApiKey, is: &ApiKey) -> Result<Self, StoreError> {
        if was.name.key() == is.name.key() {
            return Ok(self);
        }
        self.create(&Key::key_name(&is.name), &claim(is), Conflict::KeyNameTaken)?
            .delete(&Key::key_name(&was.name), own_claim(was))
    }

    fn prove(self, token: &ApiKeyToken) -> Result<Self, StoreError> {
        let proof = ApiKeyProofItem { owner: token.owner().get() };
        let key = Key::api_key_proof(token.user(), &token.hash());
        self.create(&key, &proof, Conflict::UserId)
    }

    fn disprove(self, key: &ApiKey) -> Result<Self, StoreError> {
        let exists = Expression::new("attribute_exists(pk)").guards_against(Conflict::StaleKey);
        self.delete(&Key::api_key_proof(key.id, &key.hash), exists)
    }
}
