//! Rate limits of failed logins.

use std::collections::BTreeMap;

const WINDOW_SECONDS: i64 = 3_600;
const LONGEST_WAIT: i64 = 60;

/// A limit: the failures without an error, then those before the first wait and between two waits.
struct Limit {
    max_attempts: u32,
    before_first_wait: u32,
    between_waits: u32,
}

/// The limit of an email address within the only network. It has fewer failures between two waits
/// than the limit of all networks.
const EMAIL: Limit = Limit { max_attempts: 10, before_first_wait: 0, between_waits: 3 };
/// The limit of all networks.
const ALL_NETWORKS: Limit = Limit { max_attempts: 10, before_first_wait: 0, between_waits: 9 };
/// The limit of the only network.
const NETWORK: Limit = Limit { max_attempts: 50, before_first_wait: 20, between_waits: 20 };

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Count {
    attempts: u32,
    last: i64,
    end: i64,
    generation: u32,
}

/// Counts by email address. The key of the network is empty, because there is only one.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub(super) struct FailedLogins(BTreeMap<String, Count>);

impl Limit {
    fn first_wait_at(&self) -> u32 {
        self.max_attempts + self.before_first_wait
    }

    /// Length of the wait after some failures, in seconds.
    fn wait(&self, attempts: u32) -> i64 {
        let excess = attempts.checked_sub(self.first_wait_at());
        let number = excess.map_or(1, |excess| excess / self.between_waits + 1);
        #[expect(clippy::cast_possible_truncation, reason = "capped at a minute")]
        let seconds = (15.0 * f64::from(number).powf(1.5)).ceil() as i64;
        seconds.min(LONGEST_WAIT)
    }

    /// Whether a wait begins after some failures.
    fn starts_wait(&self, attempts: u32) -> bool {
        let excess = attempts.checked_sub(self.first_wait_at());
        excess.is_some_and(|excess| excess.is_multiple_of(self.between_waits))
    }
}

impl FailedLogins {
    /// Seconds until the next allowed attempt, if an attempt is rejected now. `generation` is that
    /// of the user with the email address.
    pub(super) fn retry_after(&self, email: &str, generation: u32, now: i64) -> Option<i64> {
        let waits =
            counters(email, generation).into_iter().filter_map(|(key, generation, limit)| {
                let count = self.valid(key, generation, now)?;
                limit.starts_wait(count.attempts).then_some(())?;
                let until = count.last + limit.wait(count.attempts);
                Some(until.min(count.end) - now).filter(|seconds| *seconds > 0)
            });
        waits.max()
    }

    /// Whether a failure now returns a wait.
    pub(super) fn is_beyond(&self, email: &str, generation: u32, now: i64) -> bool {
        counters(email, generation).into_iter().any(|(key, generation, limit)| {
            let count = self.valid(key, generation, now);
            count.is_some_and(|count| count.attempts >= limit.max_attempts)
        })
    }

    fn valid(&self, key: &str, generation: u32, now: i64) -> Option<Count> {
        let count = self.0.get(key).copied();
        count.filter(|count| count.end > now && count.generation == generation)
    }

    pub(super) fn record(&mut self, email: &str, generation: u32, now: i64) {
        for (key, generation) in [(email, generation), ("", 0)] {
            let end = now + WINDOW_SECONDS;
            let first = Count { attempts: 0, last: now, end, generation };
            let mut count = self.valid(key, generation, now).unwrap_or(first);
            count.attempts += 1;
            count.last = now;
            self.0.insert(key.to_owned(), count);
        }
    }
}

/// Keys of the counters, with generation and limit. All networks count like the only one.
fn counters(email: &str, generation: u32) -> [(&str, u32, &'static Limit); 3] {
    [(email, generation, &EMAIL), (email, generation, &ALL_NETWORKS), ("", 0, &NETWORK)]
}
