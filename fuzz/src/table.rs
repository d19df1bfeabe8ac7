//! As much of DynamoDB as answers by keys: conditions always hold.

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

/// A table, and the way to it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Table(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    items: BTreeMap<String, Value>,
    is_frozen: bool,
    last: u64,
}

impl Table {
    /// From now on nothing that is written stays.
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
        let answer = self.state().answer(target, &body);
        let answer =
            HttpResponse::new(200.try_into().expect("a status"), SdkBody::from(answer.to_string()));
        HttpConnectorFuture::ready(Ok(answer))
    }
}

impl State {
    fn answer(&mut self, target: &str, request: &Value) -> Value {
        match target.rsplit('.').next().unwrap_or_default() {
            "BatchGetItem" => {
                let keys = request["RequestItems"]["users"]["Keys"].as_array();
                let keys = keys.into_iter().flatten();
                let found: Vec<_> = keys.filter_map(|key| self.items.get(&place(key))).collect();
                json!({ "Responses": { "users": found }, "UnprocessedKeys": {} })
            }
            "Query" => {
                let found: Vec<_> =
                    self.items.values().filter(|item| fits(item, request)).collect();
                json!({ "Count": found.len(), "ScannedCount": found.len(), "Items": found })
            }
            "UpdateItem" => {
                self.last = if self.is_frozen { self.last } else { self.last.max(1) + 1 };
                json!({ "Attributes": { "last": { "N": self.last.to_string() } } })
            }
            "TransactWriteItems" if self.is_frozen => json!({}),
            "TransactWriteItems" => {
                let legs = request["TransactItems"].as_array().into_iter().flatten();
                let items = legs.filter_map(|leg| leg["Put"].get("Item"));
                self.items.extend(items.map(|item| (place(item), item.clone())));
                json!({})
            }
            other => panic!("{other} is never asked for"),
        }
    }
}

fn place(item: &Value) -> String {
    format!("{} {}", item["pk"]["S"], item["sk"]["S"])
}

/// Whether an item is in the partition that is asked for, of the table or of its index, and begins as it is
/// asked to.
fn fits(item: &Value, request: &Value) -> bool {
    let partition = if request.get("IndexName").is_some() { "list_pk" } else { "pk" };
    let values = &request["ExpressionAttributeValues"];
    let prefix = values[":prefix"]["S"].as_str().unwrap_or_default();
    item.get(partition) == values.get(":partition")
        && item["sk"]["S"].as_str().is_some_and(|sk| sk.starts_with(prefix))
}
