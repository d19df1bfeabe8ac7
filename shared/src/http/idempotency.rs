//! `Idempotency-Key`: a request that is sent again has one effect and one answer (`docs/adr/0019`).

use std::{borrow::Cow, future::Future};

use super::{ApiError, ApiResult, Call, Response};
use crate::{
    domain::{
        AuditContext, AuthMethod, IdempotencyKey, IdempotencyRecord, IdempotentRequest,
        StoredResponse, UserId,
    },
    store::LoadedItems,
};

/// The most characters of a key.
const MAX_KEY_LENGTH: usize = 255;

impl Call {
    /// What whoever sends a key that is none is told.
    pub const INVALID_IDEMPOTENCY_KEY: &'static str =
        "The Idempotency-Key must have 1 to 255 printable ASCII characters.";

    /// Carries out what the caller asks for, unless it was carried out before: then the answer is the
    /// one of that time.
    ///
    /// A refusal is looked into once more: it may be due to the same request, which came at the same
    /// time and was faster, or whose answer was lost on the way from the table.
    ///
    /// # Errors
    ///
    /// Those of the `work`; [`ApiError::OtherPayload`] when the key was used for another request, and
    /// [`ApiError::Repeated`] when the answer was not kept.
    pub async fn idempotent(
        &self,
        origin: &AuditContext,
        work: impl Future<Output = ApiResult>,
    ) -> ApiResult {
        let Some(once) = origin.idempotent_request() else { return work.await };
        if let Some(earlier) = &once.record {
            return replay(earlier, &once.key);
        }
        let answer = work.await;
        if answer.is_ok() {
            return answer;
        }
        match self.store().idempotency_record(&once.key, self.now()).await {
            Ok(Some(earlier)) => replay(&earlier, &once.key),
            Ok(None) | Err(_) => answer,
        }
    }

    /// Who asks, from where, and whether the same request was carried out before.
    pub(crate) fn audit_context(
        &self,
        user: UserId,
        via: AuthMethod,
        found: &mut LoadedItems,
    ) -> Result<AuditContext, ApiError> {
        let origin = AuditContext::new(Some(user), via, self.request_meta());
        let Some(ticket) = self.idempotency_key(user)? else { return Ok(origin) };
        let earlier = found.take_idempotency_record(&ticket, self.now())?;
        Ok(origin.with_idempotent_request(Some(IdempotentRequest {
            key: ticket,
            record: earlier,
            response: None,
        })))
    }

    /// The ticket of a request that has a key, if it is one that may do something twice.
    pub(crate) fn idempotency_key(&self, user: UserId) -> Result<Option<IdempotencyKey>, ApiError> {
        let Some(field) = self.header("idempotency-key").filter(|_| self.method() == "POST") else {
            return Ok(None);
        };
        let key = parse(field).ok_or(ApiError::BadRequest(Self::INVALID_IDEMPOTENCY_KEY))?;
        Ok(Some(IdempotencyKey::new(user, self.route(), &key, &self.payload())))
    }
}

fn replay(earlier: &IdempotencyRecord, ticket: &IdempotencyKey) -> ApiResult {
    if earlier.fingerprint != ticket.fingerprint() {
        return Err(ApiError::IdempotencyKeyReused);
    }
    let kept = earlier.response.clone();
    kept.map(Response::replayed).ok_or(ApiError::AlreadyProcessed)
}

impl From<&Response> for StoredResponse {
    fn from(reply: &Response) -> Self {
        let etag = reply.etag().map(str::to_owned);
        Self { status: reply.status, body: reply.body.clone(), etag }
    }
}

/// A key is a string of RFC 9651, in quotation marks; without them it is what it is.
fn parse(field: &str) -> Option<Cow<'_, str>> {
    let field = field.trim_matches([' ', '\t']);
    let key = if field.starts_with('"') { unquote(field)?.into() } else { field.into() };
    let is_printable = |key: &str| key.bytes().all(|byte| matches!(byte, b' '..=b'~'));
    Some(key)
        .filter(|key: &Cow<'_, str>| (1..=MAX_KEY_LENGTH).contains(&key.len()) && is_printable(key))
}

fn unquote(field: &str) -> Option<String> {
    let mut characters = field.strip_prefix('"')?.strip_suffix('"')?.chars();
    let mut key = String::new();
    while let Some(character) = characters.next() {
        key.push(match character {
            '"' => return None,
            '\\' => characters.next().filter(|escaped| matches!(escaped, '"' | '\\'))?,
            other => other,
        });
    }
    Some(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_come_with_and_without_quotation_marks() {
        for (field, key) in [
            ("8e03978e-40d5-43dd", "8e03978e-40d5-43dd"),
            (" \"8e03978e\" ", "8e03978e"),
            (r#""a\"b\\c d""#, r#"a"b\c d"#),
            ("a\"b", "a\"b"),
            ("a, b", "a, b"),
        ] {
            assert_eq!(parse(field).as_deref(), Some(key), "{field}");
        }
        assert!(parse(&"x".repeat(255)).is_some());
    }

    #[test]
    fn anything_else_is_no_key() {
        let long = "x".repeat(256);
        for field in
            ["", " ", "\"\"", "\"", "\"a", "\"a\"b", "\"a\"\"", r#""\a""#, "ä", "a\tb", &long]
        {
            assert_eq!(parse(field), None, "{field}");
        }
    }
}
