//! Writes that happen as a whole or not at all.

use aws_sdk_dynamodb::{
    error::{BuildError, SdkError},
    operation::transact_write_items::TransactWriteItemsError,
    types::{
        CancellationReason, ConditionCheck, Delete, Put, ReturnConsumedCapacity, TransactWriteItem,
        Update,
    },
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde::Serialize;

use super::{
    Conflict, Key, Sharding, Store, StoreError, WriteError,
    audit_write::NewAuditEvent,
    backoff::Backoff,
    expression::{Condition, Expression, ExpressionParts},
    items,
};
use crate::random::{self, NoEntropy};

/// Why a transaction that broke no condition may do better in a moment.
const RETRYABLE: [&str; 3] =
    ["TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"];

/// Legs of one transaction, each with the conflict that its condition stands for.
///
/// No two legs may touch one item: DynamoDB refuses that. Nothing is committed but with the [`Deed`]
/// that it is.
pub(super) struct Transaction<'s> {
    pub(super) store: &'s Store,
    writes: Vec<Write>,
}

struct Write {
    write: TransactWriteItem,
    conflict: Option<Conflict>,
}

/// Why DynamoDB did not commit.
enum Failure {
    /// The same transaction may do better in a moment; this is the error if it never does.
    Retry(WriteError),
    Fatal(WriteError),
}

impl Store {
    pub(super) const fn transaction(&self) -> Transaction<'_> {
        Transaction { store: self, writes: Vec::new() }
    }
}

/// Finishes one of the SDK's four builders of legs, which have these setters alike but no trait.
macro_rules! guarded {
    ($builder:expr, $transaction:expr, $parts:expr) => {
        $builder
            .table_name($transaction.store.table.as_ref())
            .set_condition_expression($parts.condition)
            .set_expression_attribute_names($parts.names)
            .set_expression_attribute_values($parts.values)
            .build()?
    };
}

impl Transaction<'_> {
    /// How the table's hottest keys are spread.
    pub(super) const fn layout(&self) -> Sharding {
        self.store.sharding
    }

    /// Writes an item that must not be there yet.
    pub(super) fn create(
        self,
        key: &Key,
        value: &impl Serialize,
        conflict: Conflict,
    ) -> Result<Self, StoreError> {
        self.put(key, value, Some(Expression::not_exists().or_conflict(conflict)))
    }

    /// Writes a whole item.
    pub(super) fn put(
        self,
        key: &Key,
        value: &impl Serialize,
        condition: Option<Condition>,
    ) -> Result<Self, StoreError> {
        let parts = ExpressionParts::new(None, condition);
        let put = Put::builder().set_item(Some(items::to_item(key, value)?));
        let put = guarded!(put, self, parts);
        Ok(self.push(TransactWriteItem::builder().put(put).build(), parts.conflict))
    }

    /// Changes some attributes of an item.
    pub(super) fn update(
        self,
        key: &Key,
        update: Expression,
        condition: Option<Condition>,
    ) -> Result<Self, StoreError> {
        let parts = ExpressionParts::new(Some(update), condition);
        let update =
            Update::builder().set_key(Some(key.attributes())).set_update_expression(parts.action);
        let update = guarded!(update, self, parts);
        Ok(self.push(TransactWriteItem::builder().update(update).build(), parts.conflict))
    }

    /// Removes an item.
    pub(super) fn delete(
        self,
        key: &Key,
        condition: impl Into<Option<Condition>>,
    ) -> Result<Self, StoreError> {
        let parts = ExpressionParts::new(None, condition.into());
        let delete = Delete::builder().set_key(Some(key.attributes()));
        let delete = guarded!(delete, self, parts);
        Ok(self.push(TransactWriteItem::builder().delete(delete).build(), parts.conflict))
    }

    /// Asks something of an item that is not written.
    pub(super) fn check(self, key: &Key, condition: Condition) -> Result<Self, StoreError> {
        let parts = ExpressionParts::new(None, Some(condition));
        let check = ConditionCheck::builder().set_key(Some(key.attributes()));
        let check = guarded!(check, self, parts);
        Ok(self.push(TransactWriteItem::builder().condition_check(check).build(), parts.conflict))
    }

    /// Puts the last leg before the others.
    pub(super) fn prepend(mut self) -> Self {
        self.writes.rotate_right(1);
        self
    }

    fn push(mut self, write: TransactWriteItem, conflict: Option<Conflict>) -> Self {
        self.writes.push(Write { write, conflict });
        self
    }

    /// Commits all legs, or none, and with them the entry of the audit trail.
    ///
    /// All tries share a token, the SDK's and ours: a commit whose answer was lost, and which then met
    /// another transaction, is not made twice, and is not told that its own conditions no longer hold.
    pub(super) async fn commit(self, deed: NewAuditEvent<'_>) -> Result<(), WriteError> {
        let transaction = self.idempotency_write(deed.origin())?.audit(deed)?;
        let token = token().map_err(StoreError::from)?;
        let mut patience = Backoff::default();
        loop {
            match transaction.send(&token).await {
                Err(Failure::Retry(error)) if !patience.pause().await => return Err(error),
                Err(Failure::Retry(_)) => {}
                Err(Failure::Fatal(error)) => return Err(error),
                Ok(()) => return Ok(()),
            }
        }
    }

    async fn send(&self, token: &str) -> Result<(), Failure> {
        let writes = self.writes.iter().map(|leg| leg.write.clone()).collect();
        let Store { client, meter, .. } = self.store;
        let request = client.transact_write_items().set_transact_items(Some(writes));
        let request = request.client_request_token(token);
        let request = request.return_consumed_capacity(ReturnConsumedCapacity::Total);
        let sent = request.customize().interceptor(meter.clone()).send().await;
        meter.wrote(sent.map_err(|error| self.failure(error))?.consumed_capacity());
        Ok(())
    }

    fn failure(&self, error: SdkError<TransactWriteItemsError>) -> Failure {
        let meaning = match error.as_service_error() {
            Some(TransactWriteItemsError::TransactionCanceledException(canceled)) => {
                self.classify(canceled.cancellation_reasons())
            }
            _ => None,
        };
        meaning.unwrap_or_else(|| Failure::Fatal(StoreError::from(error).into()))
    }

    /// The reasons are those of the legs, in order. A condition that failed is the answer; without
    /// one the transaction met another, or was throttled.
    fn classify(&self, reasons: &[CancellationReason]) -> Option<Failure> {
        let mut again = None;
        for (leg, reason) in self.writes.iter().zip(reasons) {
            match (reason.code(), leg.conflict) {
                (Some("ConditionalCheckFailed"), Some(conflict)) => {
                    return Some(Failure::Fatal(conflict.into()));
                }
                (Some(code), _) if RETRYABLE.contains(&code) => {
                    again = Some(Failure::Retry(StoreError::busy(code).into()));
                }
                _ => {}
            }
        }
        again
    }
}

/// What DynamoDB knows the tries of one transaction by, for ten minutes.
fn token() -> Result<String, NoEntropy> {
    Ok(BASE64_URL_SAFE_NO_PAD.encode(random::bytes::<16>()?))
}

impl From<NoEntropy> for StoreError {
    fn from(error: NoEntropy) -> Self {
        Self::Refused { code: "no entropy".to_owned(), source: error.into() }
    }
}

impl From<BuildError> for StoreError {
    fn from(error: BuildError) -> Self {
        Self::Refused { code: "incomplete request".to_owned(), source: error.into() }
    }
}

#[cfg(test)]
mod tests;
