//! Transactions: all writes of a change, its audit event, and its idempotency record.

use aws_sdk_dynamodb::{
    error::{BuildError, SdkError},
    operation::transact_write_items::TransactWriteItemsError,
    types::{CancellationReason, ReturnConsumedCapacity, TransactWriteItem},
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};

use super::{
    Conflict, Store, StoreError, WriteError, audit::NewAuditEvent, backoff::Backoff,
    idempotency::idempotency_write, write::Write,
};
use crate::{
    domain::WriteContext,
    random::{self, NoEntropy},
};

/// Reasons of a cancelled transaction that a retry may overcome.
const RETRYABLE: [&str; 3] =
    ["TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"];

/// The reason why a transaction failed.
enum Failure {
    /// A retry may succeed.
    Retry(WriteError),
    /// A retry fails in the same way.
    Fatal(WriteError),
}

impl Store {
    /// Commits writes together with their audit event and the idempotency record of the request.
    ///
    /// All attempts share one request token, so that the transaction takes effect at most once.
    ///
    /// # Errors
    ///
    /// Returns the conflict of the first write whose condition failed, or the failure of the table.
    pub(super) async fn commit(
        &self,
        writes: Vec<Write>,
        context: &WriteContext,
        event: NewAuditEvent,
    ) -> Result<(), WriteError> {
        let mut all: Vec<Write> = idempotency_write(context)?.into_iter().collect();
        all.extend(writes);
        let is_promotion = event.is_promotion();
        all.push(self.audit_write(context.audit(), event)?);
        self.commit_unaudited(all).await?;
        self.meter.promoted(is_promotion);
        Ok(())
    }

    /// Commits writes without an audit event. Only an import does so: its events are at its start
    /// and at its end.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`Store::commit`].
    pub(super) async fn commit_unaudited(&self, all: Vec<Write>) -> Result<(), WriteError> {
        let conflicts: Vec<_> = all.iter().map(Write::conflict).collect();
        let items = all.into_iter().map(|write| write.build(&self.table));
        let items = items.collect::<Result<Vec<_>, _>>()?;
        let token = request_token().map_err(StoreError::from)?;
        let mut backoff = Backoff::default();
        loop {
            match self.send(items.clone(), &token, &conflicts).await {
                Err(Failure::Retry(error)) if !backoff.pause().await => return Err(error),
                Err(Failure::Retry(_)) => {}
                Err(Failure::Fatal(error)) => return Err(error),
                Ok(()) => return Ok(()),
            }
        }
    }

    async fn send(
        &self,
        items: Vec<TransactWriteItem>,
        token: &str,
        conflicts: &[Option<Conflict>],
    ) -> Result<(), Failure> {
        let request = self
            .client
            .transact_write_items()
            .set_transact_items(Some(items))
            .client_request_token(token)
            .return_consumed_capacity(ReturnConsumedCapacity::Total);
        let sent = request.customize().interceptor(self.meter.clone()).send().await;
        self.meter.wrote(sent.map_err(|error| failure(error, conflicts))?.consumed_capacity());
        Ok(())
    }
}

fn failure(error: SdkError<TransactWriteItemsError>, conflicts: &[Option<Conflict>]) -> Failure {
    let classified = match error.as_service_error() {
        Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) => {
            classify(cancelled.cancellation_reasons(), conflicts)
        }
        _ => None,
    };
    classified.unwrap_or_else(|| Failure::Fatal(StoreError::from(error).into()))
}

/// Finds the first write whose condition failed; otherwise a reason to retry.
fn classify(reasons: &[CancellationReason], conflicts: &[Option<Conflict>]) -> Option<Failure> {
    let mut retry = None;
    for (reason, conflict) in reasons.iter().zip(conflicts) {
        match (reason.code(), conflict) {
            (Some("ConditionalCheckFailed"), Some(conflict)) => {
                return Some(Failure::Fatal((*conflict).into()));
            }
            (Some(code), _) if RETRYABLE.contains(&code) => {
                retry = Some(Failure::Retry(StoreError::busy(code).into()));
            }
            _ => {}
        }
    }
    retry
}

fn request_token() -> Result<String, NoEntropy> {
    Ok(BASE64_URL_SAFE_NO_PAD.encode(random::bytes::<16>()?))
}

impl From<NoEntropy> for StoreError {
    fn from(error: NoEntropy) -> Self {
        Self::Rejected { code: "no entropy".to_owned(), source: error.into() }
    }
}

impl From<BuildError> for StoreError {
    fn from(error: BuildError) -> Self {
        Self::Rejected { code: "incomplete request".to_owned(), source: error.into() }
    }
}

#[cfg(test)]
mod tests;
