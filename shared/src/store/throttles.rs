//! Counts of what is allowed only so often.

use super::{
    Conflict, Key, Store, StoreError, WriteError,
    expression::{Condition, Expression},
    items::ThrottleItem,
    read::Found,
    transaction::Transaction,
};
use crate::domain::{Attempts, Limit, Timestamp, Wait};

/// A limit, and how much of it was used when it was read.
#[derive(Debug)]
struct Throttle {
    key: Key,
    limit: Limit,
    attempts: Attempts,
}

/// The limits of one attempt, before they are read.
pub(super) struct Watched {
    first: (Limit, Key),
    second: Option<(Limit, Key)>,
}

/// All limits that one attempt is held to.
#[derive(Debug)]
pub struct Throttles {
    first: Throttle,
    second: Option<Throttle>,
}

impl Throttles {
    /// Asks whether the attempt is allowed.
    ///
    /// # Errors
    ///
    /// The longest wait.
    pub fn check(&self, now: Timestamp) -> Result<(), Wait> {
        let waits = self.iter().filter_map(|one| one.attempts.wait(one.limit, now));
        waits.max_by_key(|wait| wait.seconds).map_or(Ok(()), Err)
    }

    fn iter(&self) -> impl Iterator<Item = &Throttle> {
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
    pub async fn count(&self, throttles: &Throttles, now: Timestamp) -> Result<(), WriteError> {
        let second = async {
            match &throttles.second {
                Some(throttle) => self.count_one(throttle, now).await,
                None => Ok(()),
            }
        };
        let counted = tokio::join!(self.count_one(&throttles.first, now), second);
        counted.0.and(counted.1)
    }

    /// The hour begins with the first attempt. One that is over but still in the table is replaced,
    /// unless another attempt has just done that.
    async fn count_one(&self, throttle: &Throttle, now: Timestamp) -> Result<(), WriteError> {
        let is_left_over = throttle.attempts.count > 0 && throttle.attempts.is_over(now);
        if is_left_over && self.restart(throttle, now).await? {
            return Ok(());
        }
        let one_more = Expression::new(
            "SET #last_at = :now, #expires_at = if_not_exists(#expires_at, :end) ADD #attempts :one",
        );
        self.update(&throttle.key, bind(one_more, now), Some(throttle.still_allows(now)))
            .await
            .map(drop)
    }

    async fn restart(&self, throttle: &Throttle, now: Timestamp) -> Result<bool, WriteError> {
        let first = Expression::new("SET #last_at = :now, #expires_at = :end, #attempts = :one");
        let seen = throttle.attempts.expires_at;
        let unchanged = Expression::new("#expires_at = :seen").number("seen", seen);
        let condition = unchanged.guards_against(throttle.conflict());
        match self.update(&throttle.key, bind(first, now), Some(condition)).await {
            Ok(_) => Ok(true),
            Err(WriteError::Conflict(_)) => Ok(false),
            Err(error) => Err(error),
        }
    }
}

impl Throttle {
    /// Holds while the attempt is among the free ones, or no other was counted since it was allowed.
    /// A count that was over when it was read says nothing about the hour that has begun since.
    fn still_allows(&self, now: Timestamp) -> Condition {
        let read = if self.attempts.is_over(now) { 0 } else { self.attempts.count };
        Expression::new(
            "attribute_not_exists(#attempts) OR #attempts < :limit OR #attempts = :read \
             OR #expires_at <= :now",
        )
        .number("limit", self.limit.free)
        .number("read", read)
        .number("now", now.epoch_seconds())
        .guards_against(self.conflict())
    }

    const fn conflict(&self) -> Conflict {
        Conflict::Throttled(self.limit.purpose)
    }
}

impl Transaction<'_> {
    /// Asks once more whether the first limit allows the attempt, when it is written what it leads to.
    pub(super) fn throttle(
        self,
        throttles: &Throttles,
        now: Timestamp,
    ) -> Result<Self, StoreError> {
        self.check(&throttles.first.key, throttles.first.still_allows(now))
    }
}

impl Watched {
    /// One limit, and whom it is for: an address in its folded form, a source, or an account's number.
    pub(super) fn new(limit: Limit, subject: &str) -> Self {
        Self { first: (limit, Key::throttle(limit, subject)), second: None }
    }

    /// Another limit of the same attempt.
    pub(super) fn and(self, limit: Limit, subject: &str) -> Self {
        Self { second: Some((limit, Key::throttle(limit, subject))), ..self }
    }

    /// What must be read.
    pub(super) fn keys(&self) -> impl Iterator<Item = Key> {
        std::iter::once(&self.first).chain(&self.second).map(|(_, key)| key.clone())
    }
}

impl Found {
    /// Takes the counts of all limits that are watched.
    pub(super) fn take_throttles(&mut self, watched: Watched) -> Result<Throttles, StoreError> {
        Ok(Throttles {
            first: self.take_throttle(watched.first)?,
            second: watched.second.map(|second| self.take_throttle(second)).transpose()?,
        })
    }

    fn take_throttle(&mut self, (limit, key): (Limit, Key)) -> Result<Throttle, StoreError> {
        let item: Option<ThrottleItem> = self.take("throttle", &key)?;
        let attempts = item.map_or_else(Attempts::default, |item| Attempts {
            count: item.attempts,
            last_at: item.last_at,
            expires_at: item.expires_at,
        });
        Ok(Throttle { key, limit, attempts })
    }
}

fn bind(expression: Expression, now: Timestamp) -> Expression {
    expression
        .number("now", now.epoch_seconds())
        .number("end", Attempts::window_end(now))
        .number("one", 1)
}
