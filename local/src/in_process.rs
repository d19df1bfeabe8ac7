//! An HTTP client for the AWS SDK that calls the embedded engine in the same process.
//!
//! `docs/adr/0020` contains the reasons and measurements.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use aws_sdk_dynamodb::config::{
    SharedHttpClient,
    http::{HttpRequest, HttpResponse},
};
use aws_smithy_runtime_api::{
    client::{
        http::{HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn},
        result::ConnectorError,
    },
    http::StatusCode,
};
use aws_smithy_types::body::SdkBody;
use dynoxide::{Database, DynoxideError};
use serde::{Serialize, de::DeserializeOwned};

use crate::engine::EngineHandles;

/// The prefix of operation names.
const TARGET: &str = "DynamoDB_20120810.";

/// Creates an HTTP client that responds to requests of the SDK itself.
pub(crate) fn http_client(databases: Arc<EngineHandles>) -> SharedHttpClient {
    let connector =
        SharedHttpConnector::new(InProcessClient { databases, turn: AtomicUsize::new(0) });
    http_client_fn(move |_, _| connector.clone())
}

#[derive(Debug)]
struct InProcessClient {
    databases: Arc<EngineHandles>,
    turn: AtomicUsize,
}

impl InProcessClient {
    fn respond(&self, request: &HttpRequest) -> Result<HttpResponse, ConnectorError> {
        let target = request.headers().get("x-amz-target").unwrap_or_default();
        let operation = target.strip_prefix(TARGET).unwrap_or_default();
        let (status, body) = match self.run(operation, request.body().bytes().unwrap_or_default()) {
            Ok(body) => (200, body),
            Err(error) => (error.status_code(), error.to_json().into_bytes()),
        };
        let status = StatusCode::try_from(status);
        let status = status.map_err(|error| ConnectorError::other(error.into(), None))?;
        Ok(HttpResponse::new(status, SdkBody::from(body)))
    }

    /// Runs an operation. It supports those of the service, and those that create its table.
    fn run(&self, operation: &str, body: &[u8]) -> Result<Vec<u8>, DynoxideError> {
        let writer = &self.databases.writer;
        match operation {
            "BatchGetItem" => run_json(body, |request| self.reader().batch_get_item(request)),
            "Query" => run_json(body, |request| self.reader().query(request)),
            "TransactWriteItems" => run_json(body, |request| writer.transact_write_items(request)),
            "UpdateItem" => run_json(body, |request| writer.update_item(request)),
            "CreateTable" => run_json(body, |request| writer.create_table(request)),
            "DescribeTable" => run_json(body, |request| writer.describe_table(request)),
            "UpdateTimeToLive" => run_json(body, |request| writer.update_time_to_live(request)),
            _ => {
                let message = format!("unsupported operation: {operation:?}");
                Err(DynoxideError::ValidationException(message))
            }
        }
    }

    /// Returns the next reader in turn, or the writer if there are no readers.
    fn reader(&self) -> &Database {
        let turn = self.turn.fetch_add(1, Ordering::Relaxed);
        let EngineHandles { writer, readers, .. } = &*self.databases;
        let index = turn.checked_rem(readers.len());
        index.and_then(|index| readers.get(index)).unwrap_or(writer)
    }
}

/// Runs an operation with JSON, the format of the SDK, as request and response.
fn run_json<Request: DeserializeOwned, Response: Serialize>(
    body: &[u8],
    run: impl FnOnce(Request) -> Result<Response, DynoxideError>,
) -> Result<Vec<u8>, DynoxideError> {
    let invalid_json =
        |error: serde_json::Error| DynoxideError::ValidationException(error.to_string());
    let request = serde_json::from_slice(body).map_err(invalid_json)?;
    serde_json::to_vec(&run(request)?).map_err(invalid_json)
}

impl HttpConnector for InProcessClient {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        HttpConnectorFuture::ready(self.respond(&request))
    }
}
