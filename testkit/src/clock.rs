//! A clock that moves when it is told to.

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

/// A clock that stands still; its clones move together.
#[derive(Debug, Clone)]
pub struct TestClock(Arc<AtomicI64>);

impl Default for TestClock {
    fn default() -> Self {
        Self(Arc::new(AtomicI64::new(START)))
    }
}

impl TestClock {
    /// Sets the clock to the machine's, for what another process must agree with.
    pub fn catch_up(&self) {
        self.0.store(SystemClock.now().epoch_seconds(), Ordering::SeqCst);
    }

    /// Whole seconds since 1970.
    #[must_use]
    pub fn seconds(&self) -> i64 {
        self.0.load(Ordering::SeqCst)
    }

    /// Moves the clock on.
    pub fn advance(&self, seconds: i64) {
        self.0.fetch_add(seconds, Ordering::SeqCst);
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        moment(self.seconds())
    }
}

/// A moment in whole seconds since 1970.
#[must_use]
pub fn moment(seconds: i64) -> Timestamp {
    Timestamp::new(OffsetDateTime::from_unix_timestamp(seconds).expect("a year below 10,000"))
}
