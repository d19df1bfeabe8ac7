//! Counters of rate limits.

use futures_util::future::join_all;

use super::{
    Conflict, Key, Store, StoreError, WriteError,
    batch_get::LoadedItems,
    expression::{Condition, Expression},
    items::{self, RateLimitItem},
    write::Write,
};
use crate::domain::{
    Attempts, ClientNetworks, CountedFailure, RateLimit, RateLimitState, RateLimits,
    SessionGeneration, Timestamp,
};

/// The rate limits of an attempt, before their counters are read.
pub(super) struct RateLimitQuery {
    first: (RateLimit, String),
    others: Vec<(RateLimit, String)>,
}

impl RateLimitQuery {
    /// A limit for a subject: an email address, a network, a device or a user ID.
    pub(super) fn new(limit: RateLimit, subject: &str) -> Self {
        Self { first: (limit, subject.to_owned()), others: Vec::new() }
    }

    /// A limit for each network of a client IP.
    pub(super) fn per_network(limit: RateLimit, client_ip: &str) -> Self {
        let networks = ClientNetworks::of(client_ip);
        Self::new(limit, networks.smallest()).and_each(limit, networks.larger())
    }

    /// Adds a limit for a subject.
    pub(super) fn and(mut self, limit: RateLimit, subject: String) -> Self {
        self.others.push((limit, subject));
        self
    }

    /// Adds a limit for each network of a client IP.
    pub(super) fn and_per_network(self, limit: RateLimit, networks: &ClientNetworks) -> Self {
        self.and(limit, networks.smallest().to_owned()).and_each(limit, networks.larger())
    }

    fn and_each(self, limit: RateLimit, networks: &[(String, u32)]) -> Self {
        networks
            .iter()
            .fold(self, |query, (network, factor)| query.and(limit.times(*factor), network.clone()))
    }

    /// The keys of the counters.
    pub(super) fn keys(&self) -> impl Iterator<Item = Key> {
        let limits = std::iter::once(&self.first).chain(&self.others);
        limits.map(|(limit, subject)| Key::rate_limit(*limit, subject))
    }
}

impl Store {
    /// Counts an attempt against all its limits concurrently. Returns the new counts.
    ///
    /// Concurrent attempts cannot exceed a limit: attempts over the limit fail.
    ///
    /// # Errors
    ///
    /// Returns [`Conflict::RateLimited`] if a limit is exhausted, or an error if the table is
    /// unavailable.
    pub async fn record_attempt(
        &self,
        rate_limits: &RateLimits,
        now: Timestamp,
    ) -> Result<Vec<u32>, WriteError> {
        let counted = rate_limits.iter().map(|state| self.record_one(state, now));
        join_all(counted).await.into_iter().collect()
    }

    /// Counts a failed attempt against all its limits.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`Store::record_attempt`].
    pub async fn record_failure(
        &self,
        rate_limits: &RateLimits,
        now: Timestamp,
    ) -> Result<CountedFailure, WriteError> {
        Ok(rate_limits.compare(&self.record_attempt(rate_limits, now).await?))
    }

    async fn record_one(&self, state: &RateLimitState, now: Timestamp) -> Result<u32, WriteError> {
        if is_window_over(state, now) && self.restart_window(state, now).await? {
            return Ok(1);
        }
        let (increment, condition) = increment(state, now);
        let counted = self.update(&key(state), increment, Some(condition)).await?;
        let item: RateLimitItem = items::from_item("rate limit", counted)?;
        Ok(item.attempts)
    }

    /// Starts a new window if no concurrent attempt has done so. DynamoDB deletes expired items
    /// late.
    async fn restart_window(
        &self,
        state: &RateLimitState,
        now: Timestamp,
    ) -> Result<bool, WriteError> {
        let (restart, condition) = restart(state, now);
        match self.update(&key(state), restart, Some(condition)).await {
            Ok(_) => Ok(true),
            Err(WriteError::Conflict(_)) => Ok(false),
            Err(error) => Err(error),
        }
    }
}

