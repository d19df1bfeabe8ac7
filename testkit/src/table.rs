//! Direct access to the table, bypassing the service.

use std::{
    collections::{BTreeMap, HashMap},
    ops::Range,
};

use aws_sdk_dynamodb::{
    Client,
    types::{AttributeValue, PutRequest, ReturnConsumedCapacity, TableDescription, WriteRequest},
};
use serde_json::Value;
use shared::{
    domain::UserId,
    store::{INDEX, Key},
};

use crate::{TestApp, app::TABLE};

/// An item as JSON.
pub type Item = Value;

/// All items by `pk` and `sk`.
pub type Items = BTreeMap<(String, String), Item>;

/// A copy of all items, for restoring.
#[derive(Debug, Clone)]
pub struct Snapshot(BTreeMap<(String, String), RawItem>);

impl Snapshot {
    /// The items as JSON.
    #[must_use]
    pub fn items(&self) -> Items {
        self.0.iter().map(|(key, item)| (key.clone(), from_item(item.clone()))).collect()
    }
}

type RawItem = HashMap<String, AttributeValue>;

/// Maximum number of items of a `BatchWriteItem`.
const BATCH: usize = 25;

impl TestApp {
    /// All items of the table.
    pub async fn items(&self) -> Items {
        items(&self.client, TABLE).await
    }

    /// A copy of the table, for [`TestApp::restore`].
    pub async fn snapshot(&self) -> Snapshot {
        Snapshot(scan(&self.client, TABLE).await.expect("a table"))
    }

    /// Records the hashes stored by another process, if the table exists.
    pub(crate) async fn record_stored(&self) {
        let items = scan(&self.client, TABLE).await.unwrap_or_default();
        for item in Snapshot(items).items().into_values() {
            self.leak_detector.record_stored(&item);
        }
    }

    /// Changes the table from the state `now` back to the state `before`.
    pub async fn restore(&self, now: &Snapshot, before: &Snapshot) {
        for (_, item) in before.0.iter().filter(|(key, item)| now.0.get(*key) != Some(item)) {
            let request = self.client.put_item().table_name(TABLE);
            request.set_item(Some(item.clone())).send().await.expect("a table");
        }
        for (_, item) in now.0.iter().filter(|(key, _)| !before.0.contains_key(*key)) {
            let key = ["pk", "sk"].map(|name| (name.to_owned(), item[name].clone()));
            let request = self.client.delete_item().table_name(TABLE);
            request.set_key(Some(key.into())).send().await.expect("a table");
        }
    }

    /// Returns an item.
    pub async fn item(&self, key: &Key) -> Option<Item> {
        self.raw_item(key).await.map(from_item)
    }

    async fn raw_item(&self, key: &Key) -> Option<RawItem> {
        let request = self.client.get_item().table_name(TABLE).set_key(Some(key.attributes()));
        request.send().await.expect("a table").item
    }

    /// Sets an attribute of an item to a number. Creates the item if necessary.
    pub async fn set_number(&self, key: &Key, name: &str, value: i64) {
        self.set(key, name, AttributeValue::N(value.to_string())).await;
    }

    async fn set(&self, key: &Key, name: &str, value: AttributeValue) {
        let request = self.client.update_item().table_name(TABLE).set_key(Some(key.attributes()));
        let request = request
            .update_expression("SET #name = :value")
            .expression_attribute_names("#name", name)
            .expression_attribute_values(":value", value);
        request.send().await.expect("a table");
    }

    /// Removes an attribute of an item.
    pub async fn remove_attribute(&self, key: &Key, name: &str) {
        let request = self.client.update_item().table_name(TABLE).set_key(Some(key.attributes()));
        let request = request.update_expression("REMOVE #name");
        request.expression_attribute_names("#name", name).send().await.expect("a table");
    }

    /// Removes an item.
    pub async fn remove_item(&self, key: &Key) {
        let request = self.client.delete_item().table_name(TABLE).set_key(Some(key.attributes()));
        request.send().await.expect("a table");
    }

    /// Sets an attribute of an item to a string.
    pub async fn set_text(&self, key: &Key, name: &str, value: &str) {
        self.set(key, name, AttributeValue::S(value.to_owned())).await;
    }

    /// Sets an attribute of an item to a boolean.
    pub async fn set_bool(&self, key: &Key, name: &str, value: bool) {
        self.set(key, name, AttributeValue::Bool(value)).await;
    }

