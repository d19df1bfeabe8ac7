//! Counts what the SDK sends.

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

/// What the SDK sends and is answered.
#[derive(Debug, Clone, Default)]
pub struct SdkRecorder(Arc<Mutex<Recorded>>);

#[derive(Debug, Default)]
struct Recorded {
    operations: Vec<String>,
    bytes: Bytes,
}

/// Bytes of bodies, as they go over the wire.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Bytes {
    /// To DynamoDB.
    pub sent: usize,
    /// Back.
    pub received: usize,
}

impl SdkRecorder {
    /// Takes the operations since the last time, in order, every try of each; a batch says when it may
    /// be stale.
    #[expect(clippy::must_use_candidate, reason = "taking is also how one starts anew")]
    pub fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.lock().operations)
    }

    /// Takes the bytes since the last time.
    #[expect(clippy::must_use_candidate, reason = "taking is also how one starts anew")]
    pub fn take_bytes(&self) -> Bytes {
        std::mem::take(&mut self.lock().bytes)
    }

    fn lock(&self) -> MutexGuard<'_, Recorded> {
        self.0.lock().expect("no test panicked with the lock")
    }
}

/// The operation that a request is for, as in `DynamoDB_20120810.GetItem`.
pub(crate) fn operation(target: Option<&str>) -> String {
    target.and_then(|target| target.split('.').nth(1)).unwrap_or_default().to_owned()
}

impl Intercept for SdkRecorder {
    fn name(&self) -> &'static str {
        "Meter"
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
        let mut metered = self.lock();
        metered.bytes.sent += body.len();
        let body = String::from_utf8_lossy(body);
        if operation == "BatchGetItem" && !body.contains(r#""ConsistentRead":true"#) {
            operation.push_str(", perhaps stale");
        }
        metered.operations.push(operation);
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
