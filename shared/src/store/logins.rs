//! Credentials by address, and the failures that throttle their guessing.

use super::{
    Conflict, Key, Store, StoreError, WriteError,
    expression::{Condition, Expression},
    items::{LoginItem, ThrottleItem},
    read::Found,
};
use crate::{
    auth::hash::PasswordHash,
    domain::{Email, Failures, FreeFailures, Generation, Timestamp, UserId, fold},
};

/// The credentials behind an address.
#[derive(Debug, Clone)]
pub struct Login {
    /// The address.
    pub email: Email,
    /// Whose it is.
    pub user: UserId,
    /// The password; without one nobody can log in with the address.
    pub hash: Option<PasswordHash>,
    /// Whether the account is active.
    pub enabled: bool,
    /// Which sessions of the account count.
    pub generation: Generation,
}

/// Somebody tries to log in.
#[derive(Debug)]
pub struct LoginAttempt {
    login: Option<Login>,
    throttles: [Throttle; 2],
}

/// The failures so far, as they were read.
#[derive(Debug)]
pub(super) struct Throttle {
    key: Key,
    limit: FreeFailures,
    failures: Failures,
}

impl LoginAttempt {
    /// The credentials that the user name names, if any.
    #[must_use]
    pub const fn login(&self) -> Option<&Login> {
        self.login.as_ref()
    }

    /// The seconds until an attempt is allowed, if it is not allowed now.
    #[must_use]
    pub fn wait(&self, now: Timestamp) -> Option<i64> {
        self.throttles.iter().filter_map(|one| one.failures.wait(one.limit, now)).max()
    }

    pub(super) const fn of_address(&self) -> &Throttle {
        let [address, _] = &self.throttles;
        address
    }
}

impl Store {
    /// Reads all that an attempt to log in depends on.
    ///
    /// # Errors
    ///
    /// When the table does not answer.
    pub async fn login_attempt(
        &self,
        username: &str,
        source: &str,
    ) -> Result<LoginAttempt, StoreError> {
        let email = Email::parse(username);
        let folded = email.as_ref().map_or_else(|| fold(username.trim()), Email::key);
        let address = Key::throttle_of_address(&folded);
        let source = Key::throttle_of_source(source);
        let login = email.as_ref().map(Key::login);
        let keys = login.into_iter().chain([address.clone(), source.clone()]).collect();
        let mut found = self.read(keys).await?;
        Ok(LoginAttempt {
            login: email.map(|email| found.take_login(email)).transpose()?.flatten(),
            throttles: [
                found.take_throttle(address, FreeFailures::ADDRESS)?,
                found.take_throttle(source, FreeFailures::SOURCE)?,
            ],
        })
    }

    /// The credentials behind an address.
    pub(super) async fn login(&self, email: &Email) -> Result<Option<Login>, StoreError> {
        self.read(vec![Key::login(email)]).await?.take_login(email.clone())
    }

    /// Counts a failure, for the address and for the source at the same time.
    ///
    /// Of attempts that were all begun before any failed, no more are counted than are free; the
    /// others are told to wait, as if they had come later.
    ///
    /// # Errors
    ///
    /// [`Conflict::Throttled`]; or the table does not take it.
    pub async fn record_failure(
        &self,
        attempt: &LoginAttempt,
        now: Timestamp,
    ) -> Result<(), WriteError> {
        let [address, source] = &attempt.throttles;
        let counted = tokio::join!(self.count(address, now), self.count(source, now));
        counted.0.and(counted.1)
    }

    /// The hour begins with the first failure. One that is over but still in the table is replaced,
    /// unless another failure has just done that.
    async fn count(&self, throttle: &Throttle, now: Timestamp) -> Result<(), WriteError> {
        let is_left_over = throttle.failures.count > 0 && throttle.failures.is_over(now);
        if is_left_over && self.restart(throttle, now).await? {
            return Ok(());
        }
        let one_more = Expression::new(
            "SET #last_at = :now, #expires_at = if_not_exists(#expires_at, :end) ADD #failures :one",
        );
        self.update(&throttle.key, bind(one_more, now), Some(throttle.still_allows(now)))
            .await
            .map(drop)
    }

    async fn restart(&self, throttle: &Throttle, now: Timestamp) -> Result<bool, WriteError> {
        let first = Expression::new("SET #last_at = :now, #expires_at = :end, #failures = :one");
        let seen = throttle.failures.expires_at;
        let unchanged = Expression::new("#expires_at = :seen").number("seen", seen);
        let condition = unchanged.guards_against(Conflict::Throttled);
        match self.update(&throttle.key, bind(first, now), Some(condition)).await {
            Ok(_) => Ok(true),
            Err(WriteError::Conflict(_)) => Ok(false),
            Err(error) => Err(error),
        }
    }
}

impl Throttle {
    /// Holds while the attempt is among the free ones, or no other has failed since it was allowed.
    /// A count that was over when it was read says nothing about the hour that has begun since.
    pub(super) fn still_allows(&self, now: Timestamp) -> Condition {
        let read = if self.failures.is_over(now) { 0 } else { self.failures.count };
        Expression::new(
            "attribute_not_exists(#failures) OR #failures < :limit OR #failures = :read \
             OR #expires_at <= :now",
        )
        .number("limit", self.limit.get())
        .number("read", read)
        .number("now", now.epoch_seconds())
        .guards_against(Conflict::Throttled)
    }

    pub(super) const fn key(&self) -> &Key {
        &self.key
    }
}

impl Found {
    fn take_login(&mut self, email: Email) -> Result<Option<Login>, StoreError> {
        let item: Option<LoginItem> = self.take("login", &Key::login(&email))?;
        item.map(|item| Login::try_from((email, item))).transpose()
    }

    fn take_throttle(&mut self, key: Key, limit: FreeFailures) -> Result<Throttle, StoreError> {
        let item: Option<ThrottleItem> = self.take("throttle", &key)?;
        let failures = item.map_or_else(Failures::default, |item| Failures {
            count: item.failures,
            last_at: item.last_at,
            expires_at: item.expires_at,
        });
        Ok(Throttle { key, limit, failures })
    }
}

impl TryFrom<(Email, LoginItem)> for Login {
    type Error = StoreError;

    fn try_from((email, item): (Email, LoginItem)) -> Result<Self, StoreError> {
        let user = UserId::try_from(item.user_id);
        Ok(Self {
            email,
            user: user.map_err(|error| StoreError::Malformed("login", error.into()))?,
            hash: item.password_hash.map(PasswordHash::stored),
            enabled: item.enabled,
            generation: Generation(item.generation),
        })
    }
}

/// Holds while the claim on an address is the account's, and its password the one that was read.
pub(super) fn unchanged_claim(user: UserId, generation: Generation) -> Condition {
    Expression::new("#user_id = :user AND #generation = :before")
        .number("user", user)
        .number("before", generation.0)
        .guards_against(Conflict::StaleLogin)
}

fn bind(expression: Expression, now: Timestamp) -> Expression {
    expression
        .number("now", now.epoch_seconds())
        .number("end", Failures::window_end(now))
        .number("one", 1)
}
