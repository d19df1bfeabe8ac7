//! Records the requests of the SDK.

use std::sync::{Arc, Mutex, MutexGuard};

use aws_sdk_dynamodb::{
    config::{
        ConfigBag, Intercept, RuntimeComponents,
        interceptors::{
            BeforeDeserializationInterceptorContextRef, BeforeTransmitInterceptorContextRef,
        },
    },
    error::BoxError,
};

/// Records operations and transferred bytes of the SDK.
#[derive(Debug, Clone, Default)]
pub struct SdkRecorder(Arc<Mutex<Recorded>>);

#[derive(Debug, Default)]
struct Recorded {
    operations: Vec<String>,
    bytes: Bytes,
}

/// Sizes of HTTP bodies.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Bytes {
    /// Bytes sent to DynamoDB.
    pub sent: usize,
    /// Bytes received from DynamoDB.
    pub received: usize,
}

impl SdkRecorder {
    /// Removes and returns the operations since the last call, in order, including retries.
    ///
    /// An eventually consistent `BatchGetItem` is marked "perhaps stale".
    #[expect(clippy::must_use_candidate, reason = "callers also use this as a reset")]
    pub fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.lock().operations)
    }

    /// Resets the byte counts and returns them.
    #[expect(clippy::must_use_candidate, reason = "callers also use this as a reset")]
    pub fn take_bytes(&self) -> Bytes {
        std::mem::take(&mut self.lock().bytes)
    }

    fn lock(&self) -> MutexGuard<'_, Recorded> {
        self.0.lock().expect("no test panicked with the lock")
    }
}

/// The operation in a target header such as `DynamoDB_20120810.GetItem`.
pub(crate) fn operation(target: Option<&str>) -> String {
    target.and_then(|target| target.split('.').nth(1)).unwrap_or_default().to_owned()
}

impl Intercept for SdkRecorder {
    fn name(&self) -> &'static str {
        "SdkRecorder"
    }

    fn read_before_transmit(
        &self,
        context: &BeforeTransmitInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let request = context.request();
        let mut operation = operation(request.headers().get("x-amz-target"));
        let body = request.body().bytes().unwrap_or_default();
        let mut recorded = self.lock();
        recorded.bytes.sent += body.len();
        let body = String::from_utf8_lossy(body);
        if operation == "BatchGetItem" && !body.contains(r#""ConsistentRead":true"#) {
            operation.push_str(", perhaps stale");
        }
        recorded.operations.push(operation);
        Ok(())
    }

    fn read_before_deserialization(
        &self,
        context: &BeforeDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let length = context.response().headers().get("content-length");
        let length: usize = length.map_or(Ok(0), str::parse)?;
        self.lock().bytes.received += length;
        Ok(())
    }
}
