//! The client of the AWS SDK.

use std::time::Duration;

use aws_sdk_dynamodb::{
    Client,
    config::{
        BehaviorVersion, Builder, Config, Region,
        interceptors::InterceptorContext,
        retry::{ClassifyRetry, RetryAction, RetryConfig},
        timeout::TimeoutConfig,
    },
};

use super::{Store, error::is_truncated};
use crate::{
    aws::{self, DynamoDbConfig},
    timing::REQUEST_TIMEOUT,
};

/// One try of one request. DynamoDB answers in milliseconds; what takes this long is lost.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(2);
/// All tries of one request.
const OPERATION_TIMEOUT: Duration = Duration::from_secs(6);
/// A connection to the endpoint.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(1);
const _: () = assert!(
    OPERATION_TIMEOUT.as_secs() < REQUEST_TIMEOUT.as_secs(),
    "a request of the table ends before the request of the client"
);
/// The SDK tries throttled, failed and lost requests again.
const ATTEMPTS: u32 = 3;

impl Store {
    /// The table that `connection` describes. Nothing is sent yet.
    #[must_use]
    pub fn connect(connection: DynamoDbConfig) -> Self {
        let table = connection.table.clone();
        Self::new(Client::from_conf(client_config(connection).build()), &table)
    }
}

/// The SDK's configuration, from what Lambda puts into the environment.
#[must_use]
pub fn client_config(connection: DynamoDbConfig) -> Builder {
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(CONNECT_TIMEOUT)
        .operation_attempt_timeout(ATTEMPT_TIMEOUT)
        .operation_timeout(OPERATION_TIMEOUT)
        .build();
    let DynamoDbConfig { credentials, endpoint, .. } = connection;
    let mut config = Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .credentials_provider(aws::credentials(&credentials))
        .http_client(aws::http_client(&credentials, endpoint.as_deref()))
        .region(Region::new(credentials.region))
        .timeout_config(timeouts)
        .retry_config(RetryConfig::standard().with_max_attempts(ATTEMPTS))
        .retry_classifier(RetryTruncated);
    config.set_endpoint_url(endpoint);
    config
}

/// Tries again what was answered with something that cannot be read.
#[derive(Debug)]
struct RetryTruncated;

impl ClassifyRetry for RetryTruncated {
    fn classify_retry(&self, context: &InterceptorContext) -> RetryAction {
        match (context.output_or_error(), context.response()) {
            (Some(Err(_)), Some(answer)) if is_truncated(answer) => RetryAction::transient_error(),
            _ => RetryAction::NoActionIndicated,
        }
    }

    fn name(&self) -> &'static str {
        "Unreadable"
    }
}
