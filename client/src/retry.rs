//! Repetition of requests after 429 and 503.

use std::{fmt::Debug, pin::Pin, time::Duration};

use crate::ApiError;

/// A source of waiting time. Tests replace it.
pub trait Clock: Debug + Send + Sync {
    /// Waits.
    fn sleep(&self, duration: Duration) -> Pin<Box<dyn Future<Output = ()> + Send>>;
}

/// The timer of Tokio.
#[derive(Debug, Clone, Copy)]
pub struct TokioClock;

impl Clock for TokioClock {
    fn sleep(&self, duration: Duration) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        Box::pin(tokio::time::sleep(duration))
    }
}

/// The limits of repetitions.
///
/// After 429 the service has not applied a request, so every request is repeated. After 503 it may
/// have, so the client repeats a `POST` only if a repetition has no second effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetryPolicy {
    /// Repetitions of a request.
    pub max_retries: u32,
    /// Total waiting time for a request. A longer `Retry-After` ends the repetitions.
    pub max_wait: Duration,
}

impl RetryPolicy {
    /// No repetitions.
    pub const NEVER: Self = Self { max_retries: 0, max_wait: Duration::ZERO };
}

impl Default for RetryPolicy {
    /// Three repetitions within 30 seconds.
    fn default() -> Self {
        Self { max_retries: 3, max_wait: Duration::from_secs(30) }
    }
}

/// The wait without a `Retry-After`.
const DEFAULT_WAIT: Duration = Duration::from_secs(1);

/// The state of the repetitions of one request.
#[derive(Debug)]
pub(crate) struct Retries {
    left: u32,
    wait_left: Duration,
    is_repeatable: bool,
}

impl Retries {
    pub(crate) const fn new(policy: RetryPolicy, is_repeatable: bool) -> Self {
        Self { left: policy.max_retries, wait_left: policy.max_wait, is_repeatable }
    }

    /// The wait before the next repetition, or `None` if there is none.
    pub(crate) fn next_wait(&mut self, error: &ApiError) -> Option<Duration> {
        if error.status != 429 && !(error.status == 503 && self.is_repeatable) {
            return None;
        }
        let wait = error.retry_after.unwrap_or(DEFAULT_WAIT);
        self.left = self.left.checked_sub(1)?;
        self.wait_left = self.wait_left.checked_sub(wait)?;
        Some(wait)
    }
}
