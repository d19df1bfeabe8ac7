//! Reset tokens: issued, checked and used.

use super::{
    Conflict, Key, PasswordChange, Store, StoreError, WriteError,
    audit::NewAuditEvent,
    batch_get::LoadedItems,
    expression::Expression,
    items::ResetItem,
    rate_limits::RateLimitQuery,
    sessions::generation_is,
    user_writes::{UserUpdate, version_is},
    write::Write,
};
use crate::{
    auth::{
        password_hash::PasswordHash,
        reset_token::{
            ForgotPasswordAttempt, NewPasswordReset, ResetAttempt, ResetGrant, ResetToken,
        },
        session::NewSession,
    },
    authorization::UserAccess,
    domain::{
        Action, AuditTarget, ClientNetworks, Email, PasswordReset, PasswordSetBy, RateLimit,
        RateLimits, SessionGeneration, TokenHash, User, UserId, WriteContext,
    },
};

impl Store {
    /// Issues a reset token. It replaces the previous one.
    ///
    /// # Errors
    ///
    /// Returns [`Conflict::StaleUser`] if the user has been deactivated or got another password
    /// since they were read, and [`Conflict::PreconditionFailed`].
    pub async fn issue_password_reset(
        &self,
        access: &UserAccess,
        action: Action,
        reset: &NewPasswordReset,
        context: &WriteContext,
    ) -> Result<(), WriteError> {
        let user = access.user();
        let is_valid = generation_is(reset.reset.generation);
        let condition = if access.preconditions().allows_retry() {
            is_valid.or_conflict(Conflict::StaleUser)
        } else {
            is_valid.and(version_is(user)).or_conflict(Conflict::PreconditionFailed)
        };
        let writes = vec![Write::check(&Key::user(user.id), condition), reset_put(reset)?];
        self.commit(writes, context, NewAuditEvent::on_user(action, user.id)).await
    }

    /// Reads the credentials of an email address, and the rate limits of reset emails.
    ///
    /// # Errors
    ///
    /// Returns an error if the table is unavailable.
    pub async fn forgot_password_attempt(
        &self,
        email: Email,
        client_ip: &str,
    ) -> Result<ForgotPasswordAttempt, StoreError> {
        let limits = RateLimitQuery::new(RateLimit::RESET_EMAIL_PER_EMAIL, &email.normalized())
            .and_per_network(RateLimit::RESET_EMAIL_PER_NETWORK, &ClientNetworks::of(client_ip));
        let keys = limits.keys().chain(Key::possible_credentials(&email)).collect();
        let mut items = self.read(keys).await?;
        let credentials = items.take_credentials(&email)?;
        let generation = credentials.as_ref().map(|found| found.generation).unwrap_or_default();
        let rate_limits = items.take_rate_limits(limits, generation)?;
        Ok(ForgotPasswordAttempt { email, credentials, rate_limits })
    }

    /// Issues a reset token for a reset email. Returns false if the user is deactivated or signs in
    /// with an identity provider.
    ///
    /// For an unknown email address it sends the same transaction for a decoy, whose check fails.
    ///
    /// # Errors
    ///
    /// Returns an error if the table is unavailable.
    pub async fn issue_forgotten_password_reset(
        &self,
        attempt: &ForgotPasswordAttempt,
        reset: &NewPasswordReset,
        context: &WriteContext,
    ) -> Result<bool, WriteError> {
        let user = attempt.credentials.as_ref().map(|credentials| credentials.user);
        let [user_key, reset_key] = match user {
            Some(user) => reset_keys(user),
            None => Key::decoy(&attempt.email),
        };
        let has_password = Expression::new("attribute_not_exists(#sso_source)");
        let condition = generation_is(reset.reset.generation).and(has_password);
        let writes = vec![
            Write::check(&user_key, condition.or_conflict(Conflict::StaleUser)),
            Write::put(&reset_key, &ResetItem::from(reset))?,
        ];
        let event = NewAuditEvent::new(Action::ForgotPassword, user.map(AuditTarget::User));
        match self.commit(writes, context, event).await {
            Ok(()) => Ok(true),
            Err(WriteError::Conflict(Conflict::StaleUser)) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Reads everything that the validity of a reset token depends on.
    ///
    /// # Errors
    ///
    /// Returns an error if the table is unavailable.
    pub async fn reset_attempt(&self, token: &str) -> Result<ResetAttempt, StoreError> {
        let token = ResetToken::parse(token);
        let mut items = match &token {
            Some(token) => self.read(reset_keys(token.user()).into()).await?,
            None => LoadedItems::default(),
        };
        items.take_reset_attempt(token)
    }

    /// Reads everything that the validity of a reset token depends on, and the rate limit of
    /// guesses.
    ///
    /// # Errors
    ///
    /// Returns an error if the table is unavailable.
    pub async fn throttled_reset_attempt(
        &self,
        token: &str,
        client_ip: &str,
    ) -> Result<(ResetAttempt, RateLimits), StoreError> {
        let token = ResetToken::parse(token);
        let limits = RateLimitQuery::per_network(RateLimit::PASSWORD_RESET_PER_NETWORK, client_ip);
        let keys = token.iter().flat_map(|token| reset_keys(token.user()));
        let mut items = self.read(keys.chain(limits.keys()).collect()).await?;
        let rate_limits = items.take_rate_limits(limits, SessionGeneration::default())?;
        Ok((items.take_reset_attempt(token)?, rate_limits))
    }

    /// Uses a reset token: replaces the password, revokes all sessions, creates a new session and
    /// records the sign-in, in one transaction.
    ///
    /// # Errors
    ///
    /// Returns [`Conflict::StaleReset`] if the token has become invalid since it was checked.
    pub async fn reset_password(
        &self,
        grant: &ResetGrant<'_>,
        hash: &PasswordHash,
        new_session: &NewSession,
        context: &WriteContext,
    ) -> Result<User, WriteError> {
        let password = PasswordChange {
            consumed_reset: Some(grant.hash()),
            ..PasswordChange::new(hash, Some(new_session))
        };
        let now = context.now();
        let next = |user: &User| {
            if !grant.reset().is_valid_for(user, now) {
                return Err(Conflict::StaleReset.into());
            }
            Ok(user.with_new_password(PasswordSetBy::Owner, now)?.with_login(now))
        };
        let update = UserUpdate::from_reset(grant, context).with_password(&password);
        self.update_with_retry(&update, next).await
    }
}

/// Stores the hash of a reset token.
pub(super) fn reset_put(reset: &NewPasswordReset) -> Result<Write, StoreError> {
    Write::put(&Key::reset(reset.token.user()), &ResetItem::from(reset))
}

/// The keys of the items that a reset token depends on: the user, and the stored hash.
fn reset_keys(user: UserId) -> [Key; 2] {
    [Key::user(user), Key::reset(user)]
}

impl LoadedItems {
    fn take_reset_attempt(
        &mut self,
        token: Option<ResetToken>,
    ) -> Result<ResetAttempt, StoreError> {
        let Some(id) = token.as_ref().map(ResetToken::user) else {
            return Ok(ResetAttempt { token, stored: None, user: None });
        };
        let stored: Option<ResetItem> = self.take("password reset", &Key::reset(id))?;
        let user = self.take_user(id)?;
        let stored: Option<(TokenHash, PasswordReset)> = stored.map(ResetItem::into);
        let stored = stored.filter(|(_, reset)| self.cutoff.admits_second(reset.issued_at()));
        Ok(ResetAttempt { token, stored, user })
    }
}
