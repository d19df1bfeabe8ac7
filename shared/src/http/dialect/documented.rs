//! Errors and the current user in the documented dialect.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::json;

use super::ErrorBody;
use crate::{
    domain::{Timestamp, User},
    http::{ApiError, FieldErrors, field_value::POSITIVE_INTEGER, view},
};

const EMAIL_TAKEN: &str = "Email address already in use.";
/// The error code that asks the client for a new password.
pub(super) const PASSWORD_CHANGE_REQUIRED: &str = "password-change-required";
const INVALID_CREDENTIALS: &str = "did not match stored password";

/// The status of an error.
pub(super) const fn status(error: &ApiError) -> u16 {
    match error {
        ApiError::InvalidFields(_)
        | ApiError::RuleViolation(_)
        | ApiError::BadRequest(_)
        | ApiError::InvalidPathId
        | ApiError::UnknownGroup(_)
        | ApiError::AllUsersIsImplicit
        | ApiError::BuiltinGroup(_)
        | ApiError::GroupNameTaken
        | ApiError::KeyNameTaken
        | ApiError::AlreadyMember
        | ApiError::UnknownReference(_)
        | ApiError::TooManyGroups
        | ApiError::LastAdmin
        | ApiError::InternalUser
        | ApiError::AlreadyActive
        | ApiError::Anonymized => 400,
        ApiError::Unauthenticated | ApiError::InvalidCredentials | ApiError::UserDeactivated => 401,
        ApiError::PremiumFeature(_) => 402,
        ApiError::Forbidden | ApiError::PasswordChangeRequired | ApiError::AlreadySetUp => 403,
        ApiError::NotFound | ApiError::RouteNotFound => 404,
        ApiError::EmailTaken
        | ApiError::EmailTakenOnUpdate
        | ApiError::Contention
        | ApiError::OutdatedGraph
        | ApiError::AlreadyProcessed => 409,
        ApiError::PreconditionFailed => 412,
        ApiError::IdempotencyKeyReused => 422,
        ApiError::PayloadTooLarge => 413,
        ApiError::UnsupportedMediaType | ApiError::UnsupportedContentEncoding => 415,
        ApiError::TooManyAttempts(_) => 429,
        ApiError::Internal(_) => 500,
        ApiError::Unavailable(_) => 503,
    }
}

/// The body of an error: a sentence in `error`, and a message for each field in `errors`.
pub(super) fn body(error: &ApiError, request_id: &str) -> ErrorBody {
    let sentence = error.to_string();
    ErrorBody::Json(match error {
        ApiError::InvalidFields(errors) | ApiError::RuleViolation(errors) => fields(errors),
        ApiError::InvalidPathId => fields(&FieldErrors::single("id", POSITIVE_INTEGER)),
        ApiError::UnknownGroup(_) | ApiError::TooManyGroups => {
            fields(&FieldErrors::groups(&sentence))
        }
        ApiError::UnknownReference(field) => fields(&FieldErrors::single(field, sentence)),
        ApiError::GroupNameTaken | ApiError::KeyNameTaken => {
            fields(&FieldErrors::single("name", sentence))
        }
        ApiError::InvalidCredentials | ApiError::UserDeactivated => json!({
            "error": INVALID_CREDENTIALS,
            "errors": { "password": INVALID_CREDENTIALS },
        }),
        ApiError::AlreadySetUp => json!({ "error": ApiError::Forbidden.to_string() }),
        ApiError::EmailTaken | ApiError::EmailTakenOnUpdate => json!({
            "error": EMAIL_TAKEN,
            "errors": { "email": EMAIL_TAKEN },
            "error_code": "email-already-in-use",
        }),
        ApiError::PasswordChangeRequired => {
            json!({ "error": sentence, "error_code": PASSWORD_CHANGE_REQUIRED })
        }
        ApiError::Internal(_) => json!({ "error": sentence, "request_id": request_id }),
        _ => json!({ "error": sentence }),
    })
}

fn fields(errors: &FieldErrors) -> serde_json::Value {
    json!({ "error": errors.summary(), "errors": errors.as_map() })
}

/// The permissions of the current user in this API.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "CurrentUserPermissions")]
struct Permissions {
    /// Whether the user is an administrator. The other permissions have the same value.
    can_create_queries: bool,
    can_create_native_queries: bool,
    can_list_users: bool,
    can_create_users: bool,
    can_update_users: bool,
    can_deactivate_users: bool,
}

/// A single user.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "FoundUser")]
pub struct FoundUser<'a> {
    #[serde(flatten)]
    user: view::UserView<'a>,
    /// Whether the user has a password. Present only while a user without an identity provider has
    /// none.
    #[schemars(with = "bool", extend("const" = false))]
    #[serde(skip_serializing_if = "Option::is_none")]
    has_password: Option<bool>,
    /// End of the links for the first sign-in that an administrator has sent or copied. Present
    /// only until the user signs in, while a link is valid.
    #[schemars(with = "Timestamp")]
    #[serde(skip_serializing_if = "Option::is_none")]
    invited_until: Option<Timestamp>,
}

impl<'a> FoundUser<'a> {
    pub(super) fn new(user: &'a User, invited_until: Option<Timestamp>) -> Self {
        let has_password = user.lacks_password.then_some(false);
        Self { user: user.into(), has_password, invited_until }
    }
}

/// The current user.
#[derive(Debug, Serialize, JsonSchema)]
pub struct CurrentUser<'a> {
    #[serde(flatten)]
    user: view::UserView<'a>,
    #[serde(flatten)]
    current: view::CurrentUserFields,
    permissions: Permissions,
}

impl<'a> CurrentUser<'a> {
    pub(super) fn new(user: &'a User, has_invited: bool, now: Timestamp) -> Self {
        Self {
            user: user.into(),
            current: view::CurrentUserFields::new(user, has_invited, now),
            permissions: Permissions::of(user.is_superuser()),
        }
    }
}

impl Permissions {
    const fn of(is_admin: bool) -> Self {
        Self {
            can_create_queries: is_admin,
            can_create_native_queries: is_admin,
            can_list_users: is_admin,
            can_create_users: is_admin,
            can_update_users: is_admin,
            can_deactivate_users: is_admin,
        }
    }
}
