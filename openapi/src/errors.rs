//! Error responses, rendered by the dialect.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, json};
use shared::{
    auth::password_policy::TOO_COMMON,
    http::{ApiError, Dialect, FieldErrors, FieldValue, Response},
};

use crate::{response::ResponseObject, schemas::Schemas};

/// An error.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Error")]
struct ErrorSchema {
    /// One sentence on the cause.
    error: String,
    /// A code for programs.
    #[serde(skip_serializing_if = "Option::is_none")]
    error_code: Option<String>,
}

/// An error with a message for each field.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "FieldErrors")]
struct FieldErrorSchema {
    /// One sentence on the cause.
    error: String,
    /// A message for each field. Fields of nested objects are nested.
    errors: FieldMessages,
    /// A code for programs.
    #[serde(skip_serializing_if = "Option::is_none")]
    error_code: Option<String>,
}

/// An internal error.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "InternalError")]
struct InternalErrorSchema {
    /// A general sentence, without the cause.
    error: String,
    /// The ID of the request in the logs.
    request_id: String,
}

/// A message for each field. Fields of nested objects are nested.
#[derive(Serialize, JsonSchema)]
#[serde(transparent)]
struct FieldMessages(BTreeMap<String, FieldMessage>);

#[derive(Serialize, JsonSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "a schema, never constructed")]
enum FieldMessage {
    Message(String),
    Nested(FieldMessages),
}

/// A message for each field with a forbidden value.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "RuleErrors")]
struct RuleErrorSchema {
    /// A message for each field.
    errors: FieldMessages,
    /// A code for programs.
    #[serde(skip_serializing_if = "Option::is_none")]
    error_code: Option<String>,
}

/// A message for each malformed field.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "InvalidFields")]
struct SchemaErrorSchema {
    /// A message for each field. Fields of nested objects are nested.
    errors: FieldMessages,
    /// The messages again, each in a list.
    #[serde(rename = "specific-errors")]
    specific: BTreeMap<String, Value>,
}

/// An error in the form of Metabase.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ErrorMessage")]
struct MessageSchema {
    /// One sentence on the cause.
    message: String,
    /// A code for programs.
    #[serde(skip_serializing_if = "Option::is_none")]
    error_code: Option<String>,
}

/// An internal error.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "InternalError")]
struct InternalMessageSchema {
    /// A general sentence, without the cause.
    message: String,
    /// The ID of the request in the logs.
    request_id: String,
}

