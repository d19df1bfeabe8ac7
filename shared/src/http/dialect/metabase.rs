//! What Metabase's open source edition answers.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::{ErrorBody, documented};
use crate::{
    domain::{LoginAttributes, RateLimitedAction, Timestamp, User},
    http::{ApiError, FieldErrors, view},
};

/// A schema of Metabase's that shows itself.
const NO_SITE_NAME: &str = "map where {:site_name -> <value must be a non-blank string.>}";

/// Metabase knows no 409 for an address and no 429 for attempts.
pub(super) const fn status(error: &ApiError) -> u16 {
    match error {
        ApiError::InvalidPathId => 404,
        ApiError::EmailTaken | ApiError::EmailTakenOnUpdate => 400,
        ApiError::TooManyAttempts(wait) => match wait.purpose {
            RateLimitedAction::Login => 401,
            RateLimitedAction::ForgotPassword
            | RateLimitedAction::ResetPassword
            | RateLimitedAction::ChangePassword
            | RateLimitedAction::Setup => 400,
        },
        _ => documented::status(error),
    }
}

/// A bare text for what is refused as a whole, JSON for what is wrong with a field.
pub(super) fn body(error: &ApiError, request_id: &str) -> ErrorBody {
    let sentence = error.to_string();
    match error {
        ApiError::InvalidFields(errors) => ErrorBody::Json(schema(errors)),
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
        ApiError::TooManyAttempts(wait) => field(throttled(wait.purpose), &sentence),
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

/// The field that is blamed for too many attempts.
const fn throttled(purpose: RateLimitedAction) -> &'static str {
    match purpose {
        RateLimitedAction::Login => "username",
        RateLimitedAction::ForgotPassword => "email",
        RateLimitedAction::ResetPassword => "password",
        RateLimitedAction::ChangePassword => "old_password",
        RateLimitedAction::Setup => "token",
    }
}

fn field(name: &str, message: &str) -> ErrorBody {
    ErrorBody::Json(json!({ "errors": { name: message } }))
}

/// Metabase repeats what was sent in `specific-errors`, passwords too; here the messages are.
fn schema(errors: &FieldErrors) -> Value {
    let mut told = errors.as_map().clone();
    if let Some(prefs) = told.get_mut("prefs").filter(|prefs| prefs.get("site_name").is_some()) {
        *prefs = json!(NO_SITE_NAME);
    }
    json!({ "errors": told, "specific-errors": specific(errors.as_map()) })
}

fn specific(errors: &Map<String, Value>) -> Value {
    let each = errors.iter().map(|(name, message)| {
        let specific = match message {
            Value::Object(nested) => specific(nested),
            message => json!([message]),
        };
        (name.clone(), specific)
    });
    Value::Object(each.collect())
}

/// A login attribute with its source, which is always the user.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "StructuredAttribute")]
struct Attribute<'a> {
    source: &'static str,
    frozen: bool,
    value: &'a str,
}

/// A user with structured attributes.
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

/// The permissions of the caller.
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
    pub(super) fn new(user: &'a User, invited: bool, now: Timestamp) -> Self {
        let admin = user.is_superuser();
        Self {
            profile: user.into(),
            current: view::CurrentUserFields::new(user, invited, now),
            permissions: Permissions {
                can_create_queries: admin,
                can_create_native_queries: admin,
            },
        }
    }
}
