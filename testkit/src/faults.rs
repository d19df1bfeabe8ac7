//! Faults between the SDK and the engine.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
};

use aws_sdk_dynamodb::{
    config::{
        ConfigBag, Intercept, RuntimeComponents,
        http::HttpResponse,
        interceptors::{
            BeforeDeserializationInterceptorContextMut, BeforeTransmitInterceptorContextMut,
        },
    },
    error::BoxError,
};
use aws_smithy_types::{
    body::SdkBody,
    config_bag::{Storable, StoreReplace},
};
use serde_json::{Value, json};

use crate::meter::operation;

const TARGET: &str = "x-amz-target";
/// What goes wrong with one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// DynamoDB is throttling; nothing happens.
    Throttled,
    /// Another transaction touches the same items; nothing happens.
    TransactionConflict,
    /// DynamoDB fails; nothing happens.
    Failed,
    /// The role may not do this; nothing happens.
    AccessDenied,
    /// DynamoDB leaves all keys of a batch for later.
    Unprocessed,
    /// It happens, but the answer says that DynamoDB failed.
    LostReply,
}

impl Fault {
    fn answer(self, request: &Value) -> (u16, Value) {
        let error =
            |code: &str| json!({ "__type": format!("com.amazonaws#{code}"), "message": "test" });
        match self {
            Self::Throttled => (400, error("ThrottlingException")),
            Self::AccessDenied => (400, error("AccessDeniedException")),
            Self::Failed | Self::LostReply => (500, error("InternalServerError")),
            Self::Unprocessed => {
                (200, json!({ "Responses": {}, "UnprocessedKeys": request.get("RequestItems") }))
            }
            Self::TransactionConflict => {
                let legs =
                    request.get("TransactItems").and_then(Value::as_array).map_or(0, Vec::len);
                if legs == 0 {
                    return (400, error("TransactionConflictException"));
                }
                let mut body = error("TransactionCanceledException");
                body["CancellationReasons"] =
                    json!(vec![json!({ "Code": "TransactionConflict" }); legs]);
                (400, body)
            }
        }
    }
}

/// The faults to come, by operation, first in first out.
#[derive(Debug, Clone, Default)]
pub struct Faults(Arc<Mutex<VecDeque<(&'static str, Fault)>>>);

impl Faults {
    /// Lets the next `times` requests of an operation go wrong.
    pub fn push(&self, operation: &'static str, fault: Fault, times: usize) {
        let mut queue = self.0.lock().expect("no test panicked with the lock");
        queue.extend(std::iter::repeat_n((operation, fault), times));
    }

    /// How many faults have not happened yet.
    #[must_use]
    pub fn left(&self) -> usize {
        self.0.lock().expect("no test panicked with the lock").len()
    }

    fn next(&self, operation: &str) -> Option<Fault> {
        let mut queue = self.0.lock().expect("no test panicked with the lock");
        let place = queue.iter().position(|(name, _)| *name == operation)?;
        queue.remove(place).map(|(_, fault)| fault)
    }
}

/// The answer that one try of a request will get in place of its own.
#[derive(Debug)]
struct Planned(Option<(u16, Value)>);

impl Storable for Planned {
    type Storer = StoreReplace<Self>;
}

impl Intercept for Faults {
    fn name(&self) -> &'static str {
        "Faults"
    }

    fn modify_before_transmit(
        &self,
        context: &mut BeforeTransmitInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        state: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let request = context.request_mut();
        let fault = self.next(&operation(request.headers().get(TARGET)));
        let body = serde_json::from_slice(request.body().bytes().unwrap_or_default())?;
        if fault.is_some_and(|fault| fault != Fault::LostReply) {
            request.headers_mut().insert(TARGET, "DynamoDB_20120810.Nothing");
        }
        state.interceptor_state().store_put(Planned(fault.map(|fault| fault.answer(&body))));
        Ok(())
    }

    fn modify_before_deserialization(
        &self,
        context: &mut BeforeDeserializationInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        state: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if let Some(Planned(Some((status, body)))) = state.load::<Planned>() {
            let body = SdkBody::from(body.to_string());
            *context.response_mut() = HttpResponse::new((*status).try_into()?, body);
        }
        Ok(())
    }
}
