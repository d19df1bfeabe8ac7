//! Where the time comes from.

use std::{fmt::Debug, time::SystemTime};

use crate::domain::Timestamp;

/// A source of the present moment; a test has one that stands still.
pub trait Clock: Debug + Send + Sync {
    /// The present moment.
    fn now(&self) -> Timestamp;
}

/// The clock of the machine.
#[derive(Debug, Clone, Copy)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the one place that asks the machine")]
    fn now(&self) -> Timestamp {
        Timestamp::new(SystemTime::now().into())
    }
}
