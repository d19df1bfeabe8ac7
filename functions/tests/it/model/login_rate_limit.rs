//! Rate limits of failed logins.

use std::collections::BTreeMap;

const WINDOW_SECONDS: i64 = 3_600;
/// Maximum failed logins per email address and per client IP.
const MAX_ATTEMPTS: [u32; 2] = [10, 50];

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Count {
    attempts: u32,
    last: i64,
    end: i64,
}

/// Counts by email address. The key of the client IP is empty, because there is only one.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub(super) struct FailedLogins(BTreeMap<String, Count>);

impl FailedLogins {
    /// Seconds until the next allowed attempt, if an attempt is rejected now.
    pub(super) fn retry_after(&self, email: &str, now: i64) -> Option<i64> {
        [email, ""]
            .into_iter()
            .zip(MAX_ATTEMPTS)
            .filter_map(|(key, max_attempts)| self.retry_after_for(key, max_attempts, now))
            .max()
    }

    fn retry_after_for(&self, key: &str, max_attempts: u32, now: i64) -> Option<i64> {
        let count = self.0.get(key).filter(|count| count.attempts >= max_attempts)?;
        let excess = f64::from(count.attempts - max_attempts + 1);
        #[expect(clippy::cast_possible_truncation, reason = "capped at one hour below")]
        let until = count.last + (15.0 * excess.powf(1.5)).ceil() as i64;
        Some(until.min(count.end) - now).filter(|seconds| *seconds > 0)
    }

    pub(super) fn record(&mut self, email: &str, now: i64) {
        for key in [email, ""] {
            let first = Count { attempts: 0, last: now, end: now + WINDOW_SECONDS };
            let count = self.0.entry(key.to_owned()).or_insert(first);
            if count.end <= now {
                *count = first;
            }
            count.attempts += 1;
            count.last = now;
        }
    }
}
