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
    domain::{Arrival, Expected, Origin, Refusal, User, UserId, UserPatch, Via},
    http::{ApiError, FieldErrors, Reply},
    store::Throttles,
};

pub use holder::Holder;
pub use targets::{ApiKeyTarget, GroupTarget, MembershipTarget, Named, Target};

/// Somebody with a session that counts, who may do what their rights are.
#[derive(Debug)]
pub struct Caller {
    user: User,
    /// Who answers for the API key that the caller came with.
    owner: Option<UserId>,
    origin: Origin,
}

/// Proof that the caller is an administrator.
#[derive(Debug, Clone)]
pub struct Admin {
    origin: Origin,
}

/// Proof that the caller may read and change one account: their own, or any as an administrator.
#[derive(Debug, Clone)]
pub struct Access {
    user: User,
    expected: Expected,
    origin: Origin,
    is_admin: bool,
}

/// Proof that the caller knows the setup token, and the limit of its guesses.
#[derive(Debug)]
pub struct SetupGrant<'a> {
    guesses: &'a Throttles,
    origin: Origin,
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
        guesses: &'a Throttles,
        arrival: Arrival,
    ) -> Result<Self, ApiError> {
        let token = settings.setup_token.as_ref();
        let equal = token.is_some_and(|token| {
            let [token, sent] = [token, sent].map(|text| text.expose_secret().as_bytes());
            token.ct_eq(sent).into()
        });
        let wrong = || ApiError::Rule(FieldErrors::one("token", Self::MISMATCH));
        let origin = Origin::new(Some(UserId::INSTALLER), Via::Setup, arrival);
        equal.then_some(Self { guesses, origin }).ok_or_else(wrong)
    }

    pub(crate) const fn guesses(&self) -> &Throttles {
        self.guesses
    }

    /// Who asks, and from where.
    pub(crate) const fn origin(&self) -> &Origin {
        &self.origin
    }
}

impl Caller {
    /// Who answers for what the caller does: of an API key the administrator who made it.
    #[must_use]
    pub fn responsible(&self) -> UserId {
        self.owner.unwrap_or(self.user.id)
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
    pub fn self_or_admin(&self, target: Target) -> Result<Access, ApiError> {
        let is_own = target.id == self.user.id;
        let is_admin = self.user.is_superuser();
        if !is_own && !is_admin {
            return Err(ApiError::Forbidden);
        }
        let user = target.user.ok_or(ApiError::NotFound)?;
        Ok(Access { user, expected: target.expected, origin: self.origin.clone(), is_admin })
    }
}

impl Admin {
    /// The same for a request that is going to be answered so; a request with a key keeps the answer.
    #[must_use]
    pub fn answering(&self, reply: &Reply) -> Self {
        Self { origin: self.origin.answering(reply) }
    }

    /// Access to an account in any state.
    fn access(&self, user: User) -> Access {
        let origin = self.origin.clone();
        Access { user, expected: Expected::default(), origin, is_admin: true }
    }

    /// Who asks, and from where.
    #[must_use]
    pub const fn origin(&self) -> &Origin {
        &self.origin
    }
}

impl Access {
    /// The account.
    #[must_use]
    pub const fn user(&self) -> &User {
        &self.user
    }

    /// The account, and the states in which the request wants to meet it.
    pub(crate) const fn known(&self) -> (&User, &Expected) {
        (&self.user, &self.expected)
    }

    /// The same for a request that is going to be answered so; a request with a key keeps the answer.
    #[must_use]
    pub fn answering(self, reply: &Reply) -> Self {
        Self { origin: self.origin.answering(reply), ..self }
    }

    /// The same for what may be done again, since it does no more then: an `Idempotency-Key` is ignored.
    #[must_use]
    pub fn repeatable(self) -> Self {
        Self { origin: self.origin.carried_out(None), ..self }
    }

    /// Who asks, and from where.
    #[must_use]
    pub const fn origin(&self) -> &Origin {
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
    pub fn active(&self) -> Result<&User, ApiError> {
        if !self.user.is_active_person() {
            return Err(ApiError::NotFound);
        }
        if self.expected.holds(&self.user) { Ok(&self.user) } else { Err(ApiError::Outdated) }
    }

    /// What is left of a patch after the caller's rights.
    ///
    /// # Errors
    ///
    /// See [`UserPatch::by_owner`].
    pub(crate) fn permit(&self, patch: UserPatch, user: &User) -> Result<UserPatch, Refusal> {
        if self.is_admin { Ok(patch) } else { patch.by_owner(user) }
    }
}
