//! What requests make depend on entity tags and keys.

use serde_json::json;
use shared::http::{ApiError, Call};

use crate::{operation::Operation, response::Response};

impl Operation<'_> {
    /// Shows an account in the answer that was described last, and says in which state.
    pub(crate) fn tagged(self) -> Self {
        self.last(|response| response.header("ETag", "AccountTag"))
    }

    /// Reads an account as the client may know it already.
    pub(crate) fn conditional_read(self) -> Self {
        let unchanged = Response::new("It is as the client knows it.");
        self.tagged()
            .header("If-None-Match", "The tags of what is known already, or `*`.")
            .header("If-Match", "The tags of what alone is wanted, or `*`.")
            .with(304, unchanged.header("ETag", "AccountTag"))
            .refuses("outdated", ApiError::Outdated)
    }

    /// Changes an account, if the client wants so only while it is as it was read.
    pub(crate) fn conditional_write(self) -> Self {
        self.header(
            "If-Match",
            "The tags of states, one of which the account must be in, or `*`. Any `ETag` of the account will do, of whatever answer.",
        )
        .header("If-None-Match", "The tags of states that the account must not be in.")
        .refuses("outdated", ApiError::Outdated)
    }

    /// Is carried out once, however often it comes with one key.
    pub(crate) fn once(self) -> Self {
        let header = json!({
            "description": "There when the request was carried out before, and this is the answer of that time.",
            "schema": { "type": "string", "const": "true" },
        });
        let again = self.last(|response| response.own_header("Idempotency-Replayed", header));
        again.keyed().says(
            "With an `Idempotency-Key` it has one effect and, for a day, one answer, however often the request comes.",
        )
    }

    /// The same for an answer that has a secret, and is given once.
    pub(crate) fn once_and_never_again(self) -> Self {
        self.keyed().says(
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
        self.refuses("bad-key", ApiError::BadRequest(Call::BAD_KEY))
            .refuses("repeated", ApiError::Repeated)
            .refuses("key-of-another-request", ApiError::OtherPayload)
    }

    fn header(mut self, name: &str, description: &str) -> Self {
        self.parameters.push(json!({
            "name": name, "in": "header", "required": false, "description": description,
            "schema": { "type": "string" },
        }));
        self
    }
}