/// An error with the name of its example.
pub(crate) type NamedError = (&'static str, ApiError);

/// The errors of every operation.
pub(crate) fn always() -> Vec<NamedError> {
    let (internal, busy) = ("".into(), "".into());
    vec![("internal", ApiError::Internal(internal)), ("unavailable", ApiError::Unavailable(busy))]
}

/// The errors of every operation with a request body.
pub(crate) fn of_body() -> Vec<NamedError> {
    let malformed =
        "The request body is not valid JSON, repeats a key, or is nested deeper than 32 levels.";
    vec![
        ("malformed", ApiError::BadRequest(malformed)),
        ("not-an-object", ApiError::BadRequest("The request body must be a JSON object.")),
        ("too-large", ApiError::PayloadTooLarge),
        ("not-json", ApiError::UnsupportedMediaType),
        ("compressed", ApiError::UnsupportedContentEncoding),
    ]
}

/// A field with an invalid value for a type, with the message of the type.
#[must_use]
pub fn invalid_value<T: FieldValue>(field: &'static str) -> ApiError {
    invalid(field, T::MESSAGE)
}

/// A malformed field.
#[must_use]
pub fn invalid(field: &'static str, message: &str) -> ApiError {
    FieldErrors::single(field, message).into()
}

/// A field with a forbidden value.
#[must_use]
pub fn rule(field: &'static str, message: &str) -> ApiError {
    ApiError::RuleViolation(FieldErrors::single(field, message))
}

/// A common password.
#[must_use]
pub fn common_password(field: &'static str) -> ApiError {
    invalid(field, TOO_COMMON)
}

/// Two different lists of groups in one request.
#[must_use]
pub fn different_groups() -> ApiError {
    FieldErrors::groups("group_ids and user_group_memberships must list the same groups.").into()
}

/// The error responses by status, as rendered by the dialect.
pub(crate) fn responses(
    errors: Vec<NamedError>,
    schemas: &mut Schemas,
) -> BTreeMap<u16, ResponseObject> {
    let mut by_status: BTreeMap<u16, Vec<NamedResponse>> = BTreeMap::new();
    for (name, error) in errors {
        let summary = error.to_string();
        let response = error.into_response(schemas.dialect(), "JKJaXmPLvHcESHA=");
        let named = NamedResponse { name, summary, response };
        by_status.entry(named.response.status).or_default().push(named);
    }
    let responses = by_status.into_iter();
    responses.map(|(status, named)| (status, response(status, named, schemas))).collect()
}

/// A rendered error.
struct NamedResponse {
    name: &'static str,
    summary: String,
    response: Response,
}

impl NamedResponse {
    fn has(&self, header: &str, value: &str) -> bool {
        let headers = self.response.headers();
        headers.iter().any(|(name, found)| *name == header && found.starts_with(value))
    }
}

fn response(status: u16, errors: Vec<NamedResponse>, schemas: &mut Schemas) -> ResponseObject {
    let mut object = ResponseObject::new(description(status));
    let retryable = errors.iter().filter(|error| error.has("retry-after", "")).count();
    if retryable == errors.len() {
        object = object.header("Retry-After", "RetryAfter");
    } else if retryable > 0 {
        let header = json!({
            "description": "Seconds until a retry, if a retry can succeed.",
            "schema": { "type": "integer", "minimum": 1 },
        });
        object = object.own_header("Retry-After", header);
    }
    if status == 401 {
        object = object.header("WWW-Authenticate", "Challenge");
    }
    for error in errors {
        let body = error.response.body.as_str();
        let (media, schema, value) = if error.has("content-type", "text/plain") {
            ("text/plain", json!({ "type": "string" }), json!(body))
        } else {
            let value = serde_json::from_str(body).unwrap_or_default();
            ("application/json", schema(&value, schemas), value)
        };
        let example = json!({ "summary": error.summary, "value": value });
        object = object.body(media, schema).example(media, error.name, example);
    }
    object
}

/// The schema of an error body, chosen by its keys.
fn schema(body: &Value, schemas: &mut Schemas) -> Value {
    let has = |key: &str| body.get(key).is_some();
    match schemas.dialect() {
        Dialect::Documented if has("request_id") => schemas.response::<InternalErrorSchema>(),
        Dialect::Documented if has("errors") => schemas.response::<FieldErrorSchema>(),
        Dialect::Documented => schemas.response::<ErrorSchema>(),
        Dialect::Metabase if has("request_id") => schemas.response::<InternalMessageSchema>(),
        Dialect::Metabase if has("specific-errors") => schemas.response::<SchemaErrorSchema>(),
        Dialect::Metabase if has("errors") => schemas.response::<RuleErrorSchema>(),
        Dialect::Metabase => schemas.response::<MessageSchema>(),
    }
}

const fn description(status: u16) -> &'static str {
    match status {
        400 => "The request is invalid, or a rule forbids it.",
        401 => "There is no valid session or API key, or the credentials of a login are wrong.",
        402 => "The request needs a paid feature of Metabase.",
        403 => "The caller has no permission.",
        404 => "The object does not exist.",
        409 => "The request conflicts with another user, change or request.",
        412 => "The user does not have the required version.",
        413 => "The body is larger than 64 KiB.",
        415 => "The body is not JSON.",
        422 => "The idempotency key belongs to another request.",
        429 => "There were too many attempts.",
        503 => "The database is busy or unavailable, or the request timed out.",
        _ => "The service failed. The log contains the cause.",
    }
}
