//! The requests of the steps.

use std::{
    pin::pin,
    sync::atomic::{AtomicBool, Ordering},
};

use client::{Client, UserId};
use futures_util::{StreamExt, stream};

use super::{
    plan::{Step, Work},
    report::Report,
};
use crate::{Exit, Failure};

/// The number of concurrent steps.
const CONCURRENCY: usize = 4;

/// Runs the steps and reports each. After Ctrl-C, and if the service does not respond, steps in
/// progress end and no further ones begin.
pub(super) async fn run(
    client: &Client,
    steps: Vec<Step>,
    report: &mut Report<'_>,
    interrupted: impl Future<Output = ()>,
) -> Result<(), Failure> {
    let total = steps.len();
    let stopped = AtomicBool::new(false);
    let is_interrupted = AtomicBool::new(false);
    let interrupted = pin!(interrupted);
    let interrupted = async {
        interrupted.await;
        is_interrupted.store(true, Ordering::Relaxed);
    };
    let unstopped =
        stream::iter(steps).take_while(|_| std::future::ready(!stopped.load(Ordering::Relaxed)));
    let running = unstopped.take_until(Box::pin(interrupted)).map(|step| async {
        let result = apply(client, &step).await;
        let is_fatal = result.as_ref().is_err_and(is_fatal);
        stopped.fetch_or(is_fatal, Ordering::Relaxed);
        (step, result)
    });
    let mut results = pin!(running.buffered(CONCURRENCY));
    let bar = report.progress(total);
    let mut fatal = None;
    let mut done = 0;
    while let Some((step, result)) = results.next().await {
        done += 1;
        bar.inc(1);
        bar.suspend(|| report.done(&step, &result))?;
        fatal = fatal.or_else(|| result.err().filter(is_fatal));
    }
    bar.finish_and_clear();
    report.left_out(total - done);
    if is_interrupted.load(Ordering::Relaxed) {
        fatal = Some(Failure::interrupted("interrupted: run the same command again to continue"));
    }
    if let Some(failure) = fatal {
        report.summary()?;
        return Err(failure);
    }
    Ok(())
}

/// Whether the following steps would fail too.
fn is_fatal(failure: &Failure) -> bool {
    matches!(failure.exit(), Exit::NotSignedIn | Exit::Unreachable)
}

/// Runs one step and returns the ID of its user.
async fn apply(client: &Client, step: &Step) -> Result<Option<UserId>, Failure> {
    let (changes, active) = match &step.work {
        Work::Nothing => return Ok(step.id),
        Work::Create { user, key } => {
            let created = client.with_idempotency_key(key)?.create_user(user).await?;
            return Ok(Some(created.id));
        }
        Work::Change { changes, active } => (changes, *active),
    };
    let Some(id) = step.id else { return Ok(None) };
    if active == Some(true) {
        client.reactivate_user(id).await?;
    }
    if let Some(changes) = changes {
        client.update_user(id, changes).await?;
    }
    if active == Some(false) {
        client.deactivate_user(id).await?;
    }
    Ok(Some(id))
}
