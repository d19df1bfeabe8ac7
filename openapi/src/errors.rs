//! What is answered to a request that is refused, as the dialect itself renders it.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, json};
use shared::{
    domain::GroupId,
    http::{ApiError, Dialect, FieldErrors, Response},
};

use crate::{response::ResponseObject, schemas::Schemas};

/// One sentence.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Error")]
struct ErrorSchema {
    /// What is wrong.
    error: String,
    /// Which rule was broken, of those that programs ask for.
    #[serde(skip_serializing_if = "Option::is_none")]
    error_code: Option<String>,
}

/// One sentence, and a message for each field.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "FieldErrors")]
struct FieldErrorSchema {
    /// What is wrong.
    error: String,
    /// A message for each field; the fields of an object within the object nest.
    errors: Messages,
    /// Which rule was broken, of those that programs ask for.
    #[serde(skip_serializing_if = "Option::is_none")]
    error_code: Option<String>,
}

/// A failure of ours.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "InternalError")]
struct InternalErrorSchema {
    /// What is wrong, without the cause.
    error: String,
    /// Under which number the log has the cause.
    request_id: String,
}

/// A message for each field; the fields of an object within the object nest.
#[derive(Serialize, JsonSchema)]
#[serde(transparent)]
struct Messages(BTreeMap<String, FieldMessage>);

#[derive(Serialize, JsonSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "it is described, not made")]
enum FieldMessage {
    Of(String),
    Within(Messages),
}

/// A message for each field that a rule forbids.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "RuleErrors")]
struct RuleErrorSchema {
    /// A message for each field.
    errors: Messages,
    /// Which rule was broken, of those that programs ask for.
    #[serde(skip_serializing_if = "Option::is_none")]
    error_code: Option<String>,
}

/// A message for each field that does not look as it must.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "InvalidFields")]
struct SchemaErrorSchema {
    /// A message for each field; the fields of an object within the object nest.
    errors: Messages,
    /// The messages once more.
    #[serde(rename = "specific-errors")]
    specific: BTreeMap<String, Value>,
}

/// One sentence in Metabase's other form.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Message")]
struct MessageSchema {
    /// What is wrong.
    message: String,
    /// Which rule was broken, of those that programs ask for.
    #[serde(skip_serializing_if = "Option::is_none")]
    error_code: Option<String>,
}

/// A failure of ours.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "InternalError")]
struct InternalMessageSchema {
    /// What is wrong, without the cause.
    message: String,
    /// Under which number the log has the cause.
    request_id: String,
}

