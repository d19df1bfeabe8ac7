//! Authentication with API keys, and the record of their use.

use std::collections::HashMap;

use super::{
    Conflict, Key, LoadedItems, Store, StoreError, WriteError,
    audit::NewAuditEvent,
    expression::Expression,
    items::{ApiKeyHashItem, ApiKeyUseItem},
    write::Write,
};
use crate::{
    auth::api_key::{ApiKeyCredential, ApiKeyLogin, ApiKeyProof},
    domain::{
        Action, ApiKey, ApiKeyValidity, AuditTarget, Timestamp, User, UserId, WriteContext,
        next_recorded_use,
    },
};

impl Store {
    /// Records the first use of an API key within an hour, with its audit event.
    ///
    /// # Errors
    ///
    /// Returns an error if the table is unavailable.
    pub async fn record_api_key_use(
        &self,
        login: &ApiKeyLogin,
        context: &WriteContext,
    ) -> Result<(), WriteError> {
        let now = context.now().epoch_seconds();
        if login.last_used_at.is_some_and(|last| next_recorded_use(last) > now) {
            return Ok(());
        }
        let id = login.user.id;
        let update = Expression::new("SET #last_used_at = :now").number("now", now);
        let unchanged = match login.last_used_at {
            None => Expression::new("attribute_not_exists(#last_used_at)"),
            Some(last) => Expression::new("#last_used_at = :last").number("last", last),
        };
        let write = Write::update(&Key::api_key_use(id), update)
            .only_if(unchanged.or_conflict(Conflict::AlreadyRecorded));
        let event = NewAuditEvent::new(Action::UseApiKey, Some(AuditTarget::ApiKey(id)));
        match self.commit(vec![write], &context.without_idempotency(), event).await {
            Err(WriteError::Conflict(Conflict::AlreadyRecorded)) => Ok(()),
            outcome => outcome,
        }
    }

    /// Reads users, and the last recorded uses of API keys.
    pub(super) async fn users_and_key_uses(
        &self,
        users: &[UserId],
        keys: &[ApiKey],
    ) -> Result<(Vec<User>, HashMap<UserId, Timestamp>), StoreError> {
        let use_keys = keys.iter().map(|key| Key::api_key_use(key.id));
        let mut items =
            self.read_all(users.iter().copied().map(Key::user).chain(use_keys).collect()).await?;
        let mut last_uses = HashMap::new();
        for key in keys {
            let last = items.take_api_key_use(key.id)?;
            last_uses.extend(last.map(|last| (key.id, Timestamp::from_epoch_seconds(last))));
        }
        let users = users.iter().filter_map(|id| items.take_user(*id).transpose());
        Ok((users.collect::<Result<_, _>>()?, last_uses))
    }
}

impl LoadedItems {
    /// The keys of all items that the authentication with an API key depends on.
    pub(crate) fn api_key_login_keys(key: &ApiKeyCredential) -> impl Iterator<Item = Key> {
        let users = [key.responsible_user, key.user].map(Key::user);
        let hash = match &key.proof {
            ApiKeyProof::Hash(hash) => Some(Key::api_key_hash(key.user, hash)),
            ApiKeyProof::Imported(_) => None,
        };
        users.into_iter().chain([Key::api_key_use(key.user)]).chain(hash)
    }

    /// The service account of an API key, if the key is valid.
    pub(crate) fn api_key_login(
        &mut self,
        key: &ApiKeyCredential,
        now: Timestamp,
    ) -> Result<Option<ApiKeyLogin>, StoreError> {
        let validity = match &key.proof {
            ApiKeyProof::Imported(validity) => Some(*validity),
            ApiKeyProof::Hash(hash) => {
                let item: Option<ApiKeyHashItem> =
                    self.take("API key hash", &Key::api_key_hash(key.user, hash))?;
                item.map(ApiKeyValidity::try_from).transpose()?
            }
        };
        let Some(validity) = validity else { return Ok(None) };
        let owner = self.user(validity.owner)?;
        let is_valid = |owner: User| validity.is_valid_for(&owner, now);
        if !self.cutoff.admits(Some(validity.issued_at)) || !owner.is_some_and(is_valid) {
            return Ok(None);
        }
        let last_used_at = self.take_api_key_use(key.user)?;
        let user = self.user(key.user)?.filter(|user| user.is_active);
        Ok(user.map(|user| ApiKeyLogin { user, validity, last_used_at }))
    }

    fn take_api_key_use(&mut self, id: UserId) -> Result<Option<i64>, StoreError> {
        let item = self.take::<ApiKeyUseItem>("API key use", &Key::api_key_use(id))?;
        Ok(item.map(|item| item.last_used_at))
    }
}
