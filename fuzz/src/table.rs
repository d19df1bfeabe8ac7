//! A minimal DynamoDB: reads and writes by key. Every condition is true.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard},
};

use aws_sdk_dynamodb::config::{
    HttpClient, RuntimeComponents,
    http::{HttpRequest, HttpResponse},
};
use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_types::body::SdkBody;
use serde_json::{Value, json};

/// A table and its HTTP client.
#[derive(Debug, Clone, Default)]
pub(crate) struct Table(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    items: BTreeMap<String, Value>,
    is_frozen: bool,
    last: u64,
}

impl Table {
    /// Makes the table read-only. Later writes succeed without an effect.
    pub(crate) fn freeze(&self) {
        self.state().is_frozen = true;
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().expect("nothing panicked with the lock")
    }
}

impl HttpClient for Table {
    fn http_connector(
        &self,
        _: &HttpConnectorSettings,
        _: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for Table {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let target = request.headers().get("x-amz-target").unwrap_or_default();
        let body = request.body().bytes().unwrap_or_default();
        let body: Value = serde_json::from_slice(body).expect("a request is JSON");
        let output = self.state().respond(target, &body);
        let body = SdkBody::from(output.to_string());
        let response = HttpResponse::new(200.try_into().expect("a status"), body);
        HttpConnectorFuture::ready(Ok(response))
    }
}

impl State {
    fn respond(&mut self, target: &str, request: &Value) -> Value {
        match target.rsplit('.').next().unwrap_or_default() {
            "BatchGetItem" => {
                let keys = request["RequestItems"]["users"]["Keys"].as_array();
                let keys = keys.into_iter().flatten();
                let found: Vec<_> =
                    keys.filter_map(|key| self.items.get(&primary_key(key))).collect();
                json!({ "Responses": { "users": found }, "UnprocessedKeys": {} })
            }
            "Query" => {
                let found: Vec<_> =
                    self.items.values().filter(|item| matches(item, request)).collect();
                json!({ "Count": found.len(), "ScannedCount": found.len(), "Items": found })
            }
            "UpdateItem" => {
                self.last = if self.is_frozen { self.last } else { self.last.max(1) + 1 };
                let number = |number: u64| json!({ "N": number.to_string() });
                // A counter of IDs, and a counter of a rate limit after its first attempt.
                json!({ "Attributes": {
                    "last": number(self.last),
                    "attempts": number(1),
                    "last_at": number(0),
                    "expires_at": number(0),
                } })
            }
            "TransactWriteItems" if self.is_frozen => json!({}),
            "TransactWriteItems" => {
                let writes = request["TransactItems"].as_array().into_iter().flatten();
                let items = writes.filter_map(|write| write["Put"].get("Item"));
                self.items.extend(items.map(|item| (primary_key(item), item.clone())));
                json!({})
            }
            other => panic!("{other} is not supported"),
        }
    }
}

fn primary_key(item: &Value) -> String {
    format!("{} {}", item["pk"]["S"], item["sk"]["S"])
}

/// Whether an item is in the partition of a query, in the table or in its index, and has the prefix
/// of the sort key.
fn matches(item: &Value, request: &Value) -> bool {
    let partition = if request.get("IndexName").is_some() { "list_pk" } else { "pk" };
    let values = &request["ExpressionAttributeValues"];
    let prefix = values[":prefix"]["S"].as_str().unwrap_or_default();
    item.get(partition) == values.get(":partition")
        && item["sk"]["S"].as_str().is_some_and(|sk| sk.starts_with(prefix))
}
