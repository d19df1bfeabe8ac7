//! What requests make depend on entity tags and keys.

use serde_json::json;
use shared::http::{ApiError, Call};

use crate::{operation::Operation, response::ResponseObject};

impl Operation<'_> {
    /// Shows an account in the answer that was described last, and says in which state.
    pub(crate) fn with_etag(self) -> Self {
        self.last_response(|response| response.header("ETag", "AccountTag"))
    }

    /// Reads an account as the client may know it already.
    pub(crate) fn conditional_read(self) -> Self {
        let unchanged = ResponseObject::new("It is as the client knows it.");
        self.with_etag()
            .header("If-None-Match", "The tags of what is known already, or `*`.")
            .header("If-Match", "The tags of what alone is wanted, or `*`.")
            .with(304, unchanged.header("ETag", "AccountTag"))
            .error("outdated", ApiError::PreconditionFailed)
    }

    /// Changes an account, if the client wants so only while it is as it was read.
    pub(crate) fn conditional_write(self) -> Self {
        self.header(
            "If-Match",
            "The tags of states, one of which the account must be in, or `*`. Any `ETag` of the account will do, of whatever answer.",
        )
        .header("If-None-Match", "The tags of states that the account must not be in.")
        .error("outdated", ApiError::PreconditionFailed)
    }

    /// Is carried out once, however often it comes with one key.
    pub(crate) fn idempotent(self) -> Self {
        let header = json!({
            "description": "There when the request was carried out before, and this is the answer of that time.",
            "schema": { "type": "string", "const": "true" },
        });
        let again =
            self.last_response(|response| response.own_header("Idempotency-Replayed", header));
        again.keyed().paragraph(
            "With an `Idempotency-Key` it has one effect and, for a day, one answer, however often the request comes.",
        )
    }

    /// The same for an answer that has a secret, and is given once.
    pub(crate) fn idempotent_without_replay(self) -> Self {
        self.keyed().paragraph(
            "With an `Idempotency-Key` it has one effect, however often the request comes within a day. The answer has a secret \
            and is not kept: the same request is 409.",
        )
    }

    fn keyed(mut self) -> Self {
        self.parameters.push(json!({
            "name": "Idempotency-Key", "in": "header", "required": false,
            "description": "A text of the client's choice, best a new UUID, that belongs to this one request; quotation marks \
                around it do not count.",
            "schema": { "type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!#-~]([ -~]*[!-~])?$" },
            "example": "8e03978e-40d5-43dd-bc93-6894a57f9324",
        }));
        self.error("bad-key", ApiError::BadRequest(Call::INVALID_IDEMPOTENCY_KEY))
            .error("repeated", ApiError::AlreadyProcessed)
            .error("key-of-another-request", ApiError::IdempotencyKeyReused)
    }

    fn header(mut self, name: &str, description: &str) -> Self {
        self.parameters.push(json!({
            "name": name, "in": "header", "required": false, "description": description,
            "schema": { "type": "string" },
        }));
        self
    }
}
