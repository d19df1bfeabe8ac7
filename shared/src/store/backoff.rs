//! Trying again, after pauses that grow and are random, so that those who met do not meet again.

use std::time::Duration;

use crate::random;

/// How often something is tried that may do better in a moment.
const MAX_ATTEMPTS: u32 = 8;
/// The longest pause before the second try; it doubles with each further one.
const BASE_DELAY: Duration = Duration::from_millis(20);

/// The tries that something has had.
#[derive(Debug, Default)]
pub(super) struct Backoff {
    tries: u32,
}

impl Backoff {
    /// Pauses before another try, or says that there were enough.
    pub(super) async fn pause(&mut self) -> bool {
        self.tries += 1;
        let lasts = self.tries < MAX_ATTEMPTS;
        if lasts {
            let longest = BASE_DELAY.saturating_mul(1 << (self.tries - 1));
            let share = random::bytes().map_or(1.0, |[byte]| f64::from(byte) / 255.0);
            tokio::time::sleep(longest.mul_f64(share)).await;
        }
        lasts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn lasts_for_eight_tries() {
        let mut patience = Backoff::default();
        let mut tries = 1;
        while patience.pause().await {
            tries += 1;
        }
        assert_eq!(tries, 8);
    }
}
