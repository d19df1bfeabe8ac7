//! The origin of a request: time, client, actor and authentication method.

use serde::{Deserialize, Serialize};

use super::{Timestamp, UserId};

/// The time, the client IP and the ID of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestMeta {
    /// The time of arrival.
    pub at: Timestamp,
    /// The client IP as the gateway saw it.
    pub source_ip: String,
    /// The ID that the gateway gave the request.
    pub request_id: String,
}

/// The way in which the actor of a request authenticated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AuthMethod {
    /// A session.
    Session,
    /// An API key.
    ApiKey,
    /// The setup token.
    Setup,
    /// A password reset token.
    ResetToken,
    /// A token from an email about a new address.
    EmailToken,
    /// Direct access to the table, by the operator.
    Operator,
    /// The user's own password; also for attempts without valid credentials.
    #[serde(rename = "self")]
    Password,
}

/// The actor of a request: user and authentication method.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Actor {
    /// The user; `None` if no user was authenticated.
    pub id: Option<UserId>,
    /// The authentication method.
    pub method: AuthMethod,
}

/// The actor of a request, with the origin of the request. Each audit event records it.
#[derive(Debug, Clone)]
pub struct AuditContext {
    /// The user who acts; `None` if no user was authenticated.
    pub actor: Option<UserId>,
    /// The authentication method.
    pub method: AuthMethod,
    /// The origin of the request.
    pub request: RequestMeta,
}
