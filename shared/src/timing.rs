//! Work whose duration tells nothing.

use std::{future::Future, time::Duration};

use tokio::time;

/// Takes exactly as long as it is told: work that is done earlier waits, and work that would take longer
/// is given up.
pub async fn pad_to<T>(duration: Duration, work: impl Future<Output = T>) -> Option<T> {
    let (done, ()) = tokio::join!(time::timeout(duration, work), time::sleep(duration));
    done.inspect_err(|_| tracing::warn!(?duration, "work was given up")).ok()
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
