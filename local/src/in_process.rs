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
use dynoxide::Database;

use crate::{
    engine::EngineHandles,
    operations::{self, TARGET},
};

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
        let body = request.body().bytes().unwrap_or_default();
        let result = operations::run(self.reader(), &self.databases.writer, operation, body);
        let (status, body) = match result {
            Ok(body) => (200, body),
            Err(error) => (error.status_code(), error.to_json().into_bytes()),
        };
        let status = StatusCode::try_from(status);
        let status = status.map_err(|error| ConnectorError::other(error.into(), None))?;
        Ok(HttpResponse::new(status, SdkBody::from(body)))
    }

    /// Returns the next reader in turn, or the writer if there are no readers.
    fn reader(&self) -> &Database {
        let turn = self.turn.fetch_add(1, Ordering::Relaxed);
        let EngineHandles { writer, readers, .. } = &*self.databases;
        let index = turn.checked_rem(readers.len());
        index.and_then(|index| readers.get(index)).unwrap_or(writer)
    }
}

impl HttpConnector for InProcessClient {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        HttpConnectorFuture::ready(self.respond(&request))
    }
}
