//! The client of the AWS SDK.

use std::time::Duration;

use aws_config::SdkConfig;
use aws_sdk_dynamodb::{
    Client,
    config::{
        Builder,
        interceptors::InterceptorContext,
        retry::{ClassifyRetry, RetryAction, RetryConfig},
        timeout::TimeoutConfig,
    },
};

use super::{Store, error::is_truncated};
use crate::timing::REQUEST_TIMEOUT;

/// The timeout of one attempt. DynamoDB responds within milliseconds: a slower response is lost.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(2);
/// The timeout of a request with all its attempts.
const OPERATION_TIMEOUT: Duration = Duration::from_secs(6);
/// The timeout of a connection to the endpoint.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(1);
const _: () = assert!(
    OPERATION_TIMEOUT.as_secs() < REQUEST_TIMEOUT.as_secs(),
    "a request to DynamoDB must end before the request of the client"
);
/// The number of attempts. The SDK retries throttled, failed and lost requests.
const ATTEMPTS: u32 = 3;

impl Store {
    /// Creates a store for a table. It sends no request yet.
    #[must_use]
    pub fn connect(aws: &SdkConfig, table: &str) -> Self {
        Self::new(Client::from_conf(client_config(aws).build()), table)
    }
}

/// Returns the configuration of the DynamoDB client: timeouts and retries in addition to `aws`.
#[must_use]
pub fn client_config(aws: &SdkConfig) -> Builder {
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(CONNECT_TIMEOUT)
        .operation_attempt_timeout(ATTEMPT_TIMEOUT)
        .operation_timeout(OPERATION_TIMEOUT)
        .build();
    Builder::from(aws)
        .timeout_config(timeouts)
        .retry_config(RetryConfig::standard().with_max_attempts(ATTEMPTS))
        .retry_classifier(RetryTruncated)
}

/// Retries a request after a truncated response.
#[derive(Debug)]
struct RetryTruncated;

impl ClassifyRetry for RetryTruncated {
    fn classify_retry(&self, context: &InterceptorContext) -> RetryAction {
        match (context.output_or_error(), context.response()) {
            (Some(Err(_)), Some(response)) if is_truncated(response) => {
                RetryAction::transient_error()
            }
            _ => RetryAction::NoActionIndicated,
        }
    }

    fn name(&self) -> &'static str {
        "RetryTruncated"
    }
}
