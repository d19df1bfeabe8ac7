//! The limits of sessions that operators may set: an idle time-out and a maximum number.

use std::cmp::Reverse;

use serde::{Deserialize, Serialize};

use super::{
    ActiveSession, Key, LoadedItems, Store, StoreError, WriteError, expression::Expression,
    write::Write,
};
use crate::{
    auth::{session::NewSession, token::SessionToken},
    domain::{Session, Timestamp},
};

/// The seconds after the end of an unused session until DynamoDB may delete the record of its use.
const RETENTION: i64 = 86_400;

/// The maximum number of sessions that one login ends. A transaction has at most 100 items.
const MAX_SURPLUS: usize = 50;

/// The last recorded use of a session, in seconds since 1970.
#[derive(Serialize, Deserialize)]
struct SessionUseItem {
    last_used_at: i64,
    expires_at: i64,
}

impl Store {
    /// The key of the last use of a session, if there is an idle time-out.
    pub(crate) fn session_use_key(&self, token: &SessionToken) -> Option<Key> {
        self.session_idle.is_set().then(|| Key::session_use(&token.hash()))
    }

    /// The last use of a session, unless the idle time-out has ended it. A session without a record
    /// was last used at its creation.
    pub(crate) fn last_use(
        &self,
        token: &SessionToken,
        session: &Session,
        (items, now): (&mut LoadedItems, Timestamp),
    ) -> Result<Option<i64>, StoreError> {
        let Some(key) = self.session_use_key(token) else { return Ok(Some(session.created_at)) };
        let last = items.take_session_use(&key)?.unwrap_or(session.created_at);
        Ok((self.session_idle.ends_at(last) > now.epoch_seconds()).then_some(last))
    }

    /// Records the use of a session, at most once a minute, if there is an idle time-out.
    pub(crate) async fn record_session_use(
        &self,
        token: &SessionToken,
        last_used_at: i64,
        now: Timestamp,
    ) -> Result<(), WriteError> {
        let now = now.epoch_seconds();
        if !self.session_idle.records_use(last_used_at, now) {
            return Ok(());
        }
        let update = Expression::new("SET #last_used_at = :now, #expires_at = :end")
            .number("now", now)
            .number("end", self.session_idle.ends_at(now).saturating_add(RETENTION));
        self.update(&Key::session_use(&token.hash()), update, None).await.map(drop)
    }

    /// Removes the sessions that the idle time-out has ended.
    pub(super) async fn retain_used(
        &self,
        sessions: &mut Vec<ActiveSession>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        if !self.session_idle.is_set() {
            return Ok(());
        }
        let key = |one: &ActiveSession| one.use_key();
        let mut items = self.read_all(sessions.iter().filter_map(key).collect()).await?;
        let mut ended = Vec::new();
        for one in &*sessions {
            let last = one.use_key().map(|key| items.take_session_use(&key)).transpose()?.flatten();
            let last = last.unwrap_or(one.session.created_at);
            if self.session_idle.ends_at(last) <= now.epoch_seconds() {
                ended.push(one.id.clone());
            }
        }
        sessions.retain(|one| !ended.contains(&one.id));
        Ok(())
    }

    /// The deletions of the oldest sessions, so that the new one does not exceed the maximum. The
    /// transaction deletes the replaced sessions already.
    pub(super) async fn surplus_deletions(
        &self,
        new_session: &NewSession,
        replaced: &[SessionToken],
    ) -> Result<Vec<Write>, StoreError> {
        let Some(max) = self.max_sessions else { return Ok(Vec::new()) };
        let (generation, now) = (new_session.token.generation(), new_session.now.epoch_seconds());
        let mut sessions = self.stored_sessions(new_session.token.user()).await?;
        sessions.retain(|ActiveSession { session, .. }| {
            session.generation == generation && session.expires_at > now
        });
        sessions.retain(|one| !replaced.iter().any(|token| token.hash().id() == one.id));
        sessions.sort_by_key(|one| Reverse(one.session.created_at));
        let kept = usize::try_from(max.saturating_sub(1)).unwrap_or(usize::MAX);
        Ok(sessions.iter().skip(kept).take(MAX_SURPLUS).map(ActiveSession::deletion).collect())
    }
}

impl LoadedItems {
    fn take_session_use(&mut self, key: &Key) -> Result<Option<i64>, StoreError> {
        let item: Option<SessionUseItem> = self.take("session use", key)?;
        Ok(item.map(|item| item.last_used_at))
    }
}
