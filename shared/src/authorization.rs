//! Proofs that a caller may do something.
//!
//! Each write of the store takes a proof: a type of this module,
//! [`VerifiedCredentials`](crate::auth::login::VerifiedCredentials) or
//! [`ResetGrant`](crate::auth::reset_token::ResetGrant). Only the check itself creates one. A proof
//! describes the state at the time of authentication; `docs/adr/0008` explains why that is enough.

mod targets;

use secrecy::{ExposeSecret, SecretString};
use subtle::ConstantTimeEq;

use crate::domain::{
    ApiKeyValidity, DomainError, Email, Preconditions, RateLimits, SsoSource, Timestamp, User,
    UserId, UserPatch, WriteContext,
};

pub use targets::{Target, TargetUser};

/// The age in seconds at which a sign-in is no longer recent.
const RECENT_SIGN_IN: i64 = 600;

/// The reason why a caller may not do something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AuthzError {
    /// The caller lacks the permission.
    #[error("the caller lacks the permission")]
    Forbidden,
    /// The caller must change their password first.
    #[error("the caller must change their password first")]
    PasswordChangeRequired,
    /// The target of the request does not exist.
    #[error("the target does not exist")]
    NotFound,
    /// The target is Metabase's internal user, which does not exist here.
    #[error("the target is the internal user")]
    InternalUser,
    /// A field of the body names something that does not exist.
    #[error("the field {0} names something that does not exist")]
    UnknownReference(&'static str),
    /// The target does not meet the preconditions of the request.
    #[error("the target does not meet the preconditions")]
    PreconditionFailed,
    /// The setup token is wrong.
    #[error("the setup token is wrong")]
    WrongSetupToken,
}

/// A user with a valid session or API key, who may still have to change their password.
#[derive(Debug)]
pub struct AuthenticatedUser(Caller);

/// A user with a valid session or API key, and with the permissions of that user.
#[derive(Debug)]
pub struct Caller {
    user: User,
    credential: Credential,
    context: WriteContext,
}

/// The valid credential of a caller.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Credential {
    /// A session, with the second of its sign-in.
    Session { signed_in_at: i64 },
    /// An API key, with its conditions.
    ApiKey(ApiKeyValidity),
}

/// Proof that the caller is an administrator.
#[derive(Debug, Clone, Copy)]
pub struct Admin {
    id: UserId,
}

/// Proof that the caller may read and change one user: themselves, or any user as an administrator.
#[derive(Debug, Clone)]
pub struct UserAccess {
    user: User,
    preconditions: Preconditions,
    is_own: bool,
    is_admin: bool,
    /// The second of the caller's sign-in, if the caller has a session.
    signed_in_at: Option<i64>,
}

/// Proof that the client knows the setup token.
#[derive(Debug)]
pub struct SetupGrant<'a> {
    rate_limits: &'a RateLimits,
}

impl AuthenticatedUser {
    pub(crate) const fn new(user: User, credential: Credential, context: WriteContext) -> Self {
        Self(Caller { user, credential, context })
    }

    /// The user.
    #[must_use]
    pub const fn user(&self) -> &User {
        &self.0.user
    }

    /// The circumstances of the request's writes.
    #[must_use]
    pub const fn write_context(&self) -> &WriteContext {
        &self.0.context
    }

    /// Returns the caller.
    ///
    /// # Errors
    ///
    /// Returns [`AuthzError::PasswordChangeRequired`] if the user must change their password first.
    pub fn require_active_password(self) -> Result<Caller, AuthzError> {
        if self.user().must_change_password {
            return Err(AuthzError::PasswordChangeRequired);
        }
        Ok(self.0)
    }

    /// Proves access to a user whose password is to change. Users who must change their own
    /// password may do so.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`Caller::self_or_admin`], and
    /// [`AuthzError::PasswordChangeRequired`] for the password of another user.
    pub fn authorize_password_change(self, target: TargetUser) -> Result<UserAccess, AuthzError> {
        let is_own = target.id() == self.user().id;
        let caller = if is_own { self.0 } else { self.require_active_password()? };
        caller.self_or_admin(target)
    }
}

impl Caller {
    /// The user.
    #[must_use]
    pub const fn user(&self) -> &User {
        &self.user
    }

    /// The conditions of an API key secret that the caller creates now.
    ///
    /// Its owner is the caller, or the owner of the caller's API key. It expires with the caller's
    /// API key at the latest.
    #[must_use]
    pub fn new_key_validity(&self, expires_at: Option<Timestamp>) -> ApiKeyValidity {
        let now = self.context.now();
        let validity = match self.credential {
            Credential::Session { .. } => ApiKeyValidity::of_owner(&self.user, now),
            Credential::ApiKey(key) => ApiKeyValidity { issued_at: now, ..key },
        };
        validity.until(expires_at)
    }

    const fn signed_in_at(&self) -> Option<i64> {
        match self.credential {
            Credential::Session { signed_in_at } => Some(signed_in_at),
            Credential::ApiKey(_) => None,
        }
    }

    /// The circumstances of the request's writes.
    #[must_use]
    pub const fn write_context(&self) -> &WriteContext {
        &self.context
    }

