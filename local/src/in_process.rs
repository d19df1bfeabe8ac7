//! The way from the AWS SDK to the engine within one process: what the SDK would send over HTTP is answered
//! at once. `docs/adr/0020` has why.

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

/// What the names of operations begin with.
const TARGET: &str = "DynamoDB_20120810.";

/// An HTTP client for the SDK that is itself what answers.
pub(crate) fn http_client(databases: Arc<EngineHandles>) -> SharedHttpClient {
    let direct = SharedHttpConnector::new(InProcessClient { databases, turn: AtomicUsize::new(0) });
    http_client_fn(move |_, _| direct.clone())
}

#[derive(Debug)]
struct InProcessClient {
    databases: Arc<EngineHandles>,
    turn: AtomicUsize,
}

impl InProcessClient {
    fn answer(&self, request: &HttpRequest) -> Result<HttpResponse, ConnectorError> {
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

    /// What the service asks for, and what makes its table.
    fn run(&self, operation: &str, body: &[u8]) -> Result<Vec<u8>, DynoxideError> {
        let writer = &self.databases.writer;
        match operation {
            "BatchGetItem" => answer(body, |request| self.reader().batch_get_item(request)),
            "Query" => answer(body, |request| self.reader().query(request)),
            "TransactWriteItems" => answer(body, |request| writer.transact_write_items(request)),
            "UpdateItem" => answer(body, |request| writer.update_item(request)),
            "CreateTable" => answer(body, |request| writer.create_table(request)),
            "DescribeTable" => answer(body, |request| writer.describe_table(request)),
            "UpdateTimeToLive" => answer(body, |request| writer.update_time_to_live(request)),
            _ => {
                let message = format!("the service does not ask for {operation:?}");
                Err(DynoxideError::ValidationException(message))
            }
        }
    }

    /// The reader whose turn it is; what writes where there is none.
    fn reader(&self) -> &Database {
        let turn = self.turn.fetch_add(1, Ordering::Relaxed);
        let EngineHandles { writer, readers, .. } = &*self.databases;
        let at = turn.checked_rem(readers.len());
        at.and_then(|at| readers.get(at)).unwrap_or(writer)
    }
}

/// Both ways as JSON, which is what the SDK speaks.
fn answer<Q: DeserializeOwned, A: Serialize>(
    body: &[u8],
    run: impl FnOnce(Q) -> Result<A, DynoxideError>,
) -> Result<Vec<u8>, DynoxideError> {
    let unreadable =
        |error: serde_json::Error| DynoxideError::ValidationException(error.to_string());
    let request = serde_json::from_slice(body).map_err(unreadable)?;
    serde_json::to_vec(&run(request)?).map_err(unreadable)
}

impl HttpConnector for InProcessClient {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        HttpConnectorFuture::ready(self.answer(&request))
    }
}
