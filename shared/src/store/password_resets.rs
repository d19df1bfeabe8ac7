//! Reset tokens: issued, checked and used.

use super::{
    Conflict, Key, PasswordChange, Store, StoreError, WriteError,
    audit::NewAuditEvent,
    batch_get::LoadedItems,
    expression::{Condition, Expression},
    items::{ResetItem, ResetsItem},
    rate_limits::RateLimitQuery,
    sessions::generation_is,
    user_writes::{UserUpdate, version_is},
    write::Write,
};
use crate::{
    auth::{
        login::Credentials,
        password_hash::PasswordHash,
        reset_token::{
            ForgotPasswordAttempt, NewPasswordReset, ResetAttempt, ResetGrant, ResetKind,
            ResetToken,
        },
        session::NewSession,
    },
    authorization::UserAccess,
    domain::{
        Action, AuditTarget, ClientNetworks, Email, Instance, PasswordSetBy, RateLimit, RateLimits,
        SessionGeneration, Timestamp, User, UserId, WriteContext,
    },
};

impl Store {
    /// Issues a reset token. It replaces the earlier ones of an administrator.
    ///
    /// # Errors
    ///
    /// Returns [`Conflict::StaleUser`] if the user has been deactivated or got another password
    /// since they were read, and [`Conflict::PreconditionFailed`].
    pub async fn issue_password_reset(
        &self,
        access: &UserAccess,
        reset: &NewPasswordReset,
        context: &WriteContext,
    ) -> Result<(), WriteError> {
        self.issue(access, Action::PasswordResetUrl, reset_put(reset)?, context).await
    }

    /// Issues the reset token of an invitation. The earlier one stays valid.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`Store::issue_password_reset`].
    pub async fn issue_invitation(
        &self,
        access: &UserAccess,
        reset: &NewPasswordReset,
        context: &WriteContext,
    ) -> Result<(), WriteError> {
        let key = Key::reset(reset.token.user());
        let write = Write::update(&key, ResetsItem::update(reset));
        self.issue(access, Action::SendInvite, write, context).await
    }

    async fn issue(
        &self,
        access: &UserAccess,
        action: Action,
        write: Write,
        context: &WriteContext,
    ) -> Result<(), WriteError> {
        let user = access.user();
        let writes = vec![Write::check(&Key::user(user.id), unchanged_since_read(access)), write];
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
        let generation = credentials.as_ref().map(Credentials::rate_limit_generation);
        let generation = generation.unwrap_or_default();
        let rate_limits = items.take_rate_limits(limits, generation)?;
        Ok(ForgotPasswordAttempt { email, credentials, rate_limits })
    }

