//! Time limits, and responses of a fixed duration.

use std::{future::Future, time::Duration};

use tokio::time;

/// The time limit of a request. The function's timeout in `template.yaml` is longer, so that the
/// client gets a response, and the gateway's is longer still.
pub const REQUEST_TIMEOUT: Duration = Duration::from_secs(12);

/// Runs work for a fixed duration, so that its duration reveals nothing: shorter work is padded,
/// and longer work is cancelled.
pub async fn pad_to<T>(duration: Duration, work: impl Future<Output = T>) -> Option<T> {
    let (done, ()) = tokio::join!(time::timeout(duration, work), time::sleep(duration));
    done.inspect_err(|_| tracing::warn!("timed out after {} ms", duration.as_millis())).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::time::Instant;

    const DURATION: Duration = Duration::from_millis(500);

    async fn took(work: impl Future<Output = ()>) -> (Option<()>, Duration) {
        let began = Instant::now();
        (pad_to(DURATION, work).await, began.elapsed())
    }

    #[tokio::test(start_paused = true)]
    async fn nothing_and_too_much_take_the_same() {
        assert_eq!(took(async {}).await, (Some(()), DURATION));
        assert_eq!(took(time::sleep(DURATION / 2)).await, (Some(()), DURATION));
        assert_eq!(took(std::future::pending()).await, (None, DURATION));
    }
}
