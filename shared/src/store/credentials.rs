//! Credentials by address.

use super::{
    Conflict, Key, RateLimits, Store, StoreError, WriteError,
    audit_write::NewAuditEvent,
    batch_get::LoadedItems,
    expression::{Condition, Expression},
    items::CredentialsItem,
    rate_limits::RateLimitQuery,
};
use crate::{
    auth::password_hash::PasswordHash,
    domain::{
        Action, AuditContext, AuditTarget, AuthMethod, Email, RateLimit, RequestMeta,
        SessionGeneration, Timestamp, UserId, case_fold,
    },
};

/// The credentials behind an address.
#[derive(Debug, Clone)]
pub struct Credentials {
    /// The address as the account has it, which is not always how it was spelled to find it.
    pub email: Email,
    /// Whose it is.
    pub user: UserId,
    /// The password; without one nobody can log in with the address.
    pub hash: Option<PasswordHash>,
    /// Whether the account is active.
    pub enabled: bool,
    /// Which sessions of the account count.
    pub generation: SessionGeneration,
}

/// Somebody tries to log in.
#[derive(Debug)]
pub struct LoginAttempt {
    credentials: Option<Credentials>,
    request: RequestMeta,
    /// First that of the address.
    rate_limits: RateLimits,
}

impl LoginAttempt {
    /// The credentials that the user name names, if any.
    #[must_use]
    pub const fn credentials(&self) -> Option<&Credentials> {
        self.credentials.as_ref()
    }

    /// The limits that the attempt is held to.
    #[must_use]
    pub const fn rate_limits(&self) -> &RateLimits {
        &self.rate_limits
    }

    /// Whoever tries it, once they are known.
    pub(super) fn audit_context(&self, actor: Option<UserId>) -> AuditContext {
        AuditContext::new(actor, AuthMethod::Password, self.request.clone())
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
        arrival: RequestMeta,
    ) -> Result<LoginAttempt, StoreError> {
        let email = Email::parse(username);
        let folded = email.as_ref().map_or_else(|| case_fold(username.trim()), Email::normalized);
        let watched = RateLimitQuery::new(RateLimit::LOGIN_PER_EMAIL, &folded)
            .and(RateLimit::LOGIN_PER_IP, &arrival.source_ip);
        let keys = email.as_ref().map(Key::credentials).into_iter().chain(watched.keys()).collect();
        let mut found = self.read(keys).await?;
        Ok(LoginAttempt {
            credentials: email.map(|email| found.take_credentials(&email)).transpose()?.flatten(),
            rate_limits: found.take_rate_limits(watched)?,
            request: arrival,
        })
    }

    /// The credentials behind an address.
    pub(super) async fn credentials(
        &self,
        email: &Email,
    ) -> Result<Option<Credentials>, StoreError> {
        self.read(vec![Key::credentials(email)]).await?.take_credentials(email)
    }

    /// Counts a failure against the limits of the attempt, and tells of it, at the same time.
    ///
    /// # Errors
    ///
    /// As [`Store::count`].
    pub async fn record_failed_login(
        &self,
        attempt: &LoginAttempt,
        now: Timestamp,
    ) -> Result<(), WriteError> {
        let origin = attempt.audit_context(None);
        let whose = attempt.credentials().map(|login| AuditTarget::User(login.user));
        let told =
            self.transaction().commit(NewAuditEvent::new(&origin, Action::FailedLogin, whose));
        let (counted, told) = tokio::join!(self.record_attempt(attempt.rate_limits(), now), told);
        counted.and(told)
    }
}

impl LoadedItems {
    pub(super) fn take_credentials(
        &mut self,
        email: &Email,
    ) -> Result<Option<Credentials>, StoreError> {
        let item: Option<CredentialsItem> = self.take("login", &Key::credentials(email))?;
        item.map(Credentials::try_from).transpose()
    }
}

impl TryFrom<CredentialsItem> for Credentials {
    type Error = StoreError;

    fn try_from(item: CredentialsItem) -> Result<Self, StoreError> {
        let user = UserId::try_from(item.user_id);
        Ok(Self {
            email: Email::from_stored(item.email),
            user: user.map_err(|error| StoreError::Malformed("login", error.into()))?,
            hash: item.password_hash.map(PasswordHash::from_stored),
            enabled: item.enabled,
            generation: SessionGeneration(item.generation),
        })
    }
}

/// Holds while the claim on an address is the account's, and its password the one that was read.
pub(super) fn credentials_unchanged(user: UserId, generation: SessionGeneration) -> Condition {
    Expression::new("#user_id = :user AND #generation = :before")
        .number("user", user)
        .number("before", generation.0)
        .or_conflict(Conflict::StaleCredentials)
}
