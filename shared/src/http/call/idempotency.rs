//! Idempotency keys: a repeated request has one effect and one response (`docs/adr/0019`).

use std::{borrow::Cow, future::Future};

use serde_json::Value;

use super::Call;
use crate::{
    domain::{
        IdempotencyKey, IdempotencyRecord, IdempotentPayload, IdempotentRequest, Replay,
        StoredResponse, UserId, WriteContext,
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
        self.idempotent_with(context, work, async { Err(ApiError::AlreadyProcessed) }).await
    }

    /// Runs `work` like [`Call::idempotent`]. If the record has no response because of the personal
    /// data in it, `render` creates one from the present data.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`Call::idempotent`] and of `render`.
    pub async fn idempotent_with(
        &self,
        context: &WriteContext,
        work: impl Future<Output = ApiResult>,
        render: impl Future<Output = ApiResult>,
    ) -> ApiResult {
        let Some(request) = context.idempotent_request() else { return work.await };
        if let Some(record) = &request.record {
            return replay(record, &request.key, render).await;
        }
        let result = work.await;
        if result.is_ok() {
            return result;
        }
        match self.store().idempotency_record(&request.key, self.now()).await {
            Ok(Some(record)) => replay(&record, &request.key, render).await,
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
        let request = IdempotentRequest { key, record, replay: Replay::Refuse };
        Ok(context.with_idempotent_request(Some(request)))
    }

    /// The idempotency key of a POST request, if it has one.
    pub(super) fn idempotency_key(&self, user: UserId) -> Result<Option<IdempotencyKey>, ApiError> {
        let field = self.binding_header("idempotency-key");
        let Some(field) = field.filter(|_| self.method() == "POST") else { return Ok(None) };
        let key = parse(field).ok_or(ApiError::BadRequest(Self::INVALID_IDEMPOTENCY_KEY))?;
        let (body, secrets) = split_secrets(self.raw_body());
        let mut parts = self.parameters();
        parts.push(&body);
        let credential = self.credential_of(user);
        let payload = IdempotentPayload {
            parts: &parts,
            secrets: &secrets,
            credential: credential.as_bytes(),
        };
        Ok(Some(IdempotencyKey::new(user, self.route(), &key, payload)))
    }
}

async fn replay(
    record: &IdempotencyRecord,
    key: &IdempotencyKey,
    render: impl Future<Output = ApiResult>,
) -> ApiResult {
    // An erased record has no fingerprint.
    if !record.fingerprint.is_empty() && !key.matches(&record.fingerprint) {
        return Err(ApiError::IdempotencyKeyReused);
    }
    match &record.replay {
        Replay::Response(response) => Ok(Response::replayed(response.clone())),
        Replay::Render => Ok(Response::replayed((&render.await?).into())),
        Replay::Refuse => Err(ApiError::AlreadyProcessed),
    }
}

/// Separates the secrets in a body from the rest. A body that is not JSON is secret as a whole.
fn split_secrets(body: &[u8]) -> (Vec<u8>, Vec<u8>) {
    let Ok(mut json) = serde_json::from_slice(body) else { return (Vec::new(), body.to_owned()) };
    let mut secrets = Vec::new();
    take_secrets(&mut json, &mut secrets);
    let secrets = if secrets.is_empty() { String::new() } else { Value::from(secrets).to_string() };
    (json.to_string().into_bytes(), secrets.into_bytes())
}

/// Takes the values of all members whose names suggest a secret.
fn take_secrets(json: &mut Value, secrets: &mut Vec<Value>) {
    match json {
        Value::Array(values) => {
            for value in values {
                take_secrets(value, secrets);
            }
        }
        Value::Object(members) => {
            for (name, value) in members {
                if is_secret(name) {
                    secrets.push(value.take());
                } else {
                    take_secrets(value, secrets);
                }
            }
        }
        _ => {}
    }
}

fn is_secret(name: &str) -> bool {
    let name = name.to_lowercase();
    ["password", "secret", "token"].iter().any(|word| name.contains(word))
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
    fn secrets_are_separated_at_any_depth() {
        let split = |body: &str| {
            let (rest, secrets) = split_secrets(body.as_bytes());
            [rest, secrets].map(|bytes| String::from_utf8(bytes).unwrap())
        };
        assert_eq!(split(r#"{"a": 1}"#), [r#"{"a":1}"#, ""]);
        assert_eq!(
            split(
                r#"{"Password": "x", "b": [{"reset_token": null}], "c": {"client secret": [1]}}"#
            ),
            [
                r#"{"Password":null,"b":[{"reset_token":null}],"c":{"client secret":null}}"#,
                r#"["x",null,[1]]"#,
            ]
        );
        for body in ["", "{", "password=x", r#"{"password": "x""#] {
            assert_eq!(split(body), ["", body]);
        }
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
