//! Idempotency records.

use std::ops::Not;

use serde::{Deserialize, Serialize};

use super::{
    Conflict, Key, LoadedItems, Store, StoreError, WriteError, expression::Expression, write::Write,
};
use crate::domain::{
    IdempotencyKey, IdempotencyRecord, Replay, StoredResponse, Timestamp, User, WriteContext,
};

/// The lifetime of a record in seconds.
const TTL_SECONDS: i64 = 86_400;

#[derive(Serialize, Deserialize)]
struct IdempotencyItem {
    payload: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    answer: Option<StoredResponseItem>,
    /// Whether a repetition gets a response from the present data.
    #[serde(default, skip_serializing_if = "Not::not")]
    render: bool,
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
    let answer = match &request.replay {
        Replay::Response(response) => Some(StoredResponseItem::from(response.clone())),
        Replay::Render | Replay::Refuse => None,
    };
    let item = IdempotencyItem {
        payload: request.key.fingerprint().to_owned(),
        answer,
        render: request.replay == Replay::Render,
        expires_at: now.saturating_add(TTL_SECONDS),
    };
    let is_free =
        Expression::new("attribute_not_exists(pk) OR #expires_at <= :now").number("now", now);
    let write = Write::put(&Key::idempotency(&request.key), &item)?;
    Ok(Some(write.only_if(is_free.or_conflict(Conflict::AlreadyProcessed))))
}

/// Replaces the record of a user's creation, if there is one, by a record without a response.
///
/// It is part of the anonymization. A repetition of the creation is then an error.
pub(super) fn record_erasure(
    before: &User,
    after: &User,
    now: Timestamp,
) -> Result<Option<Write>, StoreError> {
    let erased = before.creation_record.as_ref().filter(|_| after.creation_record.is_none());
    let item = IdempotencyItem {
        payload: String::new(),
        answer: None,
        render: false,
        expires_at: now.epoch_seconds().saturating_add(TTL_SECONDS),
    };
    erased.map(|id| Write::put(&Key::idempotency_record(id), &item)).transpose()
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
            replay: match item.answer {
                Some(response) => Replay::Response(response.into()),
                None if item.render => Replay::Render,
                None => Replay::Refuse,
            },
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
