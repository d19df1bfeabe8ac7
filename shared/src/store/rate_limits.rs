//! Counts of what is allowed only so often.

use super::{
    Conflict, Key, Store, StoreError, WriteError,
    batch_get::LoadedItems,
    expression::{Condition, Expression},
    items::RateLimitItem,
    transaction::Transaction,
};
use crate::domain::{Attempts, RateLimit, RetryAfter, Timestamp};

/// A limit, and how much of it was used when it was read.
#[derive(Debug)]
struct RateLimitState {
    key: Key,
    limit: RateLimit,
    attempts: Attempts,
}

/// The limits of one attempt, before they are read.
pub(super) struct RateLimitQuery {
    first: (RateLimit, Key),
    second: Option<(RateLimit, Key)>,
}

/// All limits that one attempt is held to.
#[derive(Debug)]
pub struct RateLimits {
    first: RateLimitState,
    second: Option<RateLimitState>,
}

impl RateLimits {
    /// Asks whether the attempt is allowed.
    ///
    /// # Errors
    ///
    /// The longest wait.
    pub fn check(&self, now: Timestamp) -> Result<(), RetryAfter> {
        let waits = self.iter().filter_map(|one| one.attempts.retry_after(one.limit, now));
        waits.max_by_key(|wait| wait.seconds).map_or(Ok(()), Err)
    }

    fn iter(&self) -> impl Iterator<Item = &RateLimitState> {
        std::iter::once(&self.first).chain(&self.second)
    }
}

impl Store {
    /// Counts an attempt against all its limits at the same time.
    ///
    /// Of attempts that were all begun before any was counted, no more are counted than are free; the
    /// others are told to wait, as if they had come later.
    ///
    /// # Errors
    ///
    /// [`Conflict::Throttled`]; or the table does not take it.
    pub async fn record_attempt(
        &self,
        throttles: &RateLimits,
        now: Timestamp,
    ) -> Result<(), WriteError> {
        let second = async {
            match &throttles.second {
                Some(throttle) => self.record_one(throttle, now).await,
                None => Ok(()),
            }
        };
        let counted = tokio::join!(self.record_one(&throttles.first, now), second);
        counted.0.and(counted.1)
    }

    /// The hour begins with the first attempt. One that is over but still in the table is replaced,
    /// unless another attempt has just done that.
    async fn record_one(
        &self,
        throttle: &RateLimitState,
        now: Timestamp,
    ) -> Result<(), WriteError> {
        let is_left_over = throttle.attempts.count > 0 && throttle.attempts.is_expired(now);
        if is_left_over && self.restart_window(throttle, now).await? {
            return Ok(());
        }
        let one_more = Expression::new(
            "SET #last_at = :now, #expires_at = if_not_exists(#expires_at, :end) ADD #attempts :one",
        );
        self.update(&throttle.key, bind(one_more, now), Some(throttle.still_allowed(now)))
            .await
            .map(drop)
    }

    async fn restart_window(
        &self,
        throttle: &RateLimitState,
        now: Timestamp,
    ) -> Result<bool, WriteError> {
        let first = Expression::new("SET #last_at = :now, #expires_at = :end, #attempts = :one");
        let seen = throttle.attempts.expires_at;
        let unchanged = Expression::new("#expires_at = :seen").number("seen", seen);
        let condition = unchanged.or_conflict(throttle.conflict());
        match self.update(&throttle.key, bind(first, now), Some(condition)).await {
            Ok(_) => Ok(true),
            Err(WriteError::Conflict(_)) => Ok(false),
            Err(error) => Err(error),
        }
    }
}

impl RateLimitState {
    /// Holds while the attempt is among the free ones, or no other was counted since it was allowed.
    /// A count that was over when it was read says nothing about the hour that has begun since.
    fn still_allowed(&self, now: Timestamp) -> Condition {
        let read = if self.attempts.is_expired(now) { 0 } else { self.attempts.count };
        Expression::new(
            "attribute_not_exists(#attempts) OR #attempts < :limit OR #attempts = :read \
             OR #expires_at <= :now",
        )
        .number("limit", self.limit.max_attempts)
        .number("read", read)
        .number("now", now.epoch_seconds())
        .or_conflict(self.conflict())
    }

    const fn conflict(&self) -> Conflict {
        Conflict::RateLimited(self.limit.action)
    }
}

impl Transaction<'_> {
    /// Asks once more whether the first limit allows the attempt, when it is written what it leads to.
    pub(super) fn check_rate_limit(
        self,
        throttles: &RateLimits,
        now: Timestamp,
    ) -> Result<Self, StoreError> {
        self.check(&throttles.first.key, throttles.first.still_allowed(now))
    }
}

impl RateLimitQuery {
    /// One limit, and whom it is for: an address in its folded form, a source, or an account's number.
    pub(super) fn new(limit: RateLimit, subject: &str) -> Self {
        Self { first: (limit, Key::rate_limit(limit, subject)), second: None }
    }

    /// Another limit of the same attempt.
    pub(super) fn and(self, limit: RateLimit, subject: &str) -> Self {
        Self { second: Some((limit, Key::rate_limit(limit, subject))), ..self }
    }

    /// What must be read.
    pub(super) fn keys(&self) -> impl Iterator<Item = Key> {
        std::iter::once(&self.first).chain(&self.second).map(|(_, key)| key.clone())
    }
}

impl LoadedItems {
    /// Takes the counts of all limits that are watched.
    pub(super) fn take_rate_limits(
        &mut self,
        watched: RateLimitQuery,
    ) -> Result<RateLimits, StoreError> {
        Ok(RateLimits {
            first: self.take_rate_limit(watched.first)?,
            second: watched.second.map(|second| self.take_rate_limit(second)).transpose()?,
        })
    }

    fn take_rate_limit(
        &mut self,
        (limit, key): (RateLimit, Key),
    ) -> Result<RateLimitState, StoreError> {
        let item: Option<RateLimitItem> = self.take("throttle", &key)?;
        let attempts = item.map_or_else(Attempts::default, |item| Attempts {
            count: item.attempts,
            last_at: item.last_at,
            expires_at: item.expires_at,
        });
        Ok(RateLimitState { key, limit, attempts })
    }
}

fn bind(expression: Expression, now: Timestamp) -> Expression {
    expression
        .number("now", now.epoch_seconds())
        .number("end", Attempts::window_end(now))
        .number("one", 1)
}
