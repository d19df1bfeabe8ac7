//! Counters of rate limits.

use super::{
    Conflict, Key, Store, StoreError, WriteError,
    batch_get::LoadedItems,
    expression::{Condition, Expression},
    items::RateLimitItem,
    write::Write,
};
use crate::domain::{Attempts, RateLimit, RateLimitState, RateLimits, Timestamp};

/// The rate limits of an attempt, before their counters are read.
pub(super) struct RateLimitQuery {
    first: (RateLimit, String),
    second: Option<(RateLimit, String)>,
}

impl RateLimitQuery {
    /// A limit for a subject: an email address, a client IP or a user ID.
    pub(super) fn new(limit: RateLimit, subject: &str) -> Self {
        Self { first: (limit, subject.to_owned()), second: None }
    }

    /// Adds a second limit.
    pub(super) fn and(self, limit: RateLimit, subject: &str) -> Self {
        Self { second: Some((limit, subject.to_owned())), ..self }
    }

    /// The keys of the counters.
    pub(super) fn keys(&self) -> impl Iterator<Item = Key> {
        let limits = std::iter::once(&self.first).chain(&self.second);
        limits.map(|(limit, subject)| Key::rate_limit(*limit, subject))
    }
}

impl Store {
    /// Counts an attempt against all its limits concurrently.
    ///
    /// Concurrent attempts cannot exceed a limit: attempts over the limit fail.
    ///
    /// # Errors
    ///
    /// Returns [`Conflict::RateLimited`] if the limit is exhausted, or an error if the table is
    /// unavailable.
    pub async fn record_attempt(
        &self,
        rate_limits: &RateLimits,
        now: Timestamp,
    ) -> Result<(), WriteError> {
        let second = async {
            match &rate_limits.second {
                Some(state) => self.record_one(state, now).await,
                None => Ok(()),
            }
        };
        let (first, second) = tokio::join!(self.record_one(&rate_limits.first, now), second);
        first.and(second)
    }

    async fn record_one(&self, state: &RateLimitState, now: Timestamp) -> Result<(), WriteError> {
        let is_expired = state.attempts.count > 0 && state.attempts.is_expired(now);
        if is_expired && self.restart_window(state, now).await? {
            return Ok(());
        }
        let increment = Expression::new(
            "SET #last_at = :now, #expires_at = if_not_exists(#expires_at, :end) \
             ADD #attempts :one",
        );
        self.update(&key(state), bind(increment, now), Some(still_allowed(state, now)))
            .await
            .map(drop)
    }

    /// Starts a new window if no concurrent attempt has done so. DynamoDB deletes expired items
    /// late.
    async fn restart_window(
        &self,
        state: &RateLimitState,
        now: Timestamp,
    ) -> Result<bool, WriteError> {
        let restart = Expression::new("SET #last_at = :now, #expires_at = :end, #attempts = :one");
        let unchanged =
            Expression::new("#expires_at = :seen").number("seen", state.attempts.expires_at);
        let condition = unchanged.or_conflict(Conflict::RateLimited(state.limit.action));
        match self.update(&key(state), bind(restart, now), Some(condition)).await {
            Ok(_) => Ok(true),
            Err(WriteError::Conflict(_)) => Ok(false),
            Err(error) => Err(error),
        }
    }
}

/// A check that concurrent attempts have not exhausted the first limit since it was read.
///
/// The limit of the client IP is not checked again: users who share an IP would wait for each
/// other.
pub(super) fn rate_limit_check(rate_limits: &RateLimits, now: Timestamp) -> Write {
    Write::check(&key(&rate_limits.first), still_allowed(&rate_limits.first, now))
}

/// Is true if the counter is below the limit, unchanged since it was read, or expired.
fn still_allowed(state: &RateLimitState, now: Timestamp) -> Condition {
    let RateLimitState { limit, attempts, .. } = state;
    let read = if attempts.is_expired(now) { 0 } else { attempts.count };
    Expression::new(
        "attribute_not_exists(#attempts) OR #attempts < :limit OR #attempts = :read \
         OR #expires_at <= :now",
    )
    .number("limit", limit.max_attempts)
    .number("read", read)
    .number("now", now.epoch_seconds())
    .or_conflict(Conflict::RateLimited(limit.action))
}

fn key(state: &RateLimitState) -> Key {
    Key::rate_limit(state.limit, &state.subject)
}

impl LoadedItems {
    pub(super) fn take_rate_limits(
        &mut self,
        query: RateLimitQuery,
    ) -> Result<RateLimits, StoreError> {
        Ok(RateLimits {
            first: self.take_rate_limit(query.first)?,
            second: query.second.map(|second| self.take_rate_limit(second)).transpose()?,
        })
    }

    fn take_rate_limit(
        &mut self,
        (limit, subject): (RateLimit, String),
    ) -> Result<RateLimitState, StoreError> {
        let key = Key::rate_limit(limit, &subject);
        let item: Option<RateLimitItem> = self.take("rate limit", &key)?;
        let attempts = item.map_or_else(Attempts::default, |item| Attempts {
            count: item.attempts,
            last_at: item.last_at,
            expires_at: item.expires_at,
        });
        Ok(RateLimitState { limit, subject, attempts })
    }
}

fn bind(expression: Expression, now: Timestamp) -> Expression {
    expression
        .number("now", now.epoch_seconds())
        .number("end", Attempts::window_end(now))
        .number("one", 1)
}
