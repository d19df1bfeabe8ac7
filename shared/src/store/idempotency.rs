//! Idempotency records.

use serde::{Deserialize, Serialize};

use super::{
    Conflict, Key, LoadedItems, Store, StoreError, WriteError, expression::Expression, write::Write,
};
use crate::domain::{IdempotencyKey, IdempotencyRecord, StoredResponse, Timestamp, WriteContext};

/// The lifetime of a record in seconds.
const TTL_SECONDS: i64 = 86_400;

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

/// The write of the record, if the request has an idempotency key.
///
/// It comes first in its transaction. If two identical requests run concurrently, the loser gets
/// [`Conflict::AlreadyProcessed`] and not the conflict of a later write.
pub(super) fn idempotency_write(context: &WriteContext) -> Result<Option<Write>, StoreError> {
    let Some(request) = context.idempotent_request() else { return Ok(None) };
    let now = context.now().epoch_seconds();
    let item = IdempotencyItem {
        payload: request.key.fingerprint().to_owned(),
        answer: request.response.clone().map(StoredResponseItem::from),
        expires_at: now.saturating_add(TTL_SECONDS),
    };
    let is_free =
        Expression::new("attribute_not_exists(pk) OR #expires_at <= :now").number("now", now);
    let write = Write::put(&Key::idempotency(&request.key), &item)?;
    Ok(Some(write.only_if(is_free.or_conflict(Conflict::AlreadyProcessed))))
}

impl Store {
    /// Releases the idempotency key of a request whose effect did not happen after all.
    ///
    /// # Errors
    ///
    /// Returns an error if the table is unavailable.
    pub async fn release_idempotency_key(&self, context: &WriteContext) -> Result<(), WriteError> {
        let Some(request) = context.idempotent_request() else { return Ok(()) };
        let expire =
            Expression::new("SET #expires_at = :now").number("now", context.now().epoch_seconds());
        self.update(&Key::idempotency(&request.key), expire, None).await.map(drop)
    }

    /// Reads the record of an idempotency key.
    pub(crate) async fn idempotency_record(
        &self,
        key: &IdempotencyKey,
        now: Timestamp,
    ) -> Result<Option<IdempotencyRecord>, StoreError> {
        self.read(vec![Key::idempotency(key)]).await?.take_idempotency_record(key, now)
    }
}

impl LoadedItems {
    /// Takes the record of an idempotency key, if it has not expired.
    pub(crate) fn take_idempotency_record(
        &mut self,
        key: &IdempotencyKey,
        now: Timestamp,
    ) -> Result<Option<IdempotencyRecord>, StoreError> {
        let item: Option<IdempotencyItem> =
            self.take("idempotency record", &Key::idempotency(key))?;
        let item = item.filter(|item| item.expires_at > now.epoch_seconds());
        Ok(item.map(|item| IdempotencyRecord {
            fingerprint: item.payload,
            response: item.answer.map(StoredResponse::from),
        }))
    }
}

impl From<StoredResponse> for StoredResponseItem {
    fn from(response: StoredResponse) -> Self {
        Self { status: response.status, body: response.body, etag: response.etag }
    }
}

impl From<StoredResponseItem> for StoredResponse {
    fn from(item: StoredResponseItem) -> Self {
        Self { status: item.status, body: item.body, etag: item.etag }
    }
}
