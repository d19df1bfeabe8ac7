//! Credentials by email address.

use super::{
    Conflict, Key, Store, StoreError, WriteError,
    audit::NewAuditEvent,
    batch_get::LoadedItems,
    expression::{Condition, Expression},
    items::{CredentialsItem, DeviceItem},
    password_resets::unchanged_since_read,
    rate_limits::RateLimitQuery,
    write::Write,
};
use crate::{
    auth::{
        device::DeviceTokens,
        login::{Credentials, LoginAttempt},
        password_hash::PasswordHash,
        token::DeviceToken,
    },
    authorization::{Admin, UserAccess},
    domain::{
        Action, AuditTarget, ClientNetworks, CountedFailure, Email, RateLimit, SessionGeneration,
        Timestamp, UserId, WriteContext, case_fold,
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
        devices: &DeviceTokens,
        now: Timestamp,
    ) -> Result<LoginAttempt, StoreError> {
        let email = Email::parse(username);
        let normalized =
            email.as_ref().map_or_else(|| case_fold(username.trim()), Email::normalized);
        let limits = limits_of_unknown_device(&normalized, client_ip);
        let credentials_keys = email.iter().flat_map(Key::possible_credentials);
        let device_keys = devices.iter().flat_map(device_keys);
        let keys = credentials_keys.chain(limits.keys()).chain(device_keys);
        let mut items = self.read(keys.chain([Key::imported_passwords()]).collect()).await?;

        let credentials = email.map(|email| items.take_credentials(&email)).transpose()?.flatten();
        let device = match &credentials {
            Some(credentials) => items.take_known_device(devices, credentials, now)?,
            None => None,
        };
        let limits = device.as_ref().map_or(limits, limit_of_device);
        let generation = credentials.as_ref().map(Credentials::rate_limit_generation);
        let generation = generation.unwrap_or_default();
        let rate_limits = items.take_rate_limits(limits, generation)?;
        let imported_cost = items.take_imported_cost()?;
        Ok(LoginAttempt { credentials, device, rate_limits, imported_cost })
    }

    /// Reads the credentials of an email address.
    pub(super) async fn credentials(
        &self,
        email: &Email,
    ) -> Result<Option<Credentials>, StoreError> {
        self.read(Key::possible_credentials(email).collect()).await?.take_credentials(email)
    }

    /// Releases the rate limits of an email address: earlier attempts no longer count.
    ///
    /// Their counters depend on networks and devices that the service does not know. They contain
    /// the generation of their attempts, so another generation releases all of them.
    ///
    /// # Errors
    ///
    /// Returns [`Conflict::StaleUser`] if the user has been deactivated or got another password
    /// since they were read, and [`Conflict::PreconditionFailed`].
    pub async fn release_rate_limits(
        &self,
        _: &Admin,
        access: &UserAccess,
        context: &WriteContext,
    ) -> Result<(), WriteError> {
        let user = access.user();
        let release = Expression::new("ADD #releases :one").number("one", 1);
        let is_own = credentials_unchanged(user.id, user.generation);
        let writes = vec![
            Write::check(&Key::user(user.id), unchanged_since_read(access)),
            Write::update(&Key::credentials(&user.email), release).only_if(is_own),
        ];
        let event = NewAuditEvent::on_user(Action::ReleaseRateLimits, user.id);
        self.commit(writes, context, event).await
    }

    /// Counts a failed sign-in, and records it in the audit log. If it reaches a limit, another
    /// event says so.
    ///
    /// # Errors
    ///
    /// Returns [`Conflict::RateLimited`] if concurrent attempts have exhausted the rate limit.
    pub async fn record_failed_login(
        &self,
        attempt: &LoginAttempt,
        context: &WriteContext,
    ) -> Result<CountedFailure, WriteError> {
        let target = attempt.credentials.as_ref().map(|found| AuditTarget::User(found.user));
        let audit = |action| self.commit(Vec::new(), context, NewAuditEvent::new(action, target));
        let count = self.record_failure(&attempt.rate_limits, context.now());
        let (counted, audited) = tokio::join!(count, audit(Action::FailedLogin));
        let counted = counted?;
        audited?;
        if counted.reaches_limit {
            audit(Action::RateLimited).await?;
        }
        Ok(counted)
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
        let Some(credentials) = found.map(Credentials::try_from).transpose()? else {
            return Ok(None);
        };
        let is_valid = self.cutoff.admits(credentials.password_set_at);
        Ok(Some(Credentials { hash: credentials.hash.filter(|_| is_valid), ..credentials }))
    }

    /// Takes the device that has signed in to an account, and has not expired. A new password makes
    /// all devices unknown.
    fn take_known_device(
        &mut self,
        devices: &DeviceTokens,
        credentials: &Credentials,
        now: Timestamp,
    ) -> Result<Option<DeviceToken>, StoreError> {
        let (user, generation) = (credentials.user, credentials.generation);
        let mut tokens = devices.iter();
        let is_current =
            |token: &&DeviceToken| token.user() == user && token.generation() == generation;
        let Some(token) = tokens.find(is_current) else { return Ok(None) };
        let item: Option<DeviceItem> = self.take("device", &Key::device(token))?;
        let is_known = item.is_some_and(|item| item.expires_at > now.epoch_seconds());
        Ok(is_known.then(|| token.clone()))
    }
}

fn limits_of_unknown_device(username: &str, client_ip: &str) -> RateLimitQuery {
    let networks = ClientNetworks::of(client_ip);
    // An email address contains no space.
    let in_network = format!("{} {username}", networks.largest());
    RateLimitQuery::new(RateLimit::LOGIN_PER_EMAIL, username)
        .and(RateLimit::LOGIN_PER_EMAIL_IN_NETWORK, in_network)
        .and_per_network(RateLimit::LOGIN_PER_NETWORK, &networks)
}

fn limit_of_device(token: &DeviceToken) -> RateLimitQuery {
    RateLimitQuery::new(RateLimit::LOGIN_PER_DEVICE, token.hash().as_str())
}

fn device_keys(token: &DeviceToken) -> [Key; 2] {
    let hash = token.hash();
    [Key::device(token), Key::rate_limit(RateLimit::LOGIN_PER_DEVICE, hash.as_str())]
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
            password_set_at: item.password_set_at,
            enabled: item.enabled,
            generation: SessionGeneration(item.generation),
            releases: item.releases,
        })
    }
}

/// Is true if the credentials are those of a user, with the session generation that was read.
pub(super) fn credentials_unchanged(user: UserId, generation: SessionGeneration) -> Condition {
    credentials_are(user, generation).or_conflict(Conflict::StaleCredentials)
}

/// The expression of [`credentials_unchanged`].
pub(super) fn credentials_are(user: UserId, generation: SessionGeneration) -> Expression {
    Expression::new("#user_id = :user AND #generation = :before")
        .number("user", user)
        .number("before", generation.0)
}
