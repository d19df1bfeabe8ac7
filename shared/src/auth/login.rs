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

impl<'a> Verified<'a> {
    /// Compares the password. Unknown address, wrong password and deactivated account all take one
    /// hash and all are `None`.
    ///
    /// # Errors
    ///
    /// When the hash cannot be computed.
    pub async fn check(
        attempt: &'a LoginAttempt,
        password: &SecretString,
    ) -> Result<Option<Self>, HashError> {
        let login = attempt.login();
        let verdict = hash::verify(password, login.and_then(|login| login.hash.as_ref())).await?;
        let Some(login) = login.filter(|login| login.enabled) else {
            return Ok(None);
        };
        Ok(match verdict {
            Verdict::Wrong => None,
            Verdict::Right => Some(Self { attempt, login, new_hash: None }),
            Verdict::RightButOutdated => {
                let new_hash = Some(hash::rehash(password).await?);
                Some(Self { attempt, login, new_hash })
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
