//! Retries after growing random pauses. Random pauses keep conflicting requests from colliding
//! again.

use std::time::Duration;

use crate::random;

/// The maximum number of attempts.
const MAX_ATTEMPTS: u32 = 8;
/// The maximum pause before the second attempt. It doubles with each further attempt.
const BASE_DELAY: Duration = Duration::from_millis(20);

/// The number of attempts so far.
#[derive(Debug, Default)]
pub(super) struct Backoff {
    tries: u32,
}

impl Backoff {
    /// Pauses before another attempt. Returns false if there must be no further attempt.
    pub(super) async fn pause(&mut self) -> bool {
        self.tries += 1;
        let may_retry = self.tries < MAX_ATTEMPTS;
        if may_retry {
            let max_delay = BASE_DELAY.saturating_mul(1 << (self.tries - 1));
            let jitter = random::bytes().map_or(1.0, |[byte]| f64::from(byte) / 255.0);
            tokio::time::sleep(max_delay.mul_f64(jitter)).await;
        }
        may_retry
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn permits_eight_attempts() {
        let mut backoff = Backoff::default();
        let mut attempts = 1;
        while backoff.pause().await {
            attempts += 1;
        }
        assert_eq!(attempts, 8);
    }
}
