//! The source of time.

use std::{fmt::Debug, time::SystemTime};

use crate::domain::Timestamp;

/// A source of the current time. Tests have a clock that stands still.
pub trait Clock: Debug + Send + Sync {
    /// The current time.
    fn now(&self) -> Timestamp;
}

/// The system clock.
#[derive(Debug, Clone, Copy)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the only reader of the system clock")]
    fn now(&self) -> Timestamp {
        Timestamp::new(SystemTime::now().into())
    }
}
