//! Credentials by address.

use super::{
    Conflict, Key, Store, StoreError, Throttles, WriteError,
    audit::Deed,
    expression::{Condition, Expression},
    items::LoginItem,
    read::Found,
    throttles::Watched,
};
use crate::{
    auth::hash::PasswordHash,
    domain::{
        Action, Arrival, Email, Generation, Limit, Origin, Subject, Timestamp, UserId, Via, fold,
    },
};

/// The credentials behind an address.
#[derive(Debug, Clone)]
pub struct Login {
    /// The address as the account has it, which is not always how it was spelled to find it.
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
    arrival: Arrival,
    /// First that of the address.
    throttles: Throttles,
}

impl LoginAttempt {
    /// The credentials that the user name names, if any.
    #[must_use]
    pub const fn login(&self) -> Option<&Login> {
        self.login.as_ref()
    }

    /// The limits that the attempt is held to.
    #[must_use]
    pub const fn throttles(&self) -> &Throttles {
        &self.throttles
    }

    /// Whoever tries it, once they are known.
    pub(super) fn origin(&self, actor: Option<UserId>) -> Origin {
        Origin::new(actor, Via::Own, self.arrival.clone())
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
        arrival: Arrival,
    ) -> Result<LoginAttempt, StoreError> {
        let email = Email::parse(username);
        let folded = email.as_ref().map_or_else(|| fold(username.trim()), Email::key);
        let watched = Watched::new(Limit::LOGINS_OF_ADDRESS, &folded)
            .and(Limit::LOGINS_FROM_SOURCE, &arrival.source_ip);
        let keys = email.as_ref().map(Key::login).into_iter().chain(watched.keys()).collect();
        let mut found = self.read(keys).await?;
        Ok(LoginAttempt {
            login: email.map(|email| found.take_login(&email)).transpose()?.flatten(),
            throttles: found.take_throttles(watched)?,
            arrival,
        })
    }

    /// The credentials behind an address.
    pub(super) async fn login(&self, email: &Email) -> Result<Option<Login>, StoreError> {
        self.read(vec![Key::login(email)]).await?.take_login(email)
    }

    /// Counts a failure against the limits of the attempt, and tells of it, at the same time.
    ///
    /// # Errors
    ///
    /// As [`Store::count`].
    pub async fn record_failure(
        &self,
        attempt: &LoginAttempt,
        now: Timestamp,
    ) -> Result<(), WriteError> {
        let origin = attempt.origin(None);
        let whose = attempt.login().map(|login| Subject::User(login.user));
        let told = self.transaction().commit(Deed::new(&origin, Action::FailedLogin, whose));
        let (counted, told) = tokio::join!(self.count(attempt.throttles(), now), told);
        counted.and(told)
    }
}

impl Found {
    pub(super) fn take_login(&mut self, email: &Email) -> Result<Option<Login>, StoreError> {
        let item: Option<LoginItem> = self.take("login", &Key::login(email))?;
        item.map(Login::try_from).transpose()
    }
}

impl TryFrom<LoginItem> for Login {
    type Error = StoreError;

    fn try_from(item: LoginItem) -> Result<Self, StoreError> {
        let user = UserId::try_from(item.user_id);
        Ok(Self {
            email: Email::stored(item.email),
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
