//! The table, read and changed behind the service's back.

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

/// All items as the engine has them, to be restored.
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

/// The most items that one `BatchWriteItem` writes.
const BATCH: usize = 25;

impl TestApp {
    /// Every item of the table.
    pub async fn items(&self) -> Items {
        items(&self.client, TABLE).await
    }

    /// Every item of the table, to be restored.
    pub async fn snapshot(&self) -> Snapshot {
        Snapshot(scan(&self.client, TABLE).await.expect("a table"))
    }

    /// Notes the hashes that another process has stored, if there is still a table.
    pub(crate) async fn record_stored(&self) {
        let items = scan(&self.client, TABLE).await.unwrap_or_default();
        for item in Snapshot(items).items().into_values() {
            self.watch.record_stored(&item);
        }
    }

    /// Makes the table, which is now as in the one snapshot, what it was in the other.
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

    /// One item.
    pub async fn item(&self, key: &Key) -> Option<Item> {
        self.raw_item(key).await.map(from_item)
    }

    async fn raw_item(&self, key: &Key) -> Option<RawItem> {
        let request = self.client.get_item().table_name(TABLE).set_key(Some(key.attributes()));
        request.send().await.expect("a table").item
    }

    /// Sets an attribute of an item, which is made if it is not there, to a number.
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

    /// Sets an attribute of an item to a text.
    pub async fn set_text(&self, key: &Key, name: &str, value: &str) {
        self.set(key, name, AttributeValue::S(value.to_owned())).await;
    }

    /// Sets an attribute of an item to a boolean.
    pub async fn set_bool(&self, key: &Key, name: &str, value: bool) {
        self.set(key, name, AttributeValue::Bool(value)).await;
    }

    /// Writes an item that has a key and nothing else.
    pub async fn put_key_only(&self, pk: &str, sk: &str) {
        let text = |text: &str| AttributeValue::S(text.to_owned());
        let request = self.client.put_item().table_name(TABLE);
        request.item("pk", text(pk)).item("sk", text(sk)).send().await.expect("a table");
    }

    /// Writes profiles of more accounts, of six digits, each like that of `first` but for its number and for what
    /// has it in six digits. Nothing else knows of them: they are there to be listed.
    pub async fn insert_copies(&self, first: UserId, numbers: Range<u64>) {
        let item = self.raw_item(&Key::user(first)).await.expect("an account");
        let items: Vec<_> = numbers.map(|number| like(&item, first.get(), number)).collect();
        for batch in items.chunks(BATCH) {
            let put = |item| PutRequest::builder().set_item(Some(item)).build().expect("an item");
            let put =
                |item: &RawItem| WriteRequest::builder().put_request(put(item.clone())).build();
            let request = self.client.batch_write_item();
            let request = request.request_items(TABLE, batch.iter().map(put).collect());
            let left = request.send().await.expect("a table").unprocessed_items;
            assert_eq!(left.unwrap_or_default(), HashMap::new(), "the engine takes all at once");
        }
    }

    /// Removes an item.
    pub async fn remove(&self, key: &Key) {
        let request = self.client.delete_item().table_name(TABLE).set_key(Some(key.attributes()));
        request.send().await.expect("a table");
    }

    /// What reading up to `limit` active accounts by name costs, in read units.
    pub async fn units(&self, limit: i32) -> f64 {
        let request = self.client.query().table_name(TABLE).index_name(INDEX).limit(limit);
        let request = request
            .key_condition_expression("list_pk = :partition")
            .expression_attribute_values(":partition", AttributeValue::S("USERS#active".to_owned()))
            .return_consumed_capacity(ReturnConsumedCapacity::Total);
        let capacity = request.send().await.expect("a table").consumed_capacity;
        capacity.and_then(|capacity| capacity.capacity_units).expect("a capacity")
    }

    /// The table's description, and the attribute that says when an item expires.
    pub async fn table(&self) -> (TableDescription, String) {
        let table = self.client.describe_table().table_name(TABLE).send().await.expect("a table");
        let expiry = self.client.describe_time_to_live().table_name(TABLE).send().await;
        let expiry = expiry.expect("a table").time_to_live_description.expect("a time to live");
        (table.table.expect("a table"), expiry.attribute_name.expect("an attribute"))
    }

    /// Removes the table itself.
    pub async fn remove_table(&self) {
        self.client.delete_table().table_name(TABLE).send().await.expect("a table");
    }
}

/// The profile of another account: one number in the place of the other.
fn like(item: &RawItem, first: u64, number: u64) -> RawItem {
    let digits = |number| format!("{number:06}");
    let another = |value: &AttributeValue| match value {
        AttributeValue::S(text) => AttributeValue::S(text.replace(&digits(first), &digits(number))),
        AttributeValue::N(text) if *text == first.to_string() => {
            AttributeValue::N(number.to_string())
        }
        value => value.clone(),
    };
    item.iter().map(|(name, value)| (name.clone(), another(value))).collect()
}

/// Every item of a table.
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

/// The two texts of a key.
#[must_use]
pub fn texts(key: &Key) -> (String, String) {
    let attributes = key.attributes();
    ["pk", "sk"].map(|name| attributes[name].as_s().expect("a text").clone()).into()
}

/// Sets have no order; here they are sorted.
fn from_item(mut item: RawItem) -> Item {
    for value in item.values_mut() {
        if let AttributeValue::Ns(numbers) = value {
            numbers.sort_by_key(|number| number.parse::<u64>().ok());
        }
    }
    serde_dynamo::from_item(item).expect("an item is JSON")
}
