//! Proof that a caller may do something.
//!
//! A value of a type here, or of [`Verified`](crate::auth::login::Verified) or
//! [`ResetGrant`](crate::auth::reset::ResetGrant), is the only way to a change in the store, and the only way to such a value is the check that it stands for. What is proved
//! is what was so when the request was authenticated; `docs/adr/0008` says why that is enough.

mod holder;
mod targets;

use secrecy::{ExposeSecret, SecretString};
use subtle::ConstantTimeEq;

use crate::{
    config::Settings,
    domain::{
        AuditContext, AuthMethod, DomainError, Preconditions, RequestMeta, User, UserId, UserPatch,
    },
    http::{ApiError, FieldErrors, Response},
    store::RateLimits,
};

pub use holder::AuthenticatedUser;
pub use targets::{ReferencedUser, TargetApiKey, TargetGroup, TargetMembership, TargetUser};

/// Somebody with a session that counts, who may do what their rights are.
#[derive(Debug)]
pub struct Caller {
    user: User,
    /// Who answers for the API key that the caller came with.
    responsible_user: Option<UserId>,
    origin: AuditContext,
}

/// Proof that the caller is an administrator.
#[derive(Debug, Clone)]
pub struct Admin {
    origin: AuditContext,
}

/// Proof that the caller may read and change one account: their own, or any as an administrator.
#[derive(Debug, Clone)]
pub struct UserAccess {
    user: User,
    preconditions: Preconditions,
    origin: AuditContext,
    is_admin: bool,
}

/// Proof that the caller knows the setup token, and the limit of its guesses.
#[derive(Debug)]
pub struct SetupGrant<'a> {
    rate_limits: &'a RateLimits,
    origin: AuditContext,
}

impl<'a> SetupGrant<'a> {
    /// What whoever has another token is told.
    pub const MISMATCH: &'static str = "Token does not match the setup token.";

    /// Compares the token that was sent with the one that the operator chose, in constant time.
    ///
    /// # Errors
    ///
    /// [`ApiError::Rule`], also when the operator chose none.
    pub fn check(
        sent: &SecretString,
        settings: &Settings,
        guesses: &'a RateLimits,
        arrival: RequestMeta,
    ) -> Result<Self, ApiError> {
        let token = settings.setup_token.as_ref();
        let equal = token.is_some_and(|token| {
            let [token, sent] = [token, sent].map(|text| text.expose_secret().as_bytes());
            token.ct_eq(sent).into()
        });
        let wrong = || ApiError::RuleViolation(FieldErrors::single("token", Self::MISMATCH));
        let origin = AuditContext::new(Some(UserId::INSTALLER), AuthMethod::Setup, arrival);
        equal.then_some(Self { rate_limits: guesses, origin }).ok_or_else(wrong)
    }

    pub(crate) const fn rate_limits(&self) -> &RateLimits {
        self.rate_limits
    }

    /// Who asks, and from where.
    pub(crate) const fn origin(&self) -> &AuditContext {
        &self.origin
    }
}

impl Caller {
    /// Who answers for what the caller does: of an API key the administrator who made it.
    #[must_use]
    pub fn responsible_user(&self) -> UserId {
        self.responsible_user.unwrap_or(self.user.id)
    }

    /// The caller's own account.
    #[must_use]
    pub const fn user(&self) -> &User {
        &self.user
    }

    /// Asks for an administrator.
    ///
    /// # Errors
    ///
    /// [`ApiError::Forbidden`].
    pub fn admin(&self) -> Result<Admin, ApiError> {
        let admin = || Admin { origin: self.origin.clone() };
        self.user.is_superuser().then(admin).ok_or(ApiError::Forbidden)
    }

    /// Asks for the account's owner or an administrator.
    ///
    /// # Errors
    ///
    /// [`ApiError::Forbidden`], whether the account exists or not; [`ApiError::NotFound`] for an
    /// administrator.
    pub fn self_or_admin(&self, target: TargetUser) -> Result<UserAccess, ApiError> {
        let is_own = target.id == self.user.id;
        let is_admin = self.user.is_superuser();
        if !is_own && !is_admin {
            return Err(ApiError::Forbidden);
        }
        let user = target.user.ok_or(ApiError::NotFound)?;
        Ok(UserAccess {
            user,
            preconditions: target.preconditions,
            origin: self.origin.clone(),
            is_admin,
        })
    }
}

impl Admin {
    /// The same for a request that is going to be answered so; a request with a key keeps the answer.
    #[must_use]
    pub fn answering(&self, reply: &Response) -> Self {
        Self { origin: self.origin.with_response(reply) }
    }

    /// Access to an account in any state.
    fn access(&self, user: User) -> UserAccess {
        let origin = self.origin.clone();
        UserAccess { user, preconditions: Preconditions::default(), origin, is_admin: true }
    }

    /// Who asks, and from where.
    #[must_use]
    pub const fn origin(&self) -> &AuditContext {
        &self.origin
    }
}

impl UserAccess {
    /// The account.
    #[must_use]
    pub const fn user(&self) -> &User {
        &self.user
    }

    /// The account, and the states in which the request wants to meet it.
    pub(crate) const fn target_and_preconditions(&self) -> (&User, &Preconditions) {
        (&self.user, &self.preconditions)
    }

    /// The same for a request that is going to be answered so; a request with a key keeps the answer.
    #[must_use]
    pub fn answering(self, reply: &Response) -> Self {
        Self { origin: self.origin.with_response(reply), ..self }
    }

    /// The same for what may be done again, since it does no more then: an `Idempotency-Key` is ignored.
    #[must_use]
    pub fn repeatable(self) -> Self {
        Self { origin: self.origin.with_idempotent_request(None), ..self }
    }

    /// Who asks, and from where.
    #[must_use]
    pub const fn origin(&self) -> &AuditContext {
        &self.origin
    }

    /// Whether it is the caller's own.
    #[must_use]
    pub fn is_own(&self) -> bool {
        self.origin.actor() == Some(self.user.id)
    }

    /// Whether the caller is an administrator.
    #[must_use]
    pub const fn is_admin(&self) -> bool {
        self.is_admin
    }

    /// The account, if it is active and in a state in which the request wants to meet it. The store
    /// asks again; this saves who asks in vain a hash.
    ///
    /// # Errors
    ///
    /// [`ApiError::NotFound`], [`ApiError::Outdated`].
    pub fn require_active(&self) -> Result<&User, ApiError> {
        if !self.user.is_active_person() {
            return Err(ApiError::NotFound);
        }
        if self.preconditions.are_met_by(&self.user) {
            Ok(&self.user)
        } else {
            Err(ApiError::PreconditionFailed)
        }
    }

    /// What is left of a patch after the caller's rights.
    ///
    /// # Errors
    ///
    /// See [`UserPatch::by_owner`].
    pub(crate) fn authorize_patch(
        &self,
        patch: UserPatch,
        user: &User,
    ) -> Result<UserPatch, DomainError> {
        if self.is_admin { Ok(patch) } else { patch.restrict_to_owner(user) }
    }
}
