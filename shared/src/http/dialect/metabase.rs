//! What Metabase's open source edition answers.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::{Told, documented};
use crate::{
    domain::{LoginAttributes, Purpose, Timestamp, User},
    http::{ApiError, FieldErrors, view},
};

/// A schema of Metabase's that shows itself.
const NO_SITE_NAME: &str = "map where {:site_name -> <value must be a non-blank string.>}";

/// Metabase knows no 409 for an address and no 429 for attempts.
pub(super) const fn status(error: &ApiError) -> u16 {
    match error {
        ApiError::NotAnId => 404,
        ApiError::EmailTaken | ApiError::EmailOfAnother => 400,
        ApiError::TooManyAttempts(wait) => match wait.purpose {
            Purpose::Login => 401,
            Purpose::Forgot | Purpose::Reset | Purpose::Password | Purpose::Setup => 400,
        },
        _ => documented::status(error),
    }
}

/// A bare text for what is refused as a whole, JSON for what is wrong with a field.
pub(super) fn told(error: &ApiError, request_id: &str) -> Told {
    let sentence = error.to_string();
    match error {
        ApiError::Invalid(errors) => Told::Json(schema(errors)),
        ApiError::Rule(errors) => Told::Json(json!({ "errors": errors.as_map() })),
        ApiError::NotAnId => Told::Text(ApiError::NoRoute.to_string()),
        ApiError::UnknownGroup(_) | ApiError::NoSuch(_) => {
            Told::Text("Cannot add non-tenant user to tenant-group or vice versa".to_owned())
        }
        ApiError::TooManyGroups => {
            Told::Json(json!({ "errors": FieldErrors::groups(&sentence).as_map() }))
        }
        ApiError::AlreadyActive | ApiError::Anonymized => {
            Told::Json(json!({ "message": sentence }))
        }
        ApiError::LoginRefused => field("password", &sentence),
        ApiError::AccountDisabled => field("_error", &sentence),
        ApiError::TooManyAttempts(wait) => field(throttled(wait.purpose), &sentence),
        ApiError::EmailTaken => Told::Json(json!({
            "errors": { "email": sentence },
            "error_code": "email-already-in-use",
        })),
        ApiError::EmailOfAnother => field("email", &sentence),
        ApiError::KeyNameTaken => field("name", &sentence),
        ApiError::PasswordChangeRequired => Told::Json(json!({
            "message": sentence,
            "error_code": documented::PASSWORD_CHANGE_REQUIRED,
        })),
        ApiError::Internal(_) => {
            Told::Json(json!({ "message": sentence, "request_id": request_id }))
        }
        _ => Told::Text(sentence),
    }
}

/// The field that is blamed for too many attempts.
const fn throttled(purpose: Purpose) -> &'static str {
    match purpose {
        Purpose::Login => "username",
        Purpose::Forgot => "email",
        Purpose::Reset => "password",
        Purpose::Password => "old_password",
        Purpose::Setup => "token",
    }
}

fn field(name: &str, message: &str) -> Told {
    Told::Json(json!({ "errors": { name: message } }))
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

/// Where an attribute comes from, which is always the account itself.
#[derive(Debug, Serialize, JsonSchema)]
struct Attribute<'a> {
    source: &'static str,
    frozen: bool,
    value: &'a str,
}

/// An account that was asked for.
#[derive(Debug, Serialize, JsonSchema)]
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
struct Permissions {
    can_create_queries: bool,
    can_create_native_queries: bool,
}

/// The caller's own account.
#[derive(Debug, Serialize, JsonSchema)]
pub struct CurrentUser<'a> {
    #[serde(flatten)]
    profile: view::Profile<'a>,
    #[serde(flatten)]
    current: view::Current,
    permissions: Permissions,
}

impl<'a> CurrentUser<'a> {
    pub(super) fn new(user: &'a User, invited: bool, now: Timestamp) -> Self {
        let admin = user.is_superuser();
        Self {
            profile: user.into(),
            current: view::Current::new(user, invited, now),
            permissions: Permissions {
                can_create_queries: admin,
                can_create_native_queries: admin,
            },
        }
    }
}
