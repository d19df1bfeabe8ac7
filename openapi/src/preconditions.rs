//! Conditional and idempotent requests.

use serde_json::json;
use shared::http::{ApiError, Call};

use crate::{Operation, parameters::Parameter, response::ResponseObject};

impl Operation<'_> {
    /// Adds the `ETag` of a user to the last response.
    #[must_use]
    pub fn with_etag(self) -> Self {
        self.last_response(|response| response.header("ETag", "UserETag"))
    }

    /// Allows `If-Match` and `If-None-Match` on a read of a user.
    #[must_use]
    pub fn conditional_read(self) -> Self {
        let unchanged = ResponseObject::new("The user has not changed.");
        self.with_etag()
            .header("If-None-Match", "ETags of the versions known to the client, or `*`.")
            .header("If-Match", "ETags of the accepted versions, or `*`.")
            .with(304, unchanged.header("ETag", "UserETag"))
            .error("precondition-failed", ApiError::PreconditionFailed)
    }

    /// Allows `If-Match` and `If-None-Match` on a change of a user.
    #[must_use]
    pub fn conditional_write(self) -> Self {
        self.header(
            "If-Match",
            "Required versions of the user, as ETags from any response with the user, or `*`.",
        )
        .header("If-None-Match", "Excluded versions of the user, as ETags.")
        .error("precondition-failed", ApiError::PreconditionFailed)
    }

    /// Allows an `Idempotency-Key`, with the stored response for a repeated request.
    #[must_use]
    pub fn idempotent(self) -> Self {
        let header = json!({
            "description": "Present on the stored response to an earlier request.",
            "schema": { "type": "string", "const": "true" },
        });
        let operation =
            self.last_response(|response| response.own_header("Idempotency-Replayed", header));
        operation.keyed().paragraph(
            "With an `Idempotency-Key`, repeated requests have one effect. For a day, each of them \
            gets the stored response.",
        )
    }

    /// Allows an `Idempotency-Key`, with 409 for a repeated request, because the response contains
    /// a secret.
    #[must_use]
    pub fn idempotent_without_replay(self) -> Self {
        self.keyed().paragraph(
            "With an `Idempotency-Key`, repeated requests have one effect within a day. The \
            response contains a secret and is not stored, so a repeated request returns 409.",
        )
    }

    fn keyed(mut self) -> Self {
        let description = "A key for this one request, for example a new UUID. Quotation marks \
            around it are ignored.";
        self.parameters.push(Parameter {
            schema: json!({
                "type": "string", "minLength": 1, "maxLength": 255,
                "pattern": "^[!#-~]([ -~]*[!-~])?$",
            }),
            example: Some(json!("8e03978e-40d5-43dd-bc93-6894a57f9324")),
            ..Parameter::header("Idempotency-Key", description)
        });
        self.error("invalid-key", ApiError::BadRequest(Call::INVALID_IDEMPOTENCY_KEY))
            .error("already-processed", ApiError::AlreadyProcessed)
            .error("key-reused", ApiError::IdempotencyKeyReused)
    }

    fn header(mut self, name: &str, description: &str) -> Self {
        self.parameters.push(Parameter::header(name, description));
        self
    }
}
