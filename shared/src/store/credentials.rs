//! Credentials by email address.

use super::{
    Conflict, Key, Store, StoreError, WriteError,
    audit::NewAuditEvent,
    batch_get::LoadedItems,
    expression::{Condition, Expression},
    items::CredentialsItem,
    rate_limits::RateLimitQuery,
    write::Write,
};
use crate::{
    auth::{
        login::{Credentials, LoginAttempt},
        password_hash::PasswordHash,
    },
    domain::{
        Action, AuditTarget, Email, RateLimit, SessionGeneration, UserId, WriteContext, case_fold,
    },
};

impl Store {
    /// Reads the credentials of a user name, and the rate limits of sign-ins.
    ///
    /// # Errors
    ///
    /// Returns an error if the table is unavailable.
    pub async fn login_attempt(
        &self,
        username: &str,
        client_ip: &str,
    ) -> Result<LoginAttempt, StoreError> {
        let email = Email::parse(username);
        let normalized =
            email.as_ref().map_or_else(|| case_fold(username.trim()), Email::normalized);
        let limits = RateLimitQuery::new(RateLimit::LOGIN_PER_EMAIL, &normalized)
            .and(RateLimit::LOGIN_PER_IP, client_ip);
        let keys = email.iter().flat_map(Key::possible_credentials).chain(limits.keys());
        let mut items = self.read(keys.collect()).await?;
        Ok(LoginAttempt {
            credentials: email.map(|email| items.take_credentials(&email)).transpose()?.flatten(),
            rate_limits: items.take_rate_limits(limits)?,
        })
    }

    /// Reads the credentials of an email address.
    pub(super) async fn credentials(
        &self,
        email: &Email,
    ) -> Result<Option<Credentials>, StoreError> {
        self.read(Key::possible_credentials(email).collect()).await?.take_credentials(email)
    }

    /// Counts a failed sign-in, and records it in the audit log.
    ///
    /// # Errors
    ///
    /// Returns [`Conflict::RateLimited`] if concurrent attempts have exhausted the rate limit.
    pub async fn record_failed_login(
        &self,
        attempt: &LoginAttempt,
        context: &WriteContext,
    ) -> Result<(), WriteError> {
        let target = attempt.credentials.as_ref().map(|found| AuditTarget::User(found.user));
        let event = NewAuditEvent::new(Action::FailedLogin, target);
        let audit = self.commit(Vec::new(), context, event);
        let count = self.record_attempt(&attempt.rate_limits, context.now());
        let (counted, audited) = tokio::join!(count, audit);
        counted.and(audited)
    }
}

impl LoadedItems {
    /// Takes the ID of the owner of an email address.
    pub(crate) fn take_owner(&mut self, email: &Email) -> Result<Option<UserId>, StoreError> {
        Ok(self.take_credentials(email)?.map(|credentials| credentials.user))
    }

    pub(super) fn take_credentials(
        &mut self,
        email: &Email,
    ) -> Result<Option<Credentials>, StoreError> {
        let mut found = None;
        for key in Key::possible_credentials(email) {
            found = found.or(self.take::<CredentialsItem>("credentials", &key)?);
        }
        found.map(Credentials::try_from).transpose()
    }
}

/// Checks that no user of an earlier version has a new email address with the domain in Punycode.
/// `before` is the address that the new one replaces.
pub(super) fn earlier_form_check(
    email: &Email,
    before: Option<&Email>,
    taken: Conflict,
) -> Option<Write> {
    let earlier = email.earlier_form().filter(|earlier| Some(earlier) != before)?;
    let is_free = Expression::not_exists().or_conflict(taken);
    Some(Write::check(&Key::credentials(&earlier), is_free))
}

impl TryFrom<CredentialsItem> for Credentials {
    type Error = StoreError;

    fn try_from(item: CredentialsItem) -> Result<Self, StoreError> {
        let user = UserId::try_from(item.user_id);
        Ok(Self {
            email: Email::from_stored(item.email),
            user: user.map_err(|error| StoreError::Malformed("credentials", error.into()))?,
            hash: item.password_hash.map(PasswordHash::from_stored),
            enabled: item.enabled,
            generation: SessionGeneration(item.generation),
        })
    }
}

/// Is true if the credentials are those of a user, with the session generation that was read.
pub(super) fn credentials_unchanged(user: UserId, generation: SessionGeneration) -> Condition {
    Expression::new("#user_id = :user AND #generation = :before")
        .number("user", user)
        .number("before", generation.0)
        .or_conflict(Conflict::StaleCredentials)
}
