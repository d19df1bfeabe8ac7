//! The way between the SDK and the engine, on which requests and answers get lost.

use std::{future::pending, time::Duration};

use aws_sdk_dynamodb::config::{
    HttpClient, RuntimeComponents, SharedHttpClient,
    http::{HttpRequest, HttpResponse},
};
use aws_smithy_runtime_api::client::{
    http::{HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector},
    result::ConnectorError,
};
use aws_smithy_types::{body::SdkBody, byte_stream::ByteStream};
use serde_json::Value;

use crate::{Fault, Faults, meter::operation, secret_leaks::SecretLeakDetector};

/// How long a slow answer takes.
const SLOW: Duration = Duration::from_millis(20);

/// An HTTP client whose requests meet faults.
#[derive(Debug, Clone)]
pub(crate) struct FaultClient<T> {
    inner: T,
    faults: Faults,
    watch: SecretLeakDetector,
}

impl<T> FaultClient<T> {
    pub(crate) const fn new(inner: T, faults: Faults, watch: SecretLeakDetector) -> Self {
        Self { inner, faults, watch }
    }
}

impl HttpClient for FaultClient<SharedHttpClient> {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        let inner = self.inner.http_connector(settings, components);
        SharedHttpConnector::new(FaultClient::new(inner, self.faults.clone(), self.watch.clone()))
    }
}

impl HttpConnector for FaultClient<SharedHttpConnector> {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let stored = request.body().bytes().map(serde_json::from_slice::<Value>);
        self.watch.record_stored(&stored.and_then(Result::ok).unwrap_or_default());
        let fault = self.faults.next(&operation(request.headers().get("x-amz-target")));
        let inner = self.inner.clone();
        HttpConnectorFuture::new(async move {
            match fault {
                None => inner.call(request).await,
                Some(fault) if fault.takes_effect() => {
                    if fault == Fault::Slow {
                        tokio::time::sleep(SLOW).await;
                    }
                    returned(fault, inner.call(request).await?).await
                }
                Some(Fault::NoResponse) => pending().await,
                Some(fault) => kept(fault, &request),
            }
        })
    }
}

/// What is heard of a request that never arrived.
fn kept(fault: Fault, request: &HttpRequest) -> Result<HttpResponse, ConnectorError> {
    match fault {
        Fault::Unconnected => Err(ConnectorError::io("no connection".into()).never_connected()),
        Fault::LostRequest => Err(ConnectorError::timeout("no answer".into())),
        _ => Ok(made_up(fault, request.body().bytes().unwrap_or_default())),
    }
}

/// What is heard of a request that was carried out.
async fn returned(fault: Fault, answer: HttpResponse) -> Result<HttpResponse, ConnectorError> {
    let status = answer.status();
    match fault {
        Fault::DelayedResponse => Err(ConnectorError::timeout("no answer".into())),
        Fault::Disconnect => Err(ConnectorError::io("the connection ended".into())),
        Fault::Interrupted => Ok(HttpResponse::new(status, SdkBody::taken())),
        Fault::LostReply => Ok(made_up(fault, &[])),
        Fault::TruncatedResponse => {
            let body = ByteStream::new(answer.into_body()).collect().await;
            let mut body = body.expect("the engine's answer is whole").to_vec();
            body.truncate(body.len() / 2);
            Ok(HttpResponse::new(status, SdkBody::from(body)))
        }
        _ => Ok(answer),
    }
}

fn made_up(fault: Fault, request: &[u8]) -> HttpResponse {
    let request: Value = serde_json::from_slice(request).unwrap_or_default();
    let (status, body) = fault.answer(&request).expect("a fault that is an answer");
    let status = status.try_into().expect("a status");
    HttpResponse::new(status, SdkBody::from(body.to_string()))
}