/// A check that concurrent attempts have not exhausted the first limit since it was read.
///
/// The other limits are not checked again: users who share a network would wait for each other.
pub(super) fn rate_limit_check(rate_limits: &RateLimits, now: Timestamp) -> Write {
    Write::check(&key(&rate_limits.first), still_allowed(&rate_limits.first, now))
}

/// Counts an attempt against the first limit, as a part of the transaction that the limit is for.
pub(super) fn rate_limit_count(rate_limits: &RateLimits, now: Timestamp) -> Write {
    let state = &rate_limits.first;
    let is_over = is_window_over(state, now);
    let (update, condition) = if is_over { restart(state, now) } else { increment(state, now) };
    Write::update(&key(state), update).only_if(condition)
}

/// Whether the counter is one of an earlier window.
fn is_window_over(state: &RateLimitState, now: Timestamp) -> bool {
    state.attempts.count > 0 && state.is_over(now)
}

/// Adds an attempt to the window.
fn increment(state: &RateLimitState, now: Timestamp) -> (Expression, Condition) {
    let increment = Expression::new(
        "SET #last_at = :now, #expires_at = if_not_exists(#expires_at, :end), \
         #generation = if_not_exists(#generation, :generation) ADD #attempts :one",
    );
    (bind(increment, state, now), still_allowed(state, now))
}

/// Starts a new window, if the counter is as it was read.
fn restart(state: &RateLimitState, now: Timestamp) -> (Expression, Condition) {
    let restart = Expression::new(
        "SET #last_at = :now, #expires_at = :end, #attempts = :one, #generation = :generation",
    );
    let unchanged = Expression::new("#expires_at = :seen AND #attempts = :read")
        .number("seen", state.attempts.expires_at)
        .number("read", state.attempts.count);
    let condition = unchanged.or_conflict(Conflict::RateLimited(state.limit.action));
    (bind(restart, state, now), condition)
}

/// Is true if the counter is below the next wait, unchanged since it was read, or expired.
fn still_allowed(state: &RateLimitState, now: Timestamp) -> Condition {
    Expression::new(
        "attribute_not_exists(#attempts) OR #attempts < :next_wait OR #attempts = :read \
         OR #expires_at <= :now",
    )
    .number("next_wait", state.next_wait_at(now))
    .number("read", state.attempts.count)
    .number("now", now.epoch_seconds())
    .or_conflict(Conflict::RateLimited(state.limit.action))
}

fn key(state: &RateLimitState) -> Key {
    Key::rate_limit(state.limit, &state.subject)
}

impl LoadedItems {
    /// Takes the counters of rate limits. `generation` is that of the user's sessions, if the
    /// limits depend on a user.
    pub(super) fn take_rate_limits(
        &mut self,
        query: RateLimitQuery,
        generation: SessionGeneration,
    ) -> Result<RateLimits, StoreError> {
        let mut take = |limit| self.take_rate_limit(limit, generation);
        let first = take(query.first)?;
        let others = query.others.into_iter().map(take).collect::<Result<_, _>>()?;
        Ok(RateLimits { first, others })
    }

    fn take_rate_limit(
        &mut self,
        (limit, subject): (RateLimit, String),
        generation: SessionGeneration,
    ) -> Result<RateLimitState, StoreError> {
        let generation = limit.generation(generation);
        let key = Key::rate_limit(limit, &subject);
        let item: Option<RateLimitItem> = self.take("rate limit", &key)?;
        let attempts = item.map_or_else(Attempts::default, Attempts::from);
        Ok(RateLimitState { limit, subject, attempts, generation })
    }
}

impl From<RateLimitItem> for Attempts {
    fn from(item: RateLimitItem) -> Self {
        let RateLimitItem { attempts: count, last_at, expires_at, generation } = item;
        Self { count, last_at, expires_at, generation: SessionGeneration(generation) }
    }
}

fn bind(expression: Expression, state: &RateLimitState, now: Timestamp) -> Expression {
    expression
        .number("now", now.epoch_seconds())
        .number("end", Attempts::window_end(now))
        .number("generation", state.generation.0)
        .number("one", 1)
}
