//! Credentials and sessions.

use serde::{Deserialize, Serialize};

use crate::{
    auth::password_hash::PasswordHash,
    domain::{ClientInfo, Session, SessionGeneration, Timestamp, User},
};

/// The credentials of a user: the uniqueness item of the email address, with the password hash.
#[derive(Serialize, Deserialize)]
pub(in crate::store) struct CredentialsItem {
    pub(in crate::store) user_id: u64,
    pub(in crate::store) email: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(in crate::store) password_hash: Option<String>,
    /// Absent in items of earlier releases.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(in crate::store) password_set_at: Option<Timestamp>,
    pub(in crate::store) enabled: bool,
    pub(in crate::store) generation: u32,
    /// Absent until an administrator releases the rate limits.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub(in crate::store) releases: u32,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
const fn is_zero(number: &u32) -> bool {
    *number == 0
}

/// A session. Its generation is for lists: authentication uses the generation in the token.
#[derive(Debug, Serialize, Deserialize)]
pub(in crate::store) struct SessionItem {
    #[serde(default)]
    generation: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    user_agent: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ip: Option<String>,
    created_at: i64,
    expires_at: i64,
}

impl CredentialsItem {
    pub(in crate::store) fn new(user: &User, password: Option<&PasswordHash>) -> Self {
        Self {
            user_id: user.id.get(),
            email: user.email.as_str().to_owned(),
            password_hash: password.map(|hash| hash.expose().to_owned()),
            password_set_at: password.map(|_| user.updated_at),
            enabled: user.is_active,
            generation: user.generation.0,
            releases: 0,
        }
    }
}

impl From<&Session> for SessionItem {
    fn from(session: &Session) -> Self {
        let ClientInfo { user_agent, ip_address } = session.client.clone();
        Self {
            generation: session.generation.0,
            user_agent,
            ip: ip_address,
            created_at: session.created_at,
            expires_at: session.expires_at,
        }
    }
}

impl From<SessionItem> for Session {
    fn from(item: SessionItem) -> Self {
        Self {
            generation: SessionGeneration(item.generation),
            client: ClientInfo { user_agent: item.user_agent, ip_address: item.ip },
            created_at: item.created_at,
            expires_at: item.expires_at,
        }
    }
}
