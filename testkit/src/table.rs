//! The table, read and changed behind the service's back.

use std::collections::{BTreeMap, HashMap};

use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::Value;
use shared::store::Key;

use crate::{TestApp, app::TABLE};

/// An item as JSON.
pub type Item = Value;

/// All items by `pk` and `sk`.
pub type Items = BTreeMap<(String, String), Item>;

impl TestApp {
    /// Every item of the table.
    #[expect(clippy::disallowed_methods, reason = "a test's table is small")]
    pub async fn items(&self) -> Items {
        let output = self.client.scan().table_name(TABLE).send().await.expect("a table");
        let items = output.items.unwrap_or_default().into_iter().map(from_item);
        items.map(|item| ((text(&item, "pk"), text(&item, "sk")), item)).collect()
    }

    /// One item.
    pub async fn item(&self, key: &Key) -> Option<Item> {
        let request = self.client.get_item().table_name(TABLE).set_key(Some(key.attributes()));
        request.send().await.expect("a table").item.map(from_item)
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

    /// Removes an item.
    pub async fn remove(&self, key: &Key) {
        let request = self.client.delete_item().table_name(TABLE).set_key(Some(key.attributes()));
        request.send().await.expect("a table");
    }

    /// Removes the table itself.
    pub async fn remove_table(&self) {
        self.client.delete_table().table_name(TABLE).send().await.expect("a table");
    }
}

fn from_item(item: HashMap<String, AttributeValue>) -> Item {
    serde_dynamo::from_item(item).expect("an item is JSON")
}

fn text(item: &Item, name: &str) -> String {
    item[name].as_str().expect("a key is a text").to_owned()
}