    /// Reads the profile for a reset email, and the instance. For an unknown email address, it
    /// reads a decoy instead of the profile.
    ///
    /// # Errors
    ///
    /// Returns an error if the table is unavailable.
    pub async fn forgotten_profile(
        &self,
        attempt: &ForgotPasswordAttempt,
    ) -> Result<(Option<User>, Option<Instance>), StoreError> {
        let user = attempt.credentials.as_ref().map(|credentials| credentials.user);
        let [decoy, _] = Key::decoy(&attempt.email);
        let mut items = self.read(vec![user.map_or(decoy, Key::user), Key::instance()]).await?;
        let profile = user.map(|user| items.take_user(user)).transpose()?.flatten();
        Ok((profile, items.take_instance()?))
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
            Some(user) => [Key::user(user), Key::emailed_reset(user)],
            None => Key::decoy(&attempt.email),
        };
        let has_password = Expression::new("attribute_not_exists(#sso_source)");
        let condition = generation_is(reset.reset.generation).and(has_password);
        let writes = vec![
            Write::check(&user_key, condition.or_conflict(Conflict::StaleUser)),
            Write::update(&reset_key, ResetsItem::update(reset)),
        ];
        let event = NewAuditEvent::new(Action::ForgotPassword, user.map(AuditTarget::User));
        match self.commit(writes, context, event).await {
            Ok(()) => Ok(true),
            Err(WriteError::Conflict(Conflict::StaleUser)) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Withdraws the reset token of an email that the mail service did not take. The earlier token
    /// stays valid.
    ///
    /// # Errors
    ///
    /// Returns [`Conflict::StaleReset`] if another token has replaced it.
    pub async fn withdraw_password_reset(
        &self,
        kind: ResetKind,
        reset: &NewPasswordReset,
    ) -> Result<(), WriteError> {
        let hash = reset.token.hash();
        let is_last = Expression::new("#hash = :last").string("last", hash.as_str());
        let condition = is_last.or_conflict(Conflict::StaleReset);
        let key = reset_key(kind, reset.token.user());
        self.update(&key, ResetsItem::withdrawal(), Some(condition)).await.map(drop)
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

    /// Reads the credentials of the user of a reset token.
    ///
    /// # Errors
    ///
    /// Returns an error if the table is unavailable.
    pub async fn credentials_for_reset(
        &self,
        grant: &ResetGrant<'_>,
    ) -> Result<Option<Credentials>, StoreError> {
        let credentials = self.credentials(&grant.user().email).await?;
        Ok(credentials.filter(|found| found.user == grant.user().id))
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
            consumed_reset: Some(grant),
            ..PasswordChange::new(hash, Some(new_session))
        };
        let now = context.now();
        let next = |user: &User| {
            if !grant.reset().is_valid_for(user, now) {
                return Err(Conflict::StaleReset.into());
            }
            Ok(user.with_new_password(PasswordSetBy::Owner, now)?.with_login(now))
        };
        let update = UserUpdate::from_link(grant.user(), Action::ResetPassword, context)
            .with_password(&password);
        self.update_with_retry(&update, next).await
    }
}

/// Is true if the user is active and has the same password and sessions as when they were read.
/// With preconditions, nothing of the profile may have changed.
pub(super) fn unchanged_since_read(access: &UserAccess) -> Condition {
    let user = access.user();
    let is_valid = generation_is(user.generation);
    if access.preconditions().allows_retry() {
        is_valid.or_conflict(Conflict::StaleUser)
    } else {
        is_valid.and(version_is(user)).or_conflict(Conflict::PreconditionFailed)
    }
}

/// Stores the hash of a reset token.
pub(super) fn reset_put(reset: &NewPasswordReset) -> Result<Write, StoreError> {
    Write::put(&Key::reset(reset.token.user()), &ResetItem::from(reset))
}

/// The key of the reset tokens of one origin.
pub(super) fn reset_key(kind: ResetKind, user: UserId) -> Key {
    match kind {
        ResetKind::Given => Key::reset(user),
        ResetKind::Emailed => Key::emailed_reset(user),
    }
}

/// The keys of the items that a reset token depends on: the user, and the stored hashes.
fn reset_keys(user: UserId) -> [Key; 3] {
    [Key::user(user), Key::reset(user), Key::emailed_reset(user)]
}

impl LoadedItems {
    /// Takes the end of the valid links that an administrator has given or sent to a user.
    pub(crate) fn take_given_link_end(
        &mut self,
        user: &User,
        now: Timestamp,
    ) -> Result<Option<Timestamp>, StoreError> {
        let key = Key::reset(user.id);
        let item: Option<ResetsItem> = self.take("password reset", &key)?;
        let resets = item.into_iter().flat_map(ResetsItem::resets).map(|(_, reset)| reset);
        let valid = resets.filter(|reset| {
            reset.is_valid_for(user, now) && self.cutoff.admits_second(reset.issued_at())
        });
        Ok(valid.map(|reset| reset.expires_at).max().map(Timestamp::from_epoch_seconds))
    }

    fn take_reset_attempt(
        &mut self,
        token: Option<ResetToken>,
    ) -> Result<ResetAttempt, StoreError> {
        let Some(id) = token.as_ref().map(ResetToken::user) else {
            return Ok(ResetAttempt { token, stored: Vec::new(), user: None });
        };
        let mut stored = Vec::new();
        for kind in [ResetKind::Given, ResetKind::Emailed] {
            let item: Option<ResetsItem> = self.take("password reset", &reset_key(kind, id))?;
            let resets = item.into_iter().flat_map(ResetsItem::resets);
            stored.extend(resets.map(|(hash, reset)| (kind, hash, reset)));
        }
        stored.retain(|(_, _, reset)| self.cutoff.admits_second(reset.issued_at()));
        Ok(ResetAttempt { token, stored, user: self.take_user(id)? })
    }
}
