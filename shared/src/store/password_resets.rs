//! Reset tokens that are given out.

use super::{
    Conflict, Credentials, Key, RateLimits, Store, StoreError, WriteError,
    audit_write::NewAuditEvent, expression::Expression, items::ResetItem,
    rate_limits::RateLimitQuery, reset_attempts::reset_keys, sessions::generation_is,
    transaction::Transaction, user_writes::version_is,
};
use crate::{
    auth::reset_token::ResetToken,
    authorization::UserAccess,
    domain::{
        Action, AuditContext, AuditTarget, AuthMethod, Email, PasswordReset, RateLimit,
        RequestMeta, SessionGeneration, Timestamp, User, UserId,
    },
    random::NoEntropy,
};

/// A reset token that is about to be given out.
#[derive(Debug)]
pub struct NewPasswordReset {
    /// What the account's owner is given.
    pub token: ResetToken,
    /// What is stored beside the token's hash.
    pub reset: PasswordReset,
}

impl NewPasswordReset {
    /// A new token for an account as it is.
    ///
    /// # Errors
    ///
    /// When the operating system has no random bytes.
    pub fn new(user: &User, now: Timestamp) -> Result<Self, NoEntropy> {
        let token = ResetToken::generate(user.id)?;
        Ok(Self { token, reset: PasswordReset::new(user.generation, &user.email, now) })
    }
}

/// Somebody says that they have forgotten the password of an address.
#[derive(Debug)]
pub struct ForgotPasswordAttempt {
    email: Email,
    login: Option<Credentials>,
    request: RequestMeta,
    rate_limits: RateLimits,
}

impl ForgotPasswordAttempt {
    /// The credentials behind the address, if anybody has it.
    #[must_use]
    pub const fn login(&self) -> Option<&Credentials> {
        self.login.as_ref()
    }

    /// The limits that asking is held to.
    #[must_use]
    pub const fn rate_limits(&self) -> &RateLimits {
        &self.rate_limits
    }

    /// A new token; of an address that nobody has, one that is never stored.
    ///
    /// # Errors
    ///
    /// When the operating system has no random bytes.
    pub fn new_reset(&self, now: Timestamp) -> Result<NewPasswordReset, NoEntropy> {
        let (user, generation, email) = match &self.login {
            Some(login) => (login.user, login.generation, &login.email),
            None => (UserId::INSTALLER, SessionGeneration::default(), &self.email),
        };
        let token = ResetToken::generate(user)?;
        Ok(NewPasswordReset { token, reset: PasswordReset::new(generation, email, now) })
    }
}

impl Store {
    /// Gives a token out; the one before it counts no longer.
    ///
    /// # Errors
    ///
    /// [`Conflict::StaleUser`] when the account has been deactivated, or given another password, since
    /// it was read; [`Conflict::Outdated`].
    pub async fn issue_password_reset(
        &self,
        access: &UserAccess,
        action: Action,
        permit: &NewPasswordReset,
    ) -> Result<(), WriteError> {
        let (user, expected) = access.target_and_preconditions();
        let deed = NewAuditEvent::on_user(access.origin(), action, user.id);
        let unrevoked = generation_is(permit.reset.generation);
        let condition = if expected.allows_retry() {
            unrevoked.or_conflict(Conflict::StaleUser)
        } else {
            unrevoked.and(version_is(user)).or_conflict(Conflict::PreconditionFailed)
        };
        self.transaction()
            .check(&Key::user(user.id), condition)?
            .put_password_reset(permit)?
            .commit(deed)
            .await
    }

    /// Reads what the address is, and how often it and the source have asked.
    ///
    /// # Errors
    ///
    /// When the table does not answer.
    pub async fn forgot_password_attempt(
        &self,
        email: Email,
        arrival: RequestMeta,
    ) -> Result<ForgotPasswordAttempt, StoreError> {
        let watched = RateLimitQuery::new(RateLimit::RESET_EMAIL_PER_EMAIL, &email.normalized())
            .and(RateLimit::RESET_EMAIL_PER_IP, &arrival.source_ip);
        let mut found =
            self.read(watched.keys().chain([Key::credentials(&email)]).collect()).await?;
        let login = found.take_credentials(&email)?;
        Ok(ForgotPasswordAttempt {
            email,
            login,
            request: arrival,
            rate_limits: found.take_rate_limits(watched)?,
        })
    }

    /// Gives a token out that its account's owner is sent, and says whether it was: an account that is
    /// deactivated, or that an identity provider signs in, gets none.
    ///
    /// For an address that nobody has the same is asked of an account that cannot be.
    ///
    /// # Errors
    ///
    /// When the table does not answer.
    pub async fn issue_forgotten_password_reset(
        &self,
        forgotten: &ForgotPasswordAttempt,
        permit: &NewPasswordReset,
    ) -> Result<bool, WriteError> {
        let [user, reset] = match &forgotten.login {
            Some(login) => reset_keys(login.user),
            None => Key::decoy(&forgotten.email),
        };
        let own = Expression::new("attribute_not_exists(#sso_source)");
        let unchanged = generation_is(permit.reset.generation).and(own);
        let origin = AuditContext::new(None, AuthMethod::Password, forgotten.request.clone());
        let whose = forgotten.login.as_ref().map(|login| AuditTarget::User(login.user));
        let given = self
            .transaction()
            .check(&user, unchanged.or_conflict(Conflict::StaleUser))?
            .put(&reset, &ResetItem::from(permit), None)?
            .commit(NewAuditEvent::new(&origin, Action::ForgotPassword, whose))
            .await;
        match given {
            Ok(()) => Ok(true),
            Err(WriteError::Conflict(Conflict::StaleUser)) => Ok(false),
            Err(error) => Err(error),
        }
    }
}

impl Transaction<'_> {
    /// Stores what there is to store of a token that is given out.
    pub(super) fn put_password_reset(self, permit: &NewPasswordReset) -> Result<Self, StoreError> {
        self.put(&Key::reset(permit.token.user()), &ResetItem::from(permit), None)
    }
}
