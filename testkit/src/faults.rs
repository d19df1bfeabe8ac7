//! Faults between the SDK and the engine, and the plan of their injection.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard},
};

use fastrand::Rng;
use serde_json::{Value, json};

/// A fault of one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// DynamoDB throttles the request. It has no effect.
    Throttled,
    /// The request conflicts with another transaction. It has no effect.
    TransactionConflict,
    /// DynamoDB returns an internal error. The request has no effect.
    Failed,
    /// IAM denies the request. It has no effect.
    AccessDenied,
    /// DynamoDB returns all keys of a batch as unprocessed.
    Unprocessed,
    /// The connection cannot be opened. The request has no effect.
    Unconnected,
    /// The request times out before it arrives. It has no effect.
    LostRequest,
    /// The request has no effect, and no response ever arrives.
    NoResponse,
    /// The request takes effect, but the response is an internal error.
    LostReply,
    /// The request takes effect and times out before the response arrives.
    DelayedResponse,
    /// The request takes effect, and the connection closes before the response.
    Disconnect,
    /// The request takes effect, and the connection closes within the response.
    Interrupted,
    /// The request takes effect, and the response is cut in half without an error.
    TruncatedResponse,
    /// The request takes effect after a delay.
    Slow,
}

impl Fault {
    /// Faults that a retry can overcome.
    pub const TRANSIENT: [Self; 12] = [
        Self::Throttled,
        Self::TransactionConflict,
        Self::Unprocessed,
        Self::Failed,
        Self::Unconnected,
        Self::LostRequest,
        Self::LostReply,
        Self::DelayedResponse,
        Self::Disconnect,
        Self::Interrupted,
        Self::TruncatedResponse,
        Self::Slow,
    ];

    /// Whether the request takes effect despite the fault.
    #[must_use]
    pub const fn takes_effect(self) -> bool {
        matches!(
            self,
            Self::LostReply
                | Self::DelayedResponse
                | Self::Disconnect
                | Self::Interrupted
                | Self::TruncatedResponse
                | Self::Slow
        )
    }

    /// Whether the fault can occur for an operation.
    #[must_use]
    pub fn applies_to(self, operation: &str) -> bool {
        match self {
            Self::Unprocessed => operation == "BatchGetItem",
            Self::TransactionConflict => ["TransactWriteItems", "UpdateItem"].contains(&operation),
            _ => true,
        }
    }

    /// The synthetic response of DynamoDB, if the fault has one.
    pub(crate) fn response(self, request: &Value) -> Option<(u16, Value)> {
        let error =
            |code: &str| json!({ "__type": format!("com.amazonaws#{code}"), "message": "test" });
        match self {
            Self::Throttled => Some((400, error("ThrottlingException"))),
            Self::AccessDenied => Some((400, error("AccessDeniedException"))),
            Self::Failed | Self::LostReply => Some((500, error("InternalServerError"))),
            Self::Unprocessed => {
                let unprocessed = request.get("RequestItems");
                Some((200, json!({ "Responses": {}, "UnprocessedKeys": unprocessed })))
            }
            Self::TransactionConflict => {
                let write_count =
                    request.get("TransactItems").and_then(Value::as_array).map_or(0, Vec::len);
                if write_count == 0 {
                    return Some((400, error("TransactionConflictException")));
                }
                let mut body = error("TransactionCanceledException");
                body["CancellationReasons"] =
                    json!(vec![json!({ "Code": "TransactionConflict" }); write_count]);
                Some((400, body))
            }
            _ => None,
        }
    }
}

/// The planned faults.
#[derive(Debug, Default)]
struct Plan {
    /// Faults by operation, in order.
    queue: VecDeque<(&'static str, Fault)>,
    /// Faults of consecutive requests of any operation, after a number of requests without fault.
    sequence: (usize, VecDeque<Fault>),
    /// Percentage of requests with a random fault, and the faults to choose from.
    chance: Option<(u8, Vec<Fault>, Rng)>,
}

impl Plan {
    fn next(&mut self, operation: &str) -> Option<Fault> {
        let position = self.queue.iter().position(|(name, _)| *name == operation);
        if let Some((_, fault)) = position.and_then(|position| self.queue.remove(position)) {
            return Some(fault);
        }
        let (passed, faults) = &mut self.sequence;
        if *passed > 0 {
            *passed -= 1;
        } else if let Some(fault) = faults.pop_front() {
            return Some(fault);
        }
        let (percent, faults, rng) = self.chance.as_mut()?;
        let applicable: Vec<_> =
            faults.iter().filter(|fault| fault.applies_to(operation)).collect();
        (rng.u8(0..100) < *percent).then(|| rng.choice(applicable))?.copied()
    }
}

/// The plan of faults. Clones share it.
#[derive(Debug, Clone, Default)]
pub struct Faults(Arc<Mutex<Plan>>);

impl Faults {
    /// Injects a fault into the next `times` requests of an operation.
    pub fn push(&self, operation: &'static str, fault: Fault, times: usize) {
        self.plan().queue.extend(std::iter::repeat_n((operation, fault), times));
    }

    /// Injects faults into consecutive requests, after `passed` requests without fault.
    pub fn sequence(&self, passed: usize, faults: impl IntoIterator<Item = Fault>) {
        self.plan().sequence = (passed, faults.into_iter().collect());
    }

    /// Injects one of `faults` into `percent` of all requests, at random.
    pub fn chance(&self, percent: u8, faults: &[Fault], seed: u64) {
        self.plan().chance = Some((percent, faults.to_vec(), Rng::with_seed(seed)));
    }

    /// Removes all planned faults.
    pub fn stop(&self) {
        *self.plan() = Plan::default();
    }

    /// Number of planned faults that have not occurred yet.
    #[must_use]
    pub fn left(&self) -> usize {
        let plan = self.plan();
        plan.queue.len() + plan.sequence.1.len()
    }

    pub(crate) fn next(&self, operation: &str) -> Option<Fault> {
        self.plan().next(operation)
    }

    fn plan(&self) -> MutexGuard<'_, Plan> {
        self.0.lock().expect("no test panicked with the lock")
    }
}
