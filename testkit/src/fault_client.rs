//! An HTTP client between the SDK and the engine that injects faults.

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

/// Delay of a slow response.
const SLOW_RESPONSE_DELAY: Duration = Duration::from_millis(20);

/// An HTTP client that injects the planned faults into requests.
#[derive(Debug, Clone)]
pub(crate) struct FaultClient<T> {
    inner: T,
    faults: Faults,
    leak_detector: SecretLeakDetector,
}

impl<T> FaultClient<T> {
    pub(crate) const fn new(inner: T, faults: Faults, leak_detector: SecretLeakDetector) -> Self {
        Self { inner, faults, leak_detector }
    }
}

impl HttpClient for FaultClient<SharedHttpClient> {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        let inner = self.inner.http_connector(settings, components);
        SharedHttpConnector::new(FaultClient::new(
            inner,
            self.faults.clone(),
            self.leak_detector.clone(),
        ))
    }
}

impl HttpConnector for FaultClient<SharedHttpConnector> {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let stored = request.body().bytes().map(serde_json::from_slice::<Value>);
        self.leak_detector.record_stored(&stored.and_then(Result::ok).unwrap_or_default());
        let fault = self.faults.next(&operation(request.headers().get("x-amz-target")));
        let inner = self.inner.clone();
        HttpConnectorFuture::new(async move {
            match fault {
                None => inner.call(request).await,
                Some(fault) if fault.takes_effect() => {
                    if fault == Fault::Slow {
                        tokio::time::sleep(SLOW_RESPONSE_DELAY).await;
                    }
                    fail_sent(fault, inner.call(request).await?).await
                }
                Some(Fault::NoResponse) => pending().await,
                Some(fault) => fail_unsent(fault, &request),
            }
        })
    }
}

/// The result of a request that DynamoDB never received.
fn fail_unsent(fault: Fault, request: &HttpRequest) -> Result<HttpResponse, ConnectorError> {
    match fault {
        Fault::Unconnected => Err(ConnectorError::io("no connection".into()).never_connected()),
        Fault::LostRequest => Err(ConnectorError::timeout("no response".into())),
        _ => Ok(synthetic_response(fault, request.body().bytes().unwrap_or_default())),
    }
}

/// The result of a request that DynamoDB carried out.
async fn fail_sent(fault: Fault, response: HttpResponse) -> Result<HttpResponse, ConnectorError> {
    let status = response.status();
    match fault {
        Fault::DelayedResponse => Err(ConnectorError::timeout("no response".into())),
        Fault::Disconnect => Err(ConnectorError::io("the connection ended".into())),
        Fault::Interrupted => Ok(HttpResponse::new(status, SdkBody::taken())),
        Fault::LostReply => Ok(synthetic_response(fault, &[])),
        Fault::TruncatedResponse => {
            let body = ByteStream::new(response.into_body()).collect().await;
            let mut body = body.expect("the complete response of the engine").to_vec();
            body.truncate(body.len() / 2);
            Ok(HttpResponse::new(status, SdkBody::from(body)))
        }
        _ => Ok(response),
    }
}

fn synthetic_response(fault: Fault, request: &[u8]) -> HttpResponse {
    let request: Value = serde_json::from_slice(request).unwrap_or_default();
    let (status, body) = fault.response(&request).expect("a fault with a response");
    let status = status.try_into().expect("a status");
    HttpResponse::new(status, SdkBody::from(body.to_string()))
}
