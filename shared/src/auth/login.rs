//! The proof that somebody knows a password.

use secrecy::SecretString;

use super::password_hash::{self, HashError, PasswordHash, PasswordMatch};
use crate::store::{Credentials, LoginAttempt};

/// Credentials whose password was right, of an account that was active.
#[derive(Debug)]
pub struct VerifiedCredentials<'a> {
    attempt: &'a LoginAttempt,
    login: &'a Credentials,
    new_hash: Option<PasswordHash>,
}

/// Why nobody is logged in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LoginRejection {
    /// Nobody has the address, or this is not the password.
    InvalidCredentials,
    /// This is the password, but the account is deactivated.
    UserDeactivated,
}

impl<'a> VerifiedCredentials<'a> {
    /// Compares the password. Unknown address, wrong password and deactivated account all take one
    /// hash.
    ///
    /// # Errors
    ///
    /// When the hash cannot be computed.
    pub async fn check(
        attempt: &'a LoginAttempt,
        password: &SecretString,
    ) -> Result<Result<Self, LoginRejection>, HashError> {
        let login = attempt.credentials();
        let verdict =
            password_hash::verify(password, login.and_then(|login| login.hash.as_ref())).await?;
        Ok(match (login, verdict) {
            (None, _) | (_, PasswordMatch::No) => Err(LoginRejection::InvalidCredentials),
            (Some(login), _) if !login.enabled => Err(LoginRejection::UserDeactivated),
            (Some(login), PasswordMatch::Yes) => Ok(Self { attempt, login, new_hash: None }),
            (Some(login), PasswordMatch::YesNeedsRehash) => {
                let new_hash = Some(password_hash::rehash(password).await?);
                Ok(Self { attempt, login, new_hash })
            }
        })
    }

    /// The credentials.
    #[must_use]
    pub const fn login(&self) -> &Credentials {
        self.login
    }

    pub(crate) const fn attempt(&self) -> &LoginAttempt {
        self.attempt
    }

    pub(crate) const fn new_hash(&self) -> Option<&PasswordHash> {
        self.new_hash.as_ref()
    }
}
