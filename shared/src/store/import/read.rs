//! Reads of an import and an export: what exists, with password hashes.

use std::collections::HashMap;

use super::{ImportedApiKeySecret, ImportedKey, ImportedUser};
use crate::{
    authorization::Admin,
    domain::{ApiKey, Email, User, UserId},
    store::{Key, Store, StoreError},
};

impl Store {
    /// Reads users and service accounts by ID. IDs of nobody are absent.
    ///
    /// # Errors
    ///
    /// Returns an error if the table is unavailable.
    pub async fn stored_users(
        &self,
        _: &Admin,
        ids: &[UserId],
    ) -> Result<HashMap<UserId, User>, StoreError> {
        let users = self.users_by_id(ids).await?;
        Ok(users.into_iter().map(|user| (user.id, user)).collect())
    }

    /// Reads the owners of email addresses. Addresses of nobody are absent. The keys are normalized
    /// addresses.
    ///
    /// # Errors
    ///
    /// Returns an error if the table is unavailable.
    pub async fn owners(
        &self,
        _: &Admin,
        emails: &[Email],
    ) -> Result<HashMap<String, UserId>, StoreError> {
        let keys = emails.iter().flat_map(Key::possible_credentials).collect();
        let mut items = self.read_all(keys).await?;
        let mut owners = HashMap::new();
        for email in emails {
            owners.extend(items.take_owner(email)?.map(|owner| (email.normalized(), owner)));
        }
        Ok(owners)
    }

    /// Reads users with their password hashes, strongly consistent.
    ///
    /// # Errors
    ///
    /// Returns an error if the table is unavailable.
    pub async fn with_passwords(
        &self,
        admin: &Admin,
        users: &[User],
    ) -> Result<Vec<ImportedUser>, StoreError> {
        let ids: Vec<_> = users.iter().map(|user| user.id).collect();
        let users = self.users_by_id(&ids).await?;
        self.with_credentials(admin, users).await
    }

    /// Adds the password hashes to users who have just been read.
    pub(in crate::store) async fn with_credentials(
        &self,
        _: &Admin,
        users: Vec<User>,
    ) -> Result<Vec<ImportedUser>, StoreError> {
        let keys = users.iter().flat_map(|user| Key::possible_credentials(&user.email)).collect();
        let mut items = self.read_all(keys).await?;
        let mut all = Vec::with_capacity(users.len());
        for user in users {
            let credentials = items.take_credentials(&user.email)?;
            let credentials = credentials.filter(|credentials| credentials.user == user.id);
            let password_set_at = credentials.as_ref().and_then(|found| found.password_set_at);
            let password = credentials.and_then(|credentials| credentials.hash);
            all.push(ImportedUser { user, password, password_set_at });
        }
        Ok(all)
    }

    /// Reads all API keys with their service accounts and hashes. Keys of version 0.1.0, which are
    /// invalid, are left out.
    ///
    /// # Errors
    ///
    /// Returns an error if the table is unavailable.
    pub async fn keys_with_secrets(&self, admin: &Admin) -> Result<Vec<ImportedKey>, StoreError> {
        let keys = self.api_keys(admin).await?.keys;
        let ids: Vec<_> = keys.iter().map(|key| key.id).collect();
        let mut users = self.stored_users(admin, &ids).await?;
        let mut all = Vec::with_capacity(keys.len());
        for key in keys {
            let Some((user, validity)) = users.remove(&key.id).zip(key.validity) else { continue };
            let secret = self.secret_of(&key).await?;
            all.extend(secret.map(|secret| ImportedKey { key, user, validity, secret }));
        }
        Ok(all)
    }

    /// The secret of an API key. A key of Metabase that was used here has no hash of Metabase.
    async fn secret_of(
        &self,
        api_key: &ApiKey,
    ) -> Result<Option<ImportedApiKeySecret>, StoreError> {
        let Some(prefix) = api_key.hash.imported_prefix() else {
            return Ok(Some(ImportedApiKeySecret::Own));
        };
        let found = self.imported_api_key(prefix).await?;
        let prefix = prefix.to_owned();
        Ok(found.map(|found| ImportedApiKeySecret::Metabase { prefix, hash: found.hash }))
    }
}
