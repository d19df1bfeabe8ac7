//! Session credentials and the check of a session.

use super::token::{DeviceToken, SessionToken};
use crate::{
    domain::{Session, Timestamp, User, UserId},
    random::NoEntropy,
};

/// A session token together with the way in which the client sent it.
#[derive(Debug)]
pub(crate) enum SessionCredential {
    /// The header, which only a script of the same site can set.
    Header(SessionToken),
    /// The cookie, which a browser also sends with requests of other sites.
    Cookie(SessionToken),
}

impl SessionCredential {
    /// The token.
    pub(crate) const fn token(&self) -> &SessionToken {
        match self {
            Self::Header(token) | Self::Cookie(token) => token,
        }
    }

    /// Whether the browser may have sent the token without the user's intent.
    pub(crate) const fn is_cookie(&self) -> bool {
        matches!(self, Self::Cookie(_))
    }
}

/// A session to create.
#[derive(Debug)]
pub struct NewSession {
    /// The token for the client.
    pub token: SessionToken,
    /// The stored part of the session.
    pub session: Session,
    /// The token of the device, which is known from now on.
    pub device: DeviceToken,
    /// The time of creation.
    pub now: Timestamp,
}

impl NewSession {
    /// Creates a session of a user.
    ///
    /// # Errors
    ///
    /// Returns an error if the operating system has no random bytes.
    pub fn new(user: UserId, session: Session, now: Timestamp) -> Result<Self, NoEntropy> {
        let token = SessionToken::generate(user, session.generation)?;
        let device = DeviceToken::generate(user, session.generation)?;
        Ok(Self { token, session, device, now })
    }

    /// The same session on a device that is known already.
    #[must_use]
    pub fn on_device(self, known: Option<&DeviceToken>) -> Self {
        match known {
            Some(device) => Self { device: device.clone(), ..self },
            None => self,
        }
    }
}

/// Checks a session and its user, both as read from the table.
///
/// A session is valid if it is stored and unexpired, and if the user is active and has not revoked
/// the session's generation.
pub(crate) fn is_session_valid(
    token: &SessionToken,
    session: &Session,
    user: &User,
    (now, ttl_minutes): (Timestamp, u32),
) -> bool {
    session.is_unexpired(now, ttl_minutes)
        && user.is_active
        && user.generation == token.generation()
}