/// A refusal by the name of its example.
pub(crate) type NamedError = (&'static str, ApiError);

/// What any request may meet.
pub(crate) fn always() -> Vec<NamedError> {
    let (internal, busy) = ("".into(), "".into());
    vec![("failure", ApiError::Internal(internal)), ("busy", ApiError::Unavailable(busy))]
}

/// What a request with a body may meet.
pub(crate) fn of_body() -> Vec<NamedError> {
    let malformed =
        "The request body is not valid JSON, repeats a key, or is nested deeper than 32 levels.";
    vec![
        ("malformed", ApiError::BadRequest(malformed)),
        ("no-object", ApiError::BadRequest("The request body must be a JSON object.")),
        ("too-large", ApiError::PayloadTooLarge),
        ("not-json", ApiError::UnsupportedMediaType),
    ]
}

/// A field that does not look as it must.
pub(crate) fn invalid(field: &'static str, message: &str) -> NamedError {
    ("invalid", FieldErrors::single(field, message).into())
}

/// A field whose value a rule forbids.
pub(crate) fn rule(name: &'static str, field: &str, message: &str) -> NamedError {
    (name, ApiError::RuleViolation(FieldErrors::single(field, message)))
}

/// A password that many people have.
pub(crate) fn common_password(field: &'static str) -> NamedError {
    ("common-password", invalid(field, "password is too common.").1)
}

/// Two lists of groups that should be one.
pub(crate) fn different_groups() -> NamedError {
    let message = "group_ids and user_group_memberships must list the same groups.";
    ("different-groups", FieldErrors::groups(message).into())
}

/// A group that does not exist.
pub(crate) const fn unknown_group(id: GroupId) -> NamedError {
    ("unknown-group", ApiError::UnknownGroup(id))
}

/// The responses by status, as the dialect gives them.
pub(crate) fn responses(
    refusals: Vec<NamedError>,
    schemas: &mut Schemas,
) -> BTreeMap<u16, ResponseObject> {
    let mut by_status: BTreeMap<u16, Vec<NamedResponse>> = BTreeMap::new();
    for (name, error) in refusals {
        let told = error.to_string();
        let reply = error.into_response(schemas.dialect(), "JKJaXmPLvHcESHA=");
        by_status.entry(reply.status).or_default().push(NamedResponse { name, told, reply });
    }
    let responses = by_status.into_iter();
    responses.map(|(status, refused)| (status, response(status, refused, schemas))).collect()
}

/// A refusal as it is answered.
struct NamedResponse {
    name: &'static str,
    told: String,
    reply: Response,
}

impl NamedResponse {
    fn has(&self, header: &str, value: &str) -> bool {
        self.reply.headers().iter().any(|(name, told)| *name == header && told.starts_with(value))
    }
}

fn response(status: u16, refused: Vec<NamedResponse>, schemas: &mut Schemas) -> ResponseObject {
    let mut response = ResponseObject::new(description(status));
    let waiting = refused.iter().filter(|refused| refused.has("retry-after", "")).count();
    if waiting == refused.len() {
        response = response.header("Retry-After", "RetryAfter");
    } else if waiting > 0 {
        let header = json!({
            "description": "After how many seconds to try again, if waiting helps.",
            "schema": { "type": "integer", "minimum": 1 },
        });
        response = response.own_header("Retry-After", header);
    }
    for refused in refused {
        let body = refused.reply.body.as_str();
        let (media, schema, value) = if refused.has("content-type", "text/plain") {
            ("text/plain", json!({ "type": "string" }), json!(body))
        } else {
            let value = serde_json::from_str(body).unwrap_or_default();
            ("application/json", schema(&value, schemas), value)
        };
        let example = json!({ "summary": refused.told, "value": value });
        response = response.body(media, schema).example(media, refused.name, example);
    }
    response
}

/// The type that a body is of, by its keys.
fn schema(body: &Value, schemas: &mut Schemas) -> Value {
    let has = |key: &str| body.get(key).is_some();
    match schemas.dialect() {
        Dialect::Documented if has("request_id") => schemas.answer::<InternalErrorSchema>(),
        Dialect::Documented if has("errors") => schemas.answer::<FieldErrorSchema>(),
        Dialect::Documented => schemas.answer::<ErrorSchema>(),
        Dialect::Metabase if has("request_id") => schemas.answer::<InternalMessageSchema>(),
        Dialect::Metabase if has("specific-errors") => schemas.answer::<SchemaErrorSchema>(),
        Dialect::Metabase if has("errors") => schemas.answer::<RuleErrorSchema>(),
        Dialect::Metabase => schemas.answer::<MessageSchema>(),
    }
}

const fn description(status: u16) -> &'static str {
    match status {
        400 => "The request does not look as it must, or a rule forbids it.",
        401 => "No session, or one that does not count; at a login, not these credentials.",
        403 => "The caller may not do this.",
        404 => "There is no such thing.",
        409 => "Another account, change or request stands in the way.",
        412 => "The account is not in the state that the request names.",
        413 => "The body is larger than 64 KiB.",
        415 => "The body is not JSON.",
        422 => "The key belongs to another request.",
        429 => "Too many attempts.",
        503 => "The database throttles or is away, or the request took too long.",
        _ => "A failure of ours. The log has the cause.",
    }
}
