//! Sessions: login, logout and lists.

use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use time::{OffsetDateTime, serde::rfc3339};

use crate::{Client, Credentials, Error, SessionId, UserId, operations as op, secret};

#[derive(Debug, Deserialize)]
pub(crate) struct NewSession {
    #[serde(deserialize_with = "secret::deserialize")]
    pub(crate) id: SecretString,
}

/// A valid session of a user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserSession {
    /// Session ID, for [`Client::revoke_session`].
    pub id: SessionId,
    /// Time of the login.
    #[serde(with = "rfc3339")]
    pub created_at: OffsetDateTime,
    /// Time of the expiry.
    #[serde(with = "rfc3339")]
    pub expires_at: OffsetDateTime,
    /// Program of the login.
    pub user_agent: Option<String>,
    /// Client IP of the login.
    pub ip_address: Option<String>,
    /// Whether it is the session of the request.
    pub is_current: bool,
}

/// A login of the current user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoginHistoryEntry {
    /// Time of the login.
    #[serde(with = "rfc3339")]
    pub timestamp: OffsetDateTime,
    /// Program of the login.
    pub device_description: Option<String>,
    /// Client IP of the login.
    pub ip_address: Option<String>,
}

#[derive(Serialize)]
struct Login<'a> {
    username: &'a str,
    #[serde(serialize_with = "secret::serialize")]
    password: &'a SecretString,
}

/// # Sessions
///
/// Every method returns an error if the service rejects the request or does not respond.
#[expect(clippy::missing_errors_doc, reason = "the same for all methods, see above")]
impl Client {
    /// Logs in and returns the session token. The request has no credentials, because a login with
    /// a session revokes that session. `POST /api/session`
    pub async fn login(
        &self,
        username: &str,
        password: &SecretString,
    ) -> Result<SecretString, Error> {
        let client = self.with_credentials(Credentials::None);
        Ok(client.request(op::LOGIN, &[]).json(&Login { username, password }).send().await?.id)
    }

    /// Revokes the session of the client. `DELETE /api/session`
    pub async fn logout(&self) -> Result<(), Error> {
        self.request(op::LOGOUT, &[]).done().await
    }

    /// Returns the logins of the current user with a valid session, newest first.
    /// `GET /api/login-history/current`
    pub async fn login_history(&self) -> Result<Vec<LoginHistoryEntry>, Error> {
        self.request(op::LIST_LOGIN_HISTORY, &[]).send().await
    }

    /// Returns the sessions of a user, newest first. `GET /api/user/{id}/sessions`
    pub async fn sessions(&self, id: UserId) -> Result<Vec<UserSession>, Error> {
        self.request(op::LIST_SESSIONS, &[&id]).send().await
    }

    /// Revokes all sessions of a user. `DELETE /api/user/{id}/sessions`
    pub async fn revoke_sessions(&self, id: UserId) -> Result<(), Error> {
        self.request(op::REVOKE_SESSIONS, &[&id]).done().await
    }

    /// Ends the waits after failed logins of a user. `DELETE /api/user/{id}/rate-limits`
    pub async fn release_rate_limits(&self, id: UserId) -> Result<(), Error> {
        self.request(op::RELEASE_RATE_LIMITS, &[&id]).done().await
    }

    /// Revokes one session of a user. `DELETE /api/user/{id}/sessions/{session}`
    pub async fn revoke_session(&self, id: UserId, session: &SessionId) -> Result<(), Error> {
        self.request(op::REVOKE_SESSION, &[&id, session]).done().await
    }
}
