//! Failed logins, and how long they make others wait.

use std::collections::BTreeMap;

const HOUR: i64 = 3_600;
/// How many are free for an address, and from a source.
const FREE: [u32; 2] = [10, 50];

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Count {
    failures: u32,
    last: i64,
    end: i64,
}

/// Counts by address; that of the one source has no address.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub(super) struct Failures(BTreeMap<String, Count>);

impl Failures {
    /// The seconds until somebody may try, if they may not now.
    pub(super) fn wait(&self, address: &str, now: i64) -> Option<i64> {
        [address, ""]
            .into_iter()
            .zip(FREE)
            .filter_map(|(key, free)| self.wait_of(key, free, now))
            .max()
    }

    fn wait_of(&self, key: &str, free: u32, now: i64) -> Option<i64> {
        let count = self.0.get(key).filter(|count| count.failures >= free)?;
        let excess = f64::from(count.failures - free + 1);
        #[expect(clippy::cast_possible_truncation, reason = "an hour at most counts")]
        let until = count.last + (15.0 * excess.powf(1.5)).ceil() as i64;
        Some(until.min(count.end) - now).filter(|seconds| *seconds > 0)
    }

    pub(super) fn count(&mut self, address: &str, now: i64) {
        for key in [address, ""] {
            let first = Count { failures: 0, last: now, end: now + HOUR };
            let count = self.0.entry(key.to_owned()).or_insert(first);
            if count.end <= now {
                *count = first;
            }
            count.failures += 1;
            count.last = now;
        }
    }
}
