//! What is kept of a request with a key, in the transaction that carries it out (`docs/adr/0019`).

use serde::{Deserialize, Serialize};

use super::{
    Conflict, Key, LoadedItems, Store, StoreError, WriteError, expression::Expression,
    transaction::Transaction,
};
use crate::domain::{AuditContext, IdempotencyKey, IdempotencyRecord, StoredResponse, Timestamp};

/// How long a request is remembered, in seconds.
const DAY: i64 = 86_400;

/// A request that was carried out.
#[derive(Serialize, Deserialize)]
struct IdempotencyItem {
    payload: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    answer: Option<StoredResponseItem>,
    expires_at: i64,
}

#[derive(Serialize, Deserialize)]
struct StoredResponseItem {
    status: u16,
    body: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    etag: Option<String>,
}

impl Transaction<'_> {
    /// The leg that lets nobody carry the request out again. It comes first: whatever else fails in
    /// the second of two, this is why.
    pub(super) fn idempotency_write(self, origin: &AuditContext) -> Result<Self, StoreError> {
        let Some(once) = origin.idempotent_request() else { return Ok(self) };
        let now = origin.request().at.epoch_seconds();
        let item = IdempotencyItem {
            payload: once.key.fingerprint().to_owned(),
            answer: once.response.clone().map(StoredResponseItem::from),
            expires_at: now.saturating_add(DAY),
        };
        let forgotten =
            Expression::new("attribute_not_exists(pk) OR #expires_at <= :now").number("now", now);
        let condition = forgotten.or_conflict(Conflict::AlreadyProcessed);
        Ok(self.put(&Key::idempotency(&once.key), &item, Some(condition))?.prepend())
    }
}

impl Store {
    /// Lets a request be carried out again, if it has a key: something that is no part of its
    /// transaction went wrong.
    ///
    /// # Errors
    ///
    /// When the table does not take it.
    pub async fn release_idempotency_key(&self, origin: &AuditContext) -> Result<(), WriteError> {
        let Some(once) = origin.idempotent_request() else { return Ok(()) };
        let over = Expression::new("SET #expires_at = :now")
            .number("now", origin.request().at.epoch_seconds());
        self.update(&Key::idempotency(&once.key), over, None).await.map(drop)
    }

    /// The same request, if it was carried out.
    pub(crate) async fn idempotency_record(
        &self,
        ticket: &IdempotencyKey,
        now: Timestamp,
    ) -> Result<Option<IdempotencyRecord>, StoreError> {
        self.read(vec![Key::idempotency(ticket)]).await?.take_idempotency_record(ticket, now)
    }
}

impl LoadedItems {
    /// The same request, if it was carried out and is not forgotten.
    pub(crate) fn take_idempotency_record(
        &mut self,
        ticket: &IdempotencyKey,
        now: Timestamp,
    ) -> Result<Option<IdempotencyRecord>, StoreError> {
        let item: Option<IdempotencyItem> = self.take("once", &Key::idempotency(ticket))?;
        let item = item.filter(|item| item.expires_at > now.epoch_seconds());
        Ok(item.map(|item| IdempotencyRecord {
            fingerprint: item.payload,
            response: item.answer.map(StoredResponse::from),
        }))
    }
}

impl From<StoredResponse> for StoredResponseItem {
    fn from(kept: StoredResponse) -> Self {
        Self { status: kept.status, body: kept.body, etag: kept.etag }
    }
}

impl From<StoredResponseItem> for StoredResponse {
    fn from(item: StoredResponseItem) -> Self {
        Self { status: item.status, body: item.body, etag: item.etag }
    }
}
