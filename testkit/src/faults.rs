//! What goes wrong between the SDK and the engine, and when.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard},
};

use fastrand::Rng;
use serde_json::{Value, json};

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
    /// There is no connection; nothing happens.
    Unconnected,
    /// The time for it runs out before it arrives; nothing happens.
    LostRequest,
    /// Nothing happens, and nothing is ever heard.
    NoResponse,
    /// It happens, but the answer says that DynamoDB failed.
    LostReply,
    /// It happens, and the time for it runs out before the answer is there.
    DelayedResponse,
    /// It happens, and the connection ends before the answer.
    Disconnect,
    /// It happens, and the connection ends amid the answer.
    Interrupted,
    /// It happens, and half of the answer arrives as if it were all of it.
    TruncatedResponse,
    /// It happens, and takes its time.
    Slow,
}

impl Fault {
    /// What can go wrong and does better in a moment.
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

    /// Whether the request is carried out all the same.
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

    /// Whether an operation can meet it.
    #[must_use]
    pub fn applies_to(self, operation: &str) -> bool {
        match self {
            Self::Unprocessed => operation == "BatchGetItem",
            Self::TransactionConflict => ["TransactWriteItems", "UpdateItem"].contains(&operation),
            _ => true,
        }
    }

    /// What DynamoDB is made to answer, if it answers.
    pub(crate) fn answer(self, request: &Value) -> Option<(u16, Value)> {
        let error =
            |code: &str| json!({ "__type": format!("com.amazonaws#{code}"), "message": "test" });
        match self {
            Self::Throttled => Some((400, error("ThrottlingException"))),
            Self::AccessDenied => Some((400, error("AccessDeniedException"))),
            Self::Failed | Self::LostReply => Some((500, error("InternalServerError"))),
            Self::Unprocessed => {
                let left = request.get("RequestItems");
                Some((200, json!({ "Responses": {}, "UnprocessedKeys": left })))
            }
            Self::TransactionConflict => {
                let legs =
                    request.get("TransactItems").and_then(Value::as_array).map_or(0, Vec::len);
                if legs == 0 {
                    return Some((400, error("TransactionConflictException")));
                }
                let mut body = error("TransactionCanceledException");
                body["CancellationReasons"] =
                    json!(vec![json!({ "Code": "TransactionConflict" }); legs]);
                Some((400, body))
            }
            _ => None,
        }
    }
}

/// The faults to come.
#[derive(Debug, Default)]
struct Plan {
    /// By operation, first in first out.
    queue: VecDeque<(&'static str, Fault)>,
    /// For the requests after so many others, whatever their operation.
    script: (usize, VecDeque<Fault>),
    /// So many of a hundred requests, by chance, in one of some ways.
    chance: Option<(u8, Vec<Fault>, Rng)>,
}

impl Plan {
    fn next(&mut self, operation: &str) -> Option<Fault> {
        let place = self.queue.iter().position(|(name, _)| *name == operation);
        if let Some((_, fault)) = place.and_then(|place| self.queue.remove(place)) {
            return Some(fault);
        }
        let (passed, faults) = &mut self.script;
        if *passed > 0 {
            *passed -= 1;
        } else if let Some(fault) = faults.pop_front() {
            return Some(fault);
        }
        let (percent, faults, dice) = self.chance.as_mut()?;
        let fitting: Vec<_> = faults.iter().filter(|fault| fault.applies_to(operation)).collect();
        (dice.u8(0..100) < *percent).then(|| dice.choice(fitting))?.copied()
    }
}

/// The plan of what goes wrong; its clones share it.
#[derive(Debug, Clone, Default)]
pub struct Faults(Arc<Mutex<Plan>>);

impl Faults {
    /// Lets the next `times` requests of an operation go wrong.
    pub fn push(&self, operation: &'static str, fault: Fault, times: usize) {
        self.plan().queue.extend(std::iter::repeat_n((operation, fault), times));
    }

    /// Lets requests go wrong one after the other, beginning after `passed` that do not.
    pub fn sequence(&self, passed: usize, faults: impl IntoIterator<Item = Fault>) {
        self.plan().script = (passed, faults.into_iter().collect());
    }

    /// Lets `percent` of all requests go wrong by chance, each in one of these ways.
    pub fn chance(&self, percent: u8, faults: &[Fault], seed: u64) {
        self.plan().chance = Some((percent, faults.to_vec(), Rng::with_seed(seed)));
    }

    /// Lets nothing go wrong any more.
    pub fn stop(&self) {
        *self.plan() = Plan::default();
    }

    /// How many faults have not happened yet.
    #[must_use]
    pub fn left(&self) -> usize {
        let plan = self.plan();
        plan.queue.len() + plan.script.1.len()
    }

    pub(crate) fn next(&self, operation: &str) -> Option<Fault> {
        self.plan().next(operation)
    }

    fn plan(&self) -> MutexGuard<'_, Plan> {
        self.0.lock().expect("no test panicked with the lock")
    }
}
