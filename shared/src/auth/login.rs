//! The proof that somebody knows a password.

use secrecy::SecretString;

use super::hash::{self, HashError, PasswordHash, Verdict};
use crate::store::{Login, LoginAttempt};

/// Credentials whose password was right, of an account that was active.
#[derive(Debug)]
pub struct Verified<'a> {
    attempt: &'a LoginAttempt,
    login: &'a Login,
    new_hash: Option<PasswordHash>,
}

/// Why nobody is logged in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    /// Nobody has the address, or this is not the password.
    Wrong,
    /// This is the password, but the account is deactivated.
    Disabled,
}

impl<'a> Verified<'a> {
    /// Compares the password. Unknown address, wrong password and deactivated account all take one
    /// hash.
    ///
    /// # Errors
    ///
    /// When the hash cannot be computed.
    pub async fn check(
        attempt: &'a LoginAttempt,
        password: &SecretString,
    ) -> Result<Result<Self, Refused>, HashError> {
        let login = attempt.login();
        let verdict = hash::verify(password, login.and_then(|login| login.hash.as_ref())).await?;
        Ok(match (login, verdict) {
            (None, _) | (_, Verdict::Wrong) => Err(Refused::Wrong),
            (Some(login), _) if !login.enabled => Err(Refused::Disabled),
            (Some(login), Verdict::Right) => Ok(Self { attempt, login, new_hash: None }),
            (Some(login), Verdict::RightButOutdated) => {
                let new_hash = Some(hash::rehash(password).await?);
                Ok(Self { attempt, login, new_hash })
            }
        })
    }

    /// The credentials.
    #[must_use]
    pub const fn login(&self) -> &Login {
        self.login
    }

    pub(crate) const fn attempt(&self) -> &LoginAttempt {
        self.attempt
    }

    pub(crate) const fn new_hash(&self) -> Option<&PasswordHash> {
        self.new_hash.as_ref()
    }
}
