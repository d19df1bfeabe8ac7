//! The in-process engine: the same responses as over HTTP, and consistent reads.

use std::{fmt::Debug, ops::Deref};

use aws_sdk_dynamodb::{
    Client,
    error::ProvideErrorMetadata,
    operation::transact_write_items::TransactWriteItemsError,
    types::{
        AttributeValue, CancellationReason, Delete, KeysAndAttributes, Put, ReturnConsumedCapacity,
        ReturnValue, TransactWriteItem,
    },
};
use local::{
    engine::{Engine, bind_ephemeral},
    table,
};
use shared::{
    aws,
    store::{INDEX, client_config},
};

use crate::program::DataDirectory;

const TABLE: &str = "users";

fn text(value: &str) -> AttributeValue {
    AttributeValue::S(value.to_owned())
}

fn put(pk: &str, sk: &str) -> TransactWriteItem {
    let put = Put::builder().table_name(TABLE).item("pk", text(pk)).item("sk", text(sk));
    let put = put.item("list_pk", text("ALL")).item("list_sk", text(sk));
    let put = put.condition_expression("attribute_not_exists(pk)");
    TransactWriteItem::builder().put(put.build().unwrap()).build()
}

fn removal(pk: &str) -> TransactWriteItem {
    let delete = Delete::builder().table_name(TABLE).key("pk", text(pk)).key("sk", text("a"));
    TransactWriteItem::builder().delete(delete.build().unwrap()).build()
}

/// A client with its engine.
struct TestClient {
    client: Client,
    _engine: Engine,
}

impl Deref for TestClient {
    type Target = Client;

    fn deref(&self) -> &Client {
        &self.client
    }
}

impl TestClient {
    async fn in_process(engine: Engine) -> Self {
        let config = client_config(&aws::local("http://embedded"));
        let client = Client::from_conf(engine.configure(config).build());
        table::ensure(&client, TABLE).await.unwrap();
        Self { client, _engine: engine }
    }

    async fn over_http(engine: Engine) -> Self {
        let endpoint = engine.serve(bind_ephemeral().await.unwrap()).unwrap();
        let config = client_config(&aws::local(&endpoint));
        let client = Client::from_conf(config.build());
        table::ensure(&client, TABLE).await.unwrap();
        Self { client, _engine: engine }
    }

    /// Whether an item exists.
    async fn has(&self, pk: &str) -> bool {
        let keys = KeysAndAttributes::builder()
            .keys([("pk".to_owned(), text(pk)), ("sk".to_owned(), text("a"))].into());
        let request = self.batch_get_item().request_items(TABLE, keys.build().unwrap());
        let found = request.send().await.unwrap().responses.unwrap();
        found.values().any(|items| !items.is_empty())
    }
}

/// The text of an SDK result without the request ID, which only HTTP responses have.
fn result_text(response: Result<impl Debug, impl ProvideErrorMetadata>) -> String {
    let result_text = match response {
        Ok(response) => format!("{response:?}"),
        Err(error) => format!("{:?}", error.code()),
    };
    result_text.split("_request_id").next().unwrap_or_default().to_owned()
}

async fn write_results(client: &TestClient) -> [String; 3] {
    let write = |writes: Vec<TransactWriteItem>| {
        let request = client.transact_write_items().set_transact_items(Some(writes));
        request.return_consumed_capacity(ReturnConsumedCapacity::Total)
    };
    let success = write(vec![put("one", "a"), put("two", "b")]).send().await;
    let conflict = write(vec![put("three", "c"), put("one", "a")]).send().await.unwrap_err();
    let reasons = match conflict.into_service_error() {
        TransactWriteItemsError::TransactionCanceledException(error) => error.cancellation_reasons,
        error => panic!("{error:?}"),
    };
    let codes: Vec<_> = reasons.iter().flatten().map(CancellationReason::code).collect();
    assert_eq!(codes, [Some("None"), Some("ConditionalCheckFailed")]);
    [result_text(success), format!("{reasons:?}"), result_text(write(vec![]).send().await)]
}

async fn update_results(client: &TestClient) -> [String; 2] {
    let update = |number: &str| {
        let number = AttributeValue::N(number.to_owned());
        let request = client.update_item().table_name(TABLE).key("pk", text("number"));
        let request = request.key("sk", text("number")).update_expression("ADD #last :more");
        let request = request.expression_attribute_names("#last", "last");
        let request = request.expression_attribute_values(":more", number);
        request.return_values(ReturnValue::UpdatedNew)
    };
    [result_text(update("7").send().await), result_text(update("seven").send().await)]
}

async fn query_results(client: &TestClient) -> [String; 3] {
    let list = |table: &str, limit| {
        let request = client.query().table_name(table).index_name(INDEX).limit(limit);
        let request = request.key_condition_expression("list_pk = :all");
        request.expression_attribute_values(":all", text("ALL"))
    };
    let page = list(TABLE, 1).send().await.unwrap();
    assert_eq!((page.count, page.last_evaluated_key.is_some()), (1, true));
    let rest = list(TABLE, 10).set_exclusive_start_key(page.last_evaluated_key).send().await;
    assert_eq!(rest.as_ref().unwrap().count, 1);
    let [zero_limit, missing_table] =
        [list(TABLE, 0).send().await, list("nowhere", 1).send().await];
    [rest.unwrap().count.to_string(), result_text(zero_limit), result_text(missing_table)]
}

/// The results of each operation of the service, successful and failed.
async fn all_results(client: &TestClient) -> Vec<String> {
    let results = [
        &write_results(client).await[..],
        &query_results(client).await,
        &update_results(client).await,
    ]
    .concat();
    assert_eq!([client.has("one").await, client.has("three").await], [true, false]);
    results
}

#[tokio::test(flavor = "multi_thread")]
async fn in_process_and_http_responses_are_the_same() {
    let in_process = TestClient::in_process(Engine::in_memory().unwrap()).await;
    let over_http = TestClient::over_http(Engine::in_memory().unwrap()).await;
    assert_eq!(all_results(&in_process).await, all_results(&over_http).await);
}

#[tokio::test]
async fn every_reader_sees_the_last_write() {
    let directory = DataDirectory::new();
    let client = TestClient::in_process(Engine::in_directory(directory.path()).unwrap()).await;
    for round in 0..20 {
        let pk = format!("round {round}");
        let write = client.transact_write_items().transact_items(put(&pk, "a"));
        write.send().await.unwrap();
        // More reads than there are reader connections.
        for _ in 0..9 {
            assert!(client.has(&pk).await, "{pk}");
        }
        client.transact_write_items().transact_items(removal(&pk)).send().await.unwrap();
        for _ in 0..9 {
            assert!(!client.has(&pk).await, "{pk}");
        }
    }
}

#[tokio::test]
async fn unused_operations_are_rejected() {
    let client = TestClient::in_process(Engine::in_memory().unwrap()).await;
    let rejected = client.list_tables().send().await.unwrap_err();
    assert_eq!(rejected.code(), Some("ValidationException"));
    assert!(rejected.message().unwrap().contains("ListTables"), "{rejected:?}");
}
