//! Idempotency keys: a repeated request has one effect and one response (`docs/adr/0019`).

use std::{borrow::Cow, future::Future};

use super::Call;
use crate::{
    domain::{
        IdempotencyKey, IdempotencyRecord, IdempotentRequest, StoredResponse, UserId, WriteContext,
    },
    http::{ApiError, ApiResult, Response},
    store::LoadedItems,
};

/// The maximum length of a key in characters.
const MAX_KEY_LENGTH: usize = 255;

impl Call {
    /// The error message for a malformed `Idempotency-Key`.
    pub const INVALID_IDEMPOTENCY_KEY: &'static str =
        "The Idempotency-Key must have 1 to 255 printable ASCII characters.";

    /// Runs `work` unless an earlier request with the same key succeeded. Then it returns the
    /// earlier response.
    ///
    /// After an error it looks for the record again: a concurrent request with the same key may
    /// have committed, or the response of the table may have been lost.
    ///
    /// # Errors
    ///
    /// Returns the errors of `work`, [`ApiError::IdempotencyKeyReused`] if the key belongs to
    /// another request, and [`ApiError::AlreadyProcessed`] if the earlier response was not stored.
    pub async fn idempotent(
        &self,
        context: &WriteContext,
        work: impl Future<Output = ApiResult>,
    ) -> ApiResult {
        let Some(request) = context.idempotent_request() else { return work.await };
        if let Some(record) = &request.record {
            return replay(record, &request.key);
        }
        let result = work.await;
        if result.is_ok() {
            return result;
        }
        match self.store().idempotency_record(&request.key, self.now()).await {
            Ok(Some(record)) => replay(&record, &request.key),
            Ok(None) | Err(_) => result,
        }
    }

    /// Adds to a write context the idempotent request and the record of an earlier one.
    pub(super) fn with_idempotent_request(
        &self,
        context: WriteContext,
        user: UserId,
        items: &mut LoadedItems,
    ) -> Result<WriteContext, ApiError> {
        let Some(key) = self.idempotency_key(user)? else { return Ok(context) };
        let record = items.take_idempotency_record(&key, self.now())?;
        let request = IdempotentRequest { key, record, response: None };
        Ok(context.with_idempotent_request(Some(request)))
    }

    /// The idempotency key of a POST request, if it has one.
    pub(super) fn idempotency_key(&self, user: UserId) -> Result<Option<IdempotencyKey>, ApiError> {
        let Some(field) = self.header("idempotency-key").filter(|_| self.method() == "POST") else {
            return Ok(None);
        };
        let key = parse(field).ok_or(ApiError::BadRequest(Self::INVALID_IDEMPOTENCY_KEY))?;
        Ok(Some(IdempotencyKey::new(user, self.route(), &key, &self.payload())))
    }
}

fn replay(record: &IdempotencyRecord, key: &IdempotencyKey) -> ApiResult {
    if record.fingerprint != key.fingerprint() {
        return Err(ApiError::IdempotencyKeyReused);
    }
    record.response.clone().map(Response::replayed).ok_or(ApiError::AlreadyProcessed)
}

impl From<&Response> for StoredResponse {
    fn from(response: &Response) -> Self {
        let etag = response.etag().map(str::to_owned);
        Self { status: response.status, body: response.body.clone(), etag }
    }
}

/// Parses a key with or without quotation marks: the IETF draft requires them, most clients omit
/// them.
fn parse(field: &str) -> Option<Cow<'_, str>> {
    let field = field.trim_matches([' ', '\t']);
    let key = if field.starts_with('"') { unquote(field)?.into() } else { field.into() };
    let is_printable = |key: &str| key.bytes().all(|byte| matches!(byte, b' '..=b'~'));
    let is_valid =
        |key: &Cow<'_, str>| (1..=MAX_KEY_LENGTH).contains(&key.len()) && is_printable(key);
    Some(key).filter(is_valid)
}

/// Removes the quotation marks and the escapes of a string (RFC 9651, section 3.3.3).
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
