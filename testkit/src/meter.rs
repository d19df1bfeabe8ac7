//! Counts what the SDK sends.

use std::sync::{Arc, Mutex};

use aws_sdk_dynamodb::{
    config::{
        ConfigBag, Intercept, RuntimeComponents, interceptors::BeforeTransmitInterceptorContextRef,
    },
    error::BoxError,
};

/// The operations that the SDK has sent, every try of each; a batch says when it may be stale.
#[derive(Debug, Clone, Default)]
pub struct Meter(Arc<Mutex<Vec<String>>>);

impl Meter {
    /// Takes the operations since the last time, in order.
    #[expect(clippy::must_use_candidate, reason = "taking is also how one starts anew")]
    pub fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().expect("no test panicked with the lock"))
    }
}

/// The operation that a request is for, as in `DynamoDB_20120810.GetItem`.
pub(crate) fn operation(target: Option<&str>) -> String {
    target.and_then(|target| target.split('.').nth(1)).unwrap_or_default().to_owned()
}

impl Intercept for Meter {
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
        let body = String::from_utf8_lossy(request.body().bytes().unwrap_or_default());
        if operation == "BatchGetItem" && !body.contains(r#""ConsistentRead":true"#) {
            operation.push_str(", perhaps stale");
        }
        self.0.lock().expect("no test panicked with the lock").push(operation);
        Ok(())
    }
}
