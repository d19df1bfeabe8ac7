//! Failed attempts and the waits that they cost, on Metabase's schedule.

use super::Timestamp;

/// How long failures are remembered, in seconds from the first of them.
const WINDOW: i64 = 3_600;

/// How many failures within an hour are free.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FreeFailures(u32);

impl FreeFailures {
    /// Failed logins for one address.
    pub const ADDRESS: Self = Self(10);
    /// Failed logins from one source.
    pub const SOURCE: Self = Self(50);

    /// The number of free failures.
    #[must_use]
    pub const fn get(self) -> u32 {
        self.0
    }
}

/// The failures within one hour, in whole seconds since 1970.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Failures {
    /// How many there were.
    pub count: u32,
    /// When the last one was.
    pub last_at: i64,
    /// When all of them are forgotten.
    pub expires_at: i64,
}

impl Failures {
    /// The wait after the first failure too many, in seconds.
    pub const FIRST_WAIT: i64 = 15;

    /// Whether the hour is over, so that the next failure is a first one again.
    #[must_use]
    pub fn is_over(&self, now: Timestamp) -> bool {
        self.expires_at <= now.epoch_seconds()
    }

    /// When an hour that begins now ends.
    #[must_use]
    pub fn window_end(now: Timestamp) -> i64 {
        now.epoch_seconds().saturating_add(WINDOW)
    }

    /// The seconds until another attempt is allowed, if it is not allowed now.
    ///
    /// The wait never outlasts the hour, so nobody is locked out for good.
    #[must_use]
    pub fn wait(&self, limit: FreeFailures, now: Timestamp) -> Option<i64> {
        let excess = self.count.checked_sub(limit.0)?.saturating_add(1);
        let delay = delay(excess);
        let until = self.last_at.saturating_add(delay).min(self.expires_at);
        let wait = until.saturating_sub(now.epoch_seconds()).min(WINDOW);
        Some(wait).filter(|seconds| *seconds > 0)
    }
}

/// The k-th wait is the first times k to the power of 1.5.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    reason = "a float cast saturates, and the first wait is small"
)]
fn delay(excess: u32) -> i64 {
    (Failures::FIRST_WAIT as f64 * f64::from(excess).powf(1.5)).ceil() as i64
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::OffsetDateTime;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::new(OffsetDateTime::from_unix_timestamp(seconds).unwrap())
    }

    fn failures(count: u32) -> Failures {
        Failures { count, last_at: 100, expires_at: 3_700 }
    }

    #[test]
    fn waits_15_seconds_after_the_tenth_then_longer() {
        assert_eq!(failures(9).wait(FreeFailures::ADDRESS, at(100)), None);
        assert_eq!(failures(10).wait(FreeFailures::ADDRESS, at(100)), Some(15));
        assert_eq!(failures(10).wait(FreeFailures::ADDRESS, at(114)), Some(1));
        assert_eq!(failures(10).wait(FreeFailures::ADDRESS, at(115)), None);
        assert_eq!(failures(11).wait(FreeFailures::ADDRESS, at(100)), Some(43));
        assert_eq!(failures(49).wait(FreeFailures::SOURCE, at(100)), None);
        assert_eq!(failures(50).wait(FreeFailures::SOURCE, at(100)), Some(15));
    }

    #[test]
    fn never_waits_past_the_hour() {
        assert_eq!(failures(u32::MAX).wait(FreeFailures::ADDRESS, at(3_600)), Some(100));
        assert_eq!(failures(u32::MAX).wait(FreeFailures::ADDRESS, at(3_700)), None);
        assert!(failures(1).is_over(at(3_700)));
    }

    #[test]
    fn a_clock_that_was_set_back_costs_an_hour_at_most() {
        assert_eq!(failures(10).wait(FreeFailures::ADDRESS, at(-90_000)), Some(3_600));
    }
}
