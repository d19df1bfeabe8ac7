//! The circumstances that a write records.

use super::{
    Actor, AuditContext, IdempotentRequest, Replay, RequestMeta, StoredResponse, Timestamp,
};

/// The circumstances of a write: actor, request, and the idempotency record to store with it.
///
/// An authorization proof shows that a caller may write. A write context contains the data that the
/// write records about the request. Each write of the store takes both.
#[derive(Debug, Clone)]
pub struct WriteContext {
    audit: AuditContext,
    idempotent_request: Option<IdempotentRequest>,
}

impl WriteContext {
    pub(crate) const fn new(Actor { id, method }: Actor, request: RequestMeta) -> Self {
        Self { audit: AuditContext { actor: id, method, request }, idempotent_request: None }
    }

    /// Adds the idempotent request that the write belongs to.
    pub(crate) fn with_idempotent_request(self, request: Option<IdempotentRequest>) -> Self {
        Self { idempotent_request: request, ..self }
    }

    /// Adds the response to store with the idempotency record, if the request has an idempotency
    /// key.
    ///
    /// Without a stored response, a repeated request gets an error instead of the first response.
    #[must_use]
    pub fn with_response(&self, response: impl Into<StoredResponse>) -> Self {
        self.with_replay(|| Replay::response(response.into()))
    }

    /// Lets a repeated request get a response from the present data, like this one.
    #[must_use]
    pub fn with_rendering(&self, response: impl Into<StoredResponse>) -> Self {
        self.with_replay(|| Replay::rendering(&response.into()))
    }

    fn with_replay(&self, replay: impl FnOnce() -> Replay) -> Self {
        let idempotent_request = self
            .idempotent_request
            .clone()
            .map(|request| IdempotentRequest { replay: replay(), ..request });
        Self { idempotent_request, ..self.clone() }
    }

    /// Drops the idempotent request. Use it for writes that may run twice without harm.
    #[must_use]
    pub fn without_idempotency(&self) -> Self {
        Self { idempotent_request: None, ..self.clone() }
    }

    /// The actor and the origin of the request.
    #[must_use]
    pub const fn audit(&self) -> &AuditContext {
        &self.audit
    }

    /// The idempotent request, if the request has an idempotency key.
    #[must_use]
    pub const fn idempotent_request(&self) -> Option<&IdempotentRequest> {
        self.idempotent_request.as_ref()
    }

    /// The time of the request.
    #[must_use]
    pub const fn now(&self) -> Timestamp {
        self.audit.request.at
    }
}
