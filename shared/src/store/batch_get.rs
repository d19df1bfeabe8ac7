//! Batch reads by key: strongly consistent, in one request.

use std::collections::{HashMap, HashSet};

use aws_sdk_dynamodb::types::{KeysAndAttributes, ReturnConsumedCapacity};
use serde::de::DeserializeOwned;

use super::{
    Key, Store, StoreError,
    backoff::Backoff,
    items::{self, InstanceItem, Item, SessionItem, UserCountItem, UserItem},
};
use crate::{
    auth::token::SessionToken,
    domain::{CredentialCutoff, Session, Timestamp, User, UserCounts, UserId},
};

/// The maximum number of keys in one request.
const MAX_KEYS: usize = 100;

/// The items of a batch read that exist.
#[derive(Default)]
pub struct LoadedItems {
    items: HashMap<Key, Item>,
    /// The time before which issued credentials are invalid.
    pub(super) cutoff: CredentialCutoff,
}

impl Store {
    /// Reads items by their keys. Duplicate keys are allowed.
    pub(crate) async fn read(&self, keys: Vec<Key>) -> Result<LoadedItems, StoreError> {
        let mut found = LoadedItems { cutoff: self.cutoff, ..LoadedItems::default() };
        let mut remaining = distinct(keys);
        let mut backoff = Backoff::default();
        loop {
            remaining = self.read_batch(&mut found, remaining).await?;
            if remaining.is_empty() {
                return Ok(found);
            }
            if !backoff.pause().await {
                return Err(StoreError::busy("UnprocessedKeys"));
            }
        }
    }

    /// Reads any number of items by their keys, in as many requests as needed.
    pub(super) async fn read_all(&self, keys: Vec<Key>) -> Result<LoadedItems, StoreError> {
        let mut found = LoadedItems { cutoff: self.cutoff, ..LoadedItems::default() };
        for keys in keys.chunks(MAX_KEYS) {
            found.items.extend(self.read(keys.to_vec()).await?.items);
        }
        Ok(found)
    }

    /// Sends one request, and returns the keys that DynamoDB left unprocessed.
    async fn read_batch(
        &self,
        found: &mut LoadedItems,
        keys: Vec<Item>,
    ) -> Result<Vec<Item>, StoreError> {
        let request =
            KeysAndAttributes::builder().set_keys(Some(keys)).consistent_read(true).build()?;
        let table = self.table.to_string();
        let request = self.client.batch_get_item().request_items(table, request);
        let request = request.return_consumed_capacity(ReturnConsumedCapacity::Total);
        let output = request.customize().interceptor(self.meter.clone()).send().await?;
        self.meter.read(output.consumed_capacity());
        let items = output.responses.unwrap_or_default().into_values().flatten();
        found.items.extend(items.filter_map(|item| Some((Key::from_item(&item)?, item))));
        let unprocessed = output.unprocessed_keys.unwrap_or_default().into_values();
        Ok(unprocessed.flat_map(|table| table.keys).collect())
    }
}

fn distinct(keys: Vec<Key>) -> Vec<Item> {
    let keys: HashSet<Key> = keys.into_iter().collect();
    keys.iter().map(Key::attributes).collect()
}

impl LoadedItems {
    /// Takes an item.
    pub(super) fn take<T: DeserializeOwned>(
        &mut self,
        kind: &'static str,
        key: &Key,
    ) -> Result<Option<T>, StoreError> {
        self.items.remove(key).map(|item| items::from_item(kind, item)).transpose()
    }

    pub(crate) fn take_user(&mut self, id: UserId) -> Result<Option<User>, StoreError> {
        self.take::<UserItem>("user", &Key::user(id))?.map(User::try_from).transpose()
    }

    /// Returns a user, and keeps the item for another use.
    pub(crate) fn user(&self, id: UserId) -> Result<Option<User>, StoreError> {
        let item = self.items.get(&Key::user(id)).cloned();
        item.map(|item| items::from_item::<UserItem>("user", item)?.try_into()).transpose()
    }

    pub(crate) fn take_session(
        &mut self,
        token: &SessionToken,
    ) -> Result<Option<Session>, StoreError> {
        let item = self.take::<SessionItem>("session", &Key::session(token))?;
        let cutoff = self.cutoff;
        Ok(item.map(Session::from).filter(|session| cutoff.admits_second(session.created_at)))
    }

    /// Takes the time of the setup; `None` if the instance is not set up.
    pub(crate) fn take_setup_time(&mut self) -> Result<Option<Timestamp>, StoreError> {
        let instance: Option<InstanceItem> = self.take("instance", &Key::instance())?;
        Ok(instance.map(|instance| instance.set_up_at))
    }

    /// Takes all user counts, and returns their sum.
    pub(crate) fn take_user_counts(&mut self) -> Result<UserCounts, StoreError> {
        let counts = self.items.extract_if(|key, _| key.is_user_count());
        let count = |item| items::from_item::<UserCountItem>("user count", item);
        counts.map(|(_, item)| Ok(count(item)?.into())).sum()
    }
}
