//! Items by exact keys, strongly consistent, in one request.

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
    domain::{Session, Timestamp, User, UserCounts, UserId},
};

/// The items that were there.
#[derive(Default)]
pub struct LoadedItems(HashMap<Key, Item>);

impl Store {
    /// Reads items by their keys; a key may be named twice.
    pub(crate) async fn read(&self, keys: Vec<Key>) -> Result<LoadedItems, StoreError> {
        let mut found = LoadedItems::default();
        let mut rest = distinct(keys);
        let mut patience = Backoff::default();
        loop {
            rest = self.read_batch(&mut found, rest).await?;
            if rest.is_empty() {
                return Ok(found);
            }
            if !patience.pause().await {
                return Err(StoreError::busy("UnprocessedKeys"));
            }
        }
    }

    /// Reads what DynamoDB gives at once, and returns the keys that it left.
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
        found.0.extend(items.filter_map(|item| Some((Key::from_item(&item)?, item))));
        let left = output.unprocessed_keys.unwrap_or_default().into_values();
        Ok(left.flat_map(|left| left.keys).collect())
    }
}

fn distinct(keys: Vec<Key>) -> Vec<Item> {
    let keys: HashSet<Key> = keys.into_iter().collect();
    keys.iter().map(Key::attributes).collect()
}

impl LoadedItems {
    /// Takes one item out.
    pub(super) fn take<T: DeserializeOwned>(
        &mut self,
        kind: &'static str,
        key: &Key,
    ) -> Result<Option<T>, StoreError> {
        self.0.remove(key).map(|item| items::from_item(kind, item)).transpose()
    }

    pub(crate) fn take_user(&mut self, id: UserId) -> Result<Option<User>, StoreError> {
        self.take::<UserItem>("user", &Key::user(id))?.map(User::try_from).transpose()
    }

    /// Whether an item is there.
    pub(super) fn has(&self, key: &Key) -> bool {
        self.0.contains_key(key)
    }

    /// An account that is wanted again.
    pub(crate) fn user(&self, id: UserId) -> Result<Option<User>, StoreError> {
        let item = self.0.get(&Key::user(id)).cloned();
        item.map(|item| items::from_item::<UserItem>("user", item)?.try_into()).transpose()
    }

    pub(crate) fn take_session(
        &mut self,
        token: &SessionToken,
    ) -> Result<Option<Session>, StoreError> {
        Ok(self.take::<SessionItem>("session", &Key::session(token))?.map(Session::from))
    }

    /// When the instance was set up.
    pub(crate) fn take_setup_time(&mut self) -> Result<Option<Timestamp>, StoreError> {
        let instance: Option<InstanceItem> = self.take("instance", &Key::instance())?;
        Ok(instance.map(|instance| instance.set_up_at))
    }

    /// What the tallies that were read come to.
    pub(crate) fn take_user_counts(&mut self) -> Result<UserCounts, StoreError> {
        let tallies = self.0.extract_if(|key, _| key.is_user_count());
        tallies.map(|(_, item)| Ok(items::from_item::<UserCountItem>("tally", item)?.into())).sum()
    }
}
