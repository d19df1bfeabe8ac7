//! A manual clock.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use shared::{
    clock::{Clock, SystemClock},
    domain::Timestamp,
};
use time::OffsetDateTime;

/// 2026-01-01T00:00:00Z.
const START: i64 = 1_767_225_600;

/// A clock that moves only on request. Clones share their time.
#[derive(Debug, Clone)]
pub struct TestClock(Arc<AtomicI64>);

impl Default for TestClock {
    fn default() -> Self {
        Self(Arc::new(AtomicI64::new(START)))
    }
}

impl TestClock {
    /// Sets the clock to the system time, which other processes use.
    pub fn set_to_system_time(&self) {
        self.0.store(SystemClock.now().epoch_seconds(), Ordering::SeqCst);
    }

    /// Seconds since the Unix epoch.
    #[must_use]
    pub fn seconds(&self) -> i64 {
        self.0.load(Ordering::SeqCst)
    }

    /// Moves the clock forward.
    pub fn advance(&self, seconds: i64) {
        self.0.fetch_add(seconds, Ordering::SeqCst);
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        timestamp(self.seconds())
    }
}

/// The timestamp of a number of seconds since the Unix epoch.
#[must_use]
pub fn timestamp(seconds: i64) -> Timestamp {
    Timestamp::new(OffsetDateTime::from_unix_timestamp(seconds).expect("a year below 10,000"))
}