    /// Writes an item without further attributes.
    pub async fn put_key_only(&self, pk: &str, sk: &str) {
        let text = |text: &str| AttributeValue::S(text.to_owned());
        let request = self.client.put_item().table_name(TABLE);
        request.item("pk", text(pk)).item("sk", text(sk)).send().await.expect("a table");
    }

    /// Copies the profile of a user under other IDs, for list tests.
    ///
    /// Replaces the ID and its six-digit form in all attributes. Writes no other items.
    pub async fn insert_copies(&self, first: UserId, ids: Range<u64>) {
        let item = self.raw_item(&Key::user(first)).await.expect("a user");
        let items: Vec<_> = ids.map(|id| copy_of_profile(&item, first.get(), id)).collect();
        for batch in items.chunks(BATCH) {
            let put = |item| PutRequest::builder().set_item(Some(item)).build().expect("an item");
            let put =
                |item: &RawItem| WriteRequest::builder().put_request(put(item.clone())).build();
            let request = self.client.batch_write_item();
            let request = request.request_items(TABLE, batch.iter().map(put).collect());
            let unprocessed = request.send().await.expect("a table").unprocessed_items;
            assert_eq!(unprocessed.unwrap_or_default(), HashMap::new(), "unprocessed items");
        }
    }

    /// Deletes an item.
    pub async fn remove(&self, key: &Key) {
        let request = self.client.delete_item().table_name(TABLE).set_key(Some(key.attributes()));
        request.send().await.expect("a table");
    }

    /// Read units of a query for up to `limit` active users in index order.
    pub async fn units(&self, limit: i32) -> f64 {
        let request = self.client.query().table_name(TABLE).index_name(INDEX).limit(limit);
        let request = request
            .key_condition_expression("list_pk = :partition")
            .expression_attribute_values(":partition", AttributeValue::S("USERS#active".to_owned()))
            .return_consumed_capacity(ReturnConsumedCapacity::Total);
        let capacity = request.send().await.expect("a table").consumed_capacity;
        capacity.and_then(|capacity| capacity.capacity_units).expect("a capacity")
    }

    /// The description of the table and its TTL attribute.
    pub async fn table(&self) -> (TableDescription, String) {
        let table = self.client.describe_table().table_name(TABLE).send().await.expect("a table");
        let expiry = self.client.describe_time_to_live().table_name(TABLE).send().await;
        let expiry = expiry.expect("a table").time_to_live_description.expect("a time to live");
        (table.table.expect("a table"), expiry.attribute_name.expect("an attribute"))
    }

    /// Deletes the table.
    pub async fn remove_table(&self) {
        self.client.delete_table().table_name(TABLE).send().await.expect("a table");
    }
}

/// A copy of a profile with another ID.
fn copy_of_profile(item: &RawItem, first: u64, id: u64) -> RawItem {
    let digits = |id| format!("{id:06}");
    let another = |value: &AttributeValue| match value {
        AttributeValue::S(text) => AttributeValue::S(text.replace(&digits(first), &digits(id))),
        AttributeValue::N(text) if *text == first.to_string() => AttributeValue::N(id.to_string()),
        value => value.clone(),
    };
    item.iter().map(|(name, value)| (name.clone(), another(value))).collect()
}

/// All items of a table.
pub async fn items(client: &Client, table: &str) -> Items {
    Snapshot(scan(client, table).await.expect("a table")).items()
}

#[expect(clippy::disallowed_methods, reason = "a test's table is small")]
async fn scan(client: &Client, table: &str) -> Option<BTreeMap<(String, String), RawItem>> {
    let pages = client.scan().table_name(table).into_paginator().items().send();
    let items = pages.collect::<Result<Vec<_>, _>>().await.ok()?;
    let key = |item: &RawItem| ["pk", "sk"].map(|name| item[name].as_s().expect("a text").clone());
    Some(items.into_iter().map(|item| (key(&item).into(), item)).collect())
}

/// Partition key and sort key.
#[must_use]
pub fn key_strings(key: &Key) -> (String, String) {
    let attributes = key.attributes();
    ["pk", "sk"].map(|name| attributes[name].as_s().expect("a text").clone()).into()
}

/// Converts an item to JSON. Sorts number sets.
fn from_item(mut item: RawItem) -> Item {
    for value in item.values_mut() {
        if let AttributeValue::Ns(numbers) = value {
            numbers.sort_by_key(|number| number.parse::<u64>().ok());
        }
    }
    serde_dynamo::from_item(item).expect("an item is JSON")
}
