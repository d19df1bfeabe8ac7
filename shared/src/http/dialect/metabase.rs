//! Errors, users and the current user in the metabase dialect.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::{ErrorBody, documented};
use crate::{
    domain::{LoginAttributes, RateLimitedAction, Timestamp, User},
    http::{ApiError, FieldErrors, view},
};

/// Metabase's message for a missing name of the instance: it shows the schema itself.
const NO_SITE_NAME: &str = "map where {:site_name -> <value must be a non-blank string.>}";

/// Metabase's message for an invalid login attribute: it shows the schema itself.
pub(in crate::http) const INVALID_ATTRIBUTE: &str = "nullable map from <login attribute keys must \
    be a keyword or string, and login attribute keys must not start with `@`> to <anything>";

/// The status of an error. Metabase has no 409 for an email address and no 429 for attempts.
pub(super) const fn status(error: &ApiError) -> u16 {
    match error {
        ApiError::InvalidPathId => 404,
        ApiError::EmailTaken | ApiError::EmailTakenOnUpdate => 400,
        ApiError::TooManyAttempts(retry_after) => match retry_after.action {
            RateLimitedAction::Login => 401,
            RateLimitedAction::ForgotPassword
            | RateLimitedAction::ResetPassword
            | RateLimitedAction::ChangePassword
            | RateLimitedAction::ChangeEmail
            | RateLimitedAction::Setup => 400,
        },
        _ => documented::status(error),
    }
}

/// The body of an error: plain text for the request as a whole, JSON for fields.
pub(super) fn body(error: &ApiError, request_id: &str) -> ErrorBody {
    let sentence = error.to_string();
    match error {
        ApiError::InvalidFields(errors) => ErrorBody::Json(invalid_fields(errors)),
        ApiError::RuleViolation(errors) => ErrorBody::Json(json!({ "errors": errors.as_map() })),
        ApiError::InvalidPathId => ErrorBody::Text(ApiError::RouteNotFound.to_string()),
        ApiError::UnknownGroup(_) | ApiError::UnknownReference(_) => {
            ErrorBody::Text("Cannot add non-tenant user to tenant-group or vice versa".to_owned())
        }
        ApiError::TooManyGroups => {
            ErrorBody::Json(json!({ "errors": FieldErrors::groups(&sentence).as_map() }))
        }
        ApiError::AlreadyActive | ApiError::Anonymized => {
            ErrorBody::Json(json!({ "message": sentence }))
        }
        ApiError::InvalidCredentials => field("password", &sentence),
        ApiError::UserDeactivated => field("_error", &sentence),
        ApiError::TooManyAttempts(retry_after) => {
            field(rate_limited_field(retry_after.action), &sentence)
        }
        ApiError::EmailTaken => ErrorBody::Json(json!({
            "errors": { "email": sentence },
            "error_code": "email-already-in-use",
        })),
        ApiError::EmailTakenOnUpdate => field("email", &sentence),
        ApiError::KeyNameTaken => field("name", &sentence),
        ApiError::PasswordChangeRequired => ErrorBody::Json(json!({
            "message": sentence,
            "error_code": documented::PASSWORD_CHANGE_REQUIRED,
        })),
        ApiError::Internal(_) => {
            ErrorBody::Json(json!({ "message": sentence, "request_id": request_id }))
        }
        _ => ErrorBody::Text(sentence),
    }
}

/// The field with the message about too many attempts.
const fn rate_limited_field(action: RateLimitedAction) -> &'static str {
    match action {
        RateLimitedAction::Login => "username",
        RateLimitedAction::ForgotPassword | RateLimitedAction::ChangeEmail => "email",
        RateLimitedAction::ResetPassword => "password",
        RateLimitedAction::ChangePassword => "old_password",
        RateLimitedAction::Setup => "token",
    }
}

fn field(name: &str, message: &str) -> ErrorBody {
    ErrorBody::Json(json!({ "errors": { name: message } }))
}

/// The body for invalid fields. `specific-errors` repeats the messages. Metabase repeats the sent
/// values there, including passwords.
fn invalid_fields(errors: &FieldErrors) -> Value {
    let mut messages = errors.as_map().clone();
    if let Some(prefs) = messages.get_mut("prefs").filter(|prefs| prefs.get("site_name").is_some())
    {
        *prefs = json!(NO_SITE_NAME);
    }
    json!({ "errors": messages, "specific-errors": specific(errors.as_map()) })
}

fn specific(errors: &Map<String, Value>) -> Value {
    let messages = errors.iter().map(|(name, message)| {
        let specific = match message {
            Value::Object(nested) => specific(nested),
            message => json!([message]),
        };
        (name.clone(), specific)
    });
    Value::Object(messages.collect())
}

/// A login attribute and its source, which is always the user itself.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "StructuredAttribute")]
struct Attribute<'a> {
    source: &'static str,
    frozen: bool,
    value: &'a str,
}

/// A user with login attributes and their sources.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "UserDetails")]
pub struct FoundUser<'a> {
    #[serde(flatten)]
    user: view::UserView<'a>,
    structured_attributes: BTreeMap<&'a str, Attribute<'a>>,
}

impl<'a> From<&'a User> for FoundUser<'a> {
    fn from(user: &'a User) -> Self {
        let attributes = user.login_attributes.iter().flat_map(LoginAttributes::as_map);
        let structured = attributes.map(|(name, value)| {
            (name.as_str(), Attribute { source: "user", frozen: false, value })
        });
        Self { user: user.into(), structured_attributes: structured.collect() }
    }
}

#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "CurrentUserPermissions")]
struct Permissions {
    can_create_queries: bool,
    can_create_native_queries: bool,
}

/// The current user.
#[derive(Debug, Serialize, JsonSchema)]
pub struct CurrentUser<'a> {
    #[serde(flatten)]
    profile: view::Profile<'a>,
    #[serde(flatten)]
    current: view::CurrentUserFields,
    permissions: Permissions,
}

impl<'a> CurrentUser<'a> {
    pub(super) fn new(user: &'a User, has_invited: bool, now: Timestamp) -> Self {
        let is_admin = user.is_superuser();
        Self {
            profile: user.into(),
            current: view::CurrentUserFields::new(user, has_invited, now),
            permissions: Permissions {
                can_create_queries: is_admin,
                can_create_native_queries: is_admin,
            },
        }
    }
}