    /// Proves that the caller is an administrator.
    ///
    /// # Errors
    ///
    /// Returns [`AuthzError::Forbidden`] if the caller is not an administrator.
    pub fn admin(&self) -> Result<Admin, AuthzError> {
        self.user.is_superuser().then_some(Admin { id: self.user.id }).ok_or(AuthzError::Forbidden)
    }

    /// Proves access of the caller to themselves.
    #[must_use]
    pub fn own_access(&self) -> UserAccess {
        UserAccess {
            user: self.user.clone(),
            preconditions: Preconditions::default(),
            is_own: true,
            is_admin: self.user.is_superuser(),
            signed_in_at: self.signed_in_at(),
        }
    }

    /// Proves access to a user.
    ///
    /// # Errors
    ///
    /// Returns [`AuthzError::Forbidden`] if the caller is neither the user nor an administrator,
    /// and [`AuthzError::NotFound`] or [`AuthzError::InternalUser`] if the user does not exist.
    pub fn self_or_admin(&self, target: TargetUser) -> Result<UserAccess, AuthzError> {
        let is_own = target.id() == self.user.id;
        let is_admin = self.user.is_superuser();
        if !is_own && !is_admin {
            return Err(AuthzError::Forbidden);
        }
        let (user, preconditions) = target.into_parts()?;
        let signed_in_at = self.signed_in_at();
        Ok(UserAccess { user, preconditions, is_own, is_admin, signed_in_at })
    }
}

impl Admin {
    /// Proof for the operator, whose program has direct access to the table. The feature `operator`
    /// keeps it out of the functions.
    #[cfg(feature = "operator")]
    #[must_use]
    pub const fn of_operator() -> Self {
        Self { id: UserId::INSTALLER }
    }

    /// Proves access to a user.
    #[must_use]
    pub fn access(&self, user: User) -> UserAccess {
        self.access_if(user, Preconditions::default())
    }

    fn access_if(self, user: User, preconditions: Preconditions) -> UserAccess {
        let is_own = user.id == self.id;
        UserAccess { user, preconditions, is_own, is_admin: true, signed_in_at: None }
    }
}

impl UserAccess {
    /// The user, as read at authentication.
    #[must_use]
    pub const fn user(&self) -> &User {
        &self.user
    }

    /// The preconditions of the request.
    pub(crate) const fn preconditions(&self) -> &Preconditions {
        &self.preconditions
    }

    /// Whether the user is the caller.
    #[must_use]
    pub const fn is_own(&self) -> bool {
        self.is_own
    }

    /// Whether the caller is an administrator.
    #[must_use]
    pub const fn is_admin(&self) -> bool {
        self.is_admin
    }

    /// Whether the caller signed in within the last ten minutes. An administrator's access to
    /// another user is never recent.
    #[must_use]
    pub fn is_recent(&self, now: Timestamp) -> bool {
        let age = self.signed_in_at.map(|at| now.epoch_seconds().saturating_sub(at));
        age.is_some_and(|seconds| seconds < RECENT_SIGN_IN)
    }

    /// The new email address of a patch, if the caller changes their own address and the identity
    /// provider does not manage it.
    #[must_use]
    pub fn own_new_email(&self, patch: &UserPatch) -> Option<Email> {
        let user = &self.user;
        let is_managed = user.sso_source.as_ref().is_some_and(SsoSource::owns_email);
        let is_permitted = self.is_own && (self.is_admin || !is_managed);
        let is_new = |email: &&Email| email.normalized() != user.email.normalized();
        patch.email.as_ref().filter(is_new).filter(|_| is_permitted).cloned()
    }

    /// Returns the user if they are an active person that meets the preconditions.
    ///
    /// The store checks again. This early check avoids hashing a password for a request that will
    /// fail.
    ///
    /// # Errors
    ///
    /// Returns [`AuthzError::NotFound`] for a deactivated user, and
    /// [`AuthzError::PreconditionFailed`].
    pub fn require_active(&self) -> Result<&User, AuthzError> {
        if !self.user.is_active_person() {
            return Err(AuthzError::NotFound);
        }
        if self.preconditions.are_met_by(&self.user) {
            Ok(&self.user)
        } else {
            Err(AuthzError::PreconditionFailed)
        }
    }

    /// Removes from a patch the fields that the caller may not change.
    pub(crate) fn authorize_patch(
        &self,
        patch: UserPatch,
        user: &User,
    ) -> Result<UserPatch, DomainError> {
        if self.is_admin { Ok(patch) } else { patch.restrict_to_owner(user) }
    }
}

impl<'a> SetupGrant<'a> {
    /// Compares the setup token in constant time.
    ///
    /// # Errors
    ///
    /// Returns [`AuthzError::WrongSetupToken`] if the tokens differ, or if the service has none.
    pub fn check(
        sent: &SecretString,
        expected: Option<&SecretString>,
        rate_limits: &'a RateLimits,
    ) -> Result<Self, AuthzError> {
        let is_equal = expected.is_some_and(|expected| {
            let [expected, sent] = [expected, sent].map(|text| text.expose_secret().as_bytes());
            expected.ct_eq(sent).into()
        });
        is_equal.then_some(Self { rate_limits }).ok_or(AuthzError::WrongSetupToken)
    }

    /// The rate limits to check again when the instance is set up.
    pub(crate) const fn rate_limits(&self) -> &RateLimits {
        self.rate_limits
    }
}
