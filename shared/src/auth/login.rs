//! Sign-in with email address and password.

use secrecy::SecretString;

use super::{
    metabase_hash::BcryptCost,
    password_hash::{self, HashError, PasswordHash, PasswordMatch},
    token::DeviceToken,
};
use crate::domain::{Email, RateLimits, SessionGeneration, Timestamp, UserId};

/// The credentials stored for an email address.
#[derive(Debug, Clone)]
pub struct Credentials {
    /// The email address as the user has it. Lookups ignore case.
    pub email: Email,
    /// The user.
    pub user: UserId,
    /// The password hash; without one, no password signs the user in.
    pub hash: Option<PasswordHash>,
    /// The time at which the password was set; `None` if it is not known.
    pub password_set_at: Option<Timestamp>,
    /// Whether the user is active.
    pub enabled: bool,
    /// The generation of the user's valid sessions.
    pub generation: SessionGeneration,
    /// The number of times that an administrator has released the rate limits.
    pub releases: u32,
}

impl Credentials {
    /// The generation that failed attempts belong to. A new password and a release of the rate
    /// limits change it, so earlier attempts no longer count.
    #[must_use]
    pub const fn rate_limit_generation(&self) -> SessionGeneration {
        SessionGeneration(self.generation.0.saturating_add(self.releases))
    }
}

/// A sign-in attempt, with everything that was read for it.
#[derive(Debug)]
pub struct LoginAttempt {
    /// The credentials of the email address, if a user has it.
    pub credentials: Option<Credentials>,
    /// The token of the device, if it has signed in to the account before.
    pub device: Option<DeviceToken>,
    /// The rate limits: that of a known device; otherwise first that of the email address, then
    /// those of the client's networks.
    pub rate_limits: RateLimits,
    /// The cost of bcrypt that every attempt has, while the instance has passwords of Metabase.
    pub imported_cost: Option<BcryptCost>,
}

/// Proof that the client knows the password of an active user.
#[derive(Debug)]
pub struct VerifiedCredentials<'a> {
    credentials: &'a Credentials,
    attempt: &'a LoginAttempt,
    new_hash: Option<PasswordHash>,
}

/// The reason why a sign-in failed.
#[derive(Debug, thiserror::Error)]
pub enum LoginError {
    /// The email address is unknown, or the password is wrong.
    #[error("the credentials are invalid")]
    InvalidCredentials,
    /// The password is right, but the user is deactivated.
    #[error("the user is deactivated")]
    UserDeactivated,
    /// The password could not be hashed.
    #[error("the password could not be checked")]
    Hash(#[from] HashError),
}

impl<'a> VerifiedCredentials<'a> {
    /// Compares the password. An unknown email address, a wrong password and a deactivated user all
    /// cost one hash.
    ///
    /// # Errors
    ///
    /// Returns the reason why the sign-in failed.
    pub async fn check(
        attempt: &'a LoginAttempt,
        password: &SecretString,
    ) -> Result<Self, LoginError> {
        let credentials = attempt.credentials.as_ref();
        let hash = credentials.and_then(|credentials| credentials.hash.as_ref());
        let matched = password_hash::verify_like(password, hash, attempt.imported_cost).await?;
        let credentials = match (credentials, matched) {
            (None, _) | (_, PasswordMatch::No) => return Err(LoginError::InvalidCredentials),
            (Some(found), _) if !found.enabled => return Err(LoginError::UserDeactivated),
            (Some(found), _) => found,
        };
        let new_hash = match matched {
            PasswordMatch::YesNeedsRehash => Some(password_hash::rehash(password).await?),
            PasswordMatch::Yes | PasswordMatch::No => None,
        };
        Ok(Self { credentials, attempt, new_hash })
    }

    /// The credentials.
    #[must_use]
    pub const fn credentials(&self) -> &Credentials {
        self.credentials
    }

    /// The rate limits to check again when the session is created.
    pub(crate) const fn rate_limits(&self) -> &RateLimits {
        &self.attempt.rate_limits
    }

    /// The token of the device, if it has signed in to the account before.
    #[must_use]
    pub const fn device(&self) -> Option<&DeviceToken> {
        self.attempt.device.as_ref()
    }

    /// The hash to store instead of the old one, if the old one has outdated parameters or is of
    /// Metabase.
    pub(crate) const fn new_hash(&self) -> Option<&PasswordHash> {
        self.new_hash.as_ref()
    }
}
