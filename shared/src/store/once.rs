//! What is kept of a request with a key, in the transaction that carries it out (`docs/adr/0019`).

use serde::{Deserialize, Serialize};

use super::{
    Conflict, Found, Key, Store, StoreError, WriteError, expression::Expression,
    transaction::Transaction,
};
use crate::domain::{Earlier, Kept, Origin, Ticket, Timestamp};

/// How long a request is remembered, in seconds.
const DAY: i64 = 86_400;

/// A request that was carried out.
#[derive(Serialize, Deserialize)]
struct OnceItem {
    payload: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    answer: Option<AnswerItem>,
    expires_at: i64,
}

#[derive(Serialize, Deserialize)]
struct AnswerItem {
    status: u16,
    body: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    etag: Option<String>,
}

impl Transaction<'_> {
    /// The leg that lets nobody carry the request out again. It comes first: whatever else fails in
    /// the second of two, this is why.
    pub(super) fn once(self, origin: &Origin) -> Result<Self, StoreError> {
        let Some(once) = origin.once() else { return Ok(self) };
        let now = origin.arrival().at.epoch_seconds();
        let item = OnceItem {
            payload: once.ticket.payload().to_owned(),
            answer: once.answer.clone().map(AnswerItem::from),
            expires_at: now.saturating_add(DAY),
        };
        let forgotten =
            Expression::new("attribute_not_exists(pk) OR #expires_at <= :now").number("now", now);
        let condition = forgotten.guards_against(Conflict::Repeated);
        Ok(self.put(&Key::once(&once.ticket), &item, Some(condition))?.last_first())
    }
}

impl Store {
    /// Lets a request be carried out again, if it has a key: something that is no part of its
    /// transaction went wrong.
    ///
    /// # Errors
    ///
    /// When the table does not take it.
    pub async fn forget(&self, origin: &Origin) -> Result<(), WriteError> {
        let Some(once) = origin.once() else { return Ok(()) };
        let over = Expression::new("SET #expires_at = :now")
            .number("now", origin.arrival().at.epoch_seconds());
        self.update(&Key::once(&once.ticket), over, None).await.map(drop)
    }

    /// The same request, if it was carried out.
    pub(crate) async fn earlier(
        &self,
        ticket: &Ticket,
        now: Timestamp,
    ) -> Result<Option<Earlier>, StoreError> {
        self.read(vec![Key::once(ticket)]).await?.take_earlier(ticket, now)
    }
}

impl Found {
    /// The same request, if it was carried out and is not forgotten.
    pub(crate) fn take_earlier(
        &mut self,
        ticket: &Ticket,
        now: Timestamp,
    ) -> Result<Option<Earlier>, StoreError> {
        let item: Option<OnceItem> = self.take("once", &Key::once(ticket))?;
        let item = item.filter(|item| item.expires_at > now.epoch_seconds());
        Ok(item.map(|item| Earlier { payload: item.payload, answer: item.answer.map(Kept::from) }))
    }
}

impl From<Kept> for AnswerItem {
    fn from(kept: Kept) -> Self {
        Self { status: kept.status, body: kept.body, etag: kept.etag }
    }
}

impl From<AnswerItem> for Kept {
    fn from(item: AnswerItem) -> Self {
        Self { status: item.status, body: item.body, etag: item.etag }
    }
}
