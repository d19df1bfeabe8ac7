//! Who asks for something, and from where.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{IdempotentRequest, StoredResponse, Timestamp, UserId};

/// When and from where a request came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestMeta {
    /// When it arrived.
    pub at: Timestamp,
    /// The network address that the gateway saw.
    pub source_ip: String,
    /// The gateway's number for it.
    pub request_id: String,
}

/// What somebody proved who they are with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum AuthMethod {
    /// A session.
    Session,
    /// The key of a program.
    ApiKey,
    /// The token that sets the instance up.
    Setup,
    /// The token of a link for a new password.
    ResetToken,
    /// A secret of their own, as a password; or nothing yet, where one was wrong.
    #[serde(rename = "self")]
    Password,
}

/// Who asks, and from where. Only the check of a proof makes one, so that no change can be written of
/// which nobody knows whose it is.
#[derive(Debug, Clone)]
pub struct AuditContext {
    actor: Option<UserId>,
    method: AuthMethod,
    request: RequestMeta,
    idempotent_request: Option<IdempotentRequest>,
}

impl AuditContext {
    pub(crate) const fn new(actor: Option<UserId>, via: AuthMethod, arrival: RequestMeta) -> Self {
        Self { actor, method: via, request: arrival, idempotent_request: None }
    }

    /// The same for a request that is carried out once, or however often it comes.
    pub(crate) fn with_idempotent_request(self, once: Option<IdempotentRequest>) -> Self {
        Self { idempotent_request: once, ..self }
    }

    /// The same with the answer to keep, if the request has a key.
    pub(crate) fn with_response(&self, answer: impl Into<StoredResponse>) -> Self {
        let once = self
            .idempotent_request
            .clone()
            .map(|once| IdempotentRequest { response: Some(answer.into()), ..once });
        Self { idempotent_request: once, ..self.clone() }
    }

    /// The request, if it has a key.
    #[must_use]
    pub const fn idempotent_request(&self) -> Option<&IdempotentRequest> {
        self.idempotent_request.as_ref()
    }

    /// The account that asks; nobody's when a login failed.
    #[must_use]
    pub const fn actor(&self) -> Option<UserId> {
        self.actor
    }

    /// What it was proved with.
    #[must_use]
    pub const fn method(&self) -> AuthMethod {
        self.method
    }

    /// When and from where.
    #[must_use]
    pub const fn request(&self) -> &RequestMeta {
        &self.request
    }
}
