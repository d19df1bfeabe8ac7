//! Errors and their responses.

use std::error::Error;

use super::{
    Dialect, FieldErrors, Response, field_value::POSITIVE_INTEGER, response::RESPONSE_TOO_LARGE,
};
use crate::{
    auth::{login::LoginError, password_hash::HashError},
    authorization::AuthzError,
    domain::{BuiltinGroup, DomainError, GroupId, GroupSet, RetryAfter},
    mail::MailError,
    random::NoEntropy,
    store::{Conflict, StoreError, WriteError},
};

/// The result of a handler.
pub type ApiResult = Result<Response, ApiError>;

type Source = Box<dyn Error + Send + Sync>;

/// The `Retry-After` of a 503 in seconds.
const RETRY_AFTER_SECONDS: i64 = 1;

/// An error of a request.
///
/// `Display` is the sentence for the client. It does not contain the cause, which is in the log.
#[derive(Debug, thiserror::Error)]
pub enum ApiError {
    /// Fields of the query or body are malformed.
    #[error("{}", .0.summary())]
    InvalidFields(FieldErrors),
    /// A rule forbids the value of a field.
    #[error("{}", .0.summary())]
    RuleViolation(FieldErrors),
    /// `{id}` in the path is not a number.
    #[error("{POSITIVE_INTEGER}")]
    InvalidPathId,
    /// No route has this path.
    #[error("API endpoint does not exist.")]
    RouteNotFound,
    /// A group in the body does not exist.
    #[error("There is no group {0}.")]
    UnknownGroup(GroupId),
    /// Every user is a member of All Users, so this membership cannot change.
    #[error("You cannot add or remove users to/from the 'All Users' group.")]
    AllUsersIsImplicit,
    /// A builtin group cannot be renamed or deleted.
    #[error("You cannot edit or delete the '{}' permissions group!", .0.name())]
    BuiltinGroup(BuiltinGroup),
    /// Another group has the name.
    #[error("A group with that name already exists.")]
    GroupNameTaken,
    /// Another API key has the name.
    #[error("An API key with this name already exists.")]
    KeyNameTaken,
    /// The user is already a member of the group.
    #[error("The user is already a member of the group.")]
    AlreadyMember,
    /// A field of the body has the ID of a resource that does not exist.
    #[error("There is no resource with the ID in {0}.")]
    UnknownReference(&'static str),
    /// The user would have too many groups, or too many of them would change in one transaction.
    #[error(
        "a user can be in at most {max} groups, and at most {max} memberships can change at once.",
        max = GroupSet::MAX
    )]
    TooManyGroups,
    /// The request needs a paid feature of Metabase.
    #[error("{0}")]
    PremiumFeature(&'static str),
    /// The request as a whole is invalid, not a single field.
    #[error("{0}")]
    BadRequest(&'static str),
    /// The change would leave no active administrator.
    #[error("You cannot remove the last member of the 'Admin' group!")]
    LastAdmin,
    /// The user is Metabase's internal user, which does not exist here.
    #[error("Not able to modify the internal user")]
    InternalUser,
    /// The user to reactivate is active.
    #[error("Not able to reactivate an active user")]
    AlreadyActive,
    /// The user to reactivate is anonymized.
    #[error("Not able to reactivate an anonymized user")]
    Anonymized,
    /// The request has neither a valid session nor a valid API key.
    #[error("Unauthenticated")]
    Unauthenticated,
    /// The email address is unknown or the password is wrong. Clients cannot distinguish the two.
    #[error("did not match stored password")]
    InvalidCredentials,
    /// The password is correct, but the user is deactivated.
    #[error("Your account is disabled.")]
    UserDeactivated,
    /// The caller lacks the permission.
    #[error("You don't have permissions to do that.")]
    Forbidden,
    /// The caller must change their password first.
    #[error("You must change your password first.")]
    PasswordChangeRequired,
    /// The instance is already set up.
    #[error(
        "The /api/setup route can only be used to create the first user, \
         however a user currently exists."
    )]
    AlreadySetUp,
    /// The resource does not exist.
    #[error("Not found.")]
    NotFound,
    /// Another user has the email address of a new user.
    #[error("Email address already in use.")]
    EmailTaken,
    /// Another user has the new email address of a user.
    #[error("Email address already associated to another user.")]
    EmailTakenOnUpdate,
    /// Other requests kept changing the same item during all attempts.
    #[error("Another request is changing the same resource. Please try again.")]
    Contention,
    /// The permissions graph of the request has another revision than the current one.
    #[error(
        "Looks like someone else edited the permissions and your data is out of date. \
         Please fetch new data and try again."
    )]
    OutdatedGraph,
    /// The precondition in `If-Match` or `If-None-Match` failed.
    #[error("The user does not meet the precondition of the request. Please read it again.")]
    PreconditionFailed,
    /// A request with the same idempotency key succeeded, and its response was not stored.
    #[error(
        "A request with this Idempotency-Key was already processed. Its response was not stored."
    )]
    AlreadyProcessed,
    /// The idempotency key belongs to another request.
    #[error("The Idempotency-Key was used for another request.")]
    IdempotencyKeyReused,
    /// The body is too large.
    #[error("The request body must not be larger than 64 KiB.")]
    PayloadTooLarge,
    /// The body is not JSON.
    #[error("The request body must be JSON.")]
    UnsupportedMediaType,
    /// The body has a content coding, for example gzip.
    #[error("The request body must not be compressed.")]
    UnsupportedContentEncoding,
    /// The rate limit requires the client to wait.
    #[error("Too many attempts! You must wait {} seconds before trying again.", .0.seconds)]
    TooManyAttempts(RetryAfter),
    /// An unexpected failure.
    #[error("Internal server error")]
    Internal(#[source] Source),
    /// DynamoDB or the mail service is unavailable, or the request timed out.
    #[error("The service is busy. Please try again.")]
    Unavailable(#[source] Source),
}

impl ApiError {
    /// The error message for a wrong or malformed setup token, as in Metabase.
    pub const WRONG_SETUP_TOKEN: &'static str = "Token does not match the setup token.";

    /// Returns the response. Logs the cause of a 500 or 503 under the request ID.
    #[must_use]
    pub fn into_response(self, dialect: Dialect, request_id: &str) -> Response {
        if let Self::Internal(source) | Self::Unavailable(source) = &self {
            tracing::error!(request_id, cause = chain(source.as_ref()), "request failed");
        }
        dialect.error(&self, request_id).retry_after(self.retry_after())
    }

    /// The error for an invalid reset token. It names the field `password`, as in Metabase.
    #[must_use]
    pub fn invalid_reset_token() -> Self {
        Self::RuleViolation(FieldErrors::single("password", "Invalid reset token"))
    }

    /// The error for an invalid token of a link about a new email address.
    #[must_use]
    pub fn invalid_email_token() -> Self {
        Self::RuleViolation(FieldErrors::single("token", "Invalid or expired token"))
    }

    const fn retry_after(&self) -> Option<i64> {
        match self {
            Self::TooManyAttempts(retry_after) => Some(retry_after.seconds),
            Self::Unavailable(_) => Some(RETRY_AFTER_SECONDS),
            _ => None,
        }
    }
}

/// Returns an error and its sources as one line for the log.
fn chain(error: &(dyn Error + 'static)) -> String {
    let causes = std::iter::successors(Some(error), |error| (*error).source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

impl From<FieldErrors> for ApiError {
    fn from(errors: FieldErrors) -> Self {
        Self::InvalidFields(errors)
    }
}

impl From<DomainError> for ApiError {
    fn from(error: DomainError) -> Self {
        let (field, message) = match error {
            DomainError::NotFound => return Self::NotFound,
            DomainError::Forbidden => return Self::Forbidden,
            DomainError::AlreadyActive => return Self::AlreadyActive,
            DomainError::Anonymized => return Self::Anonymized,
            DomainError::AllUsersIsImplicit => return Self::AllUsersIsImplicit,
            DomainError::AlreadyMember => return Self::AlreadyMember,
            DomainError::TooManyGroups => return Self::TooManyGroups,
            DomainError::BuiltinGroup(group) => return Self::BuiltinGroup(group),
            DomainError::SuperuserContradictsGroups => (
                "is_superuser",
                "Value of is_superuser must correspond to presence of Admin group ID in group_ids.",
            ),
            DomainError::FirstNameManagedBySso => {
                ("first_name", "Editing first name is not allowed for SSO users.")
            }
            DomainError::LastNameManagedBySso => {
                ("last_name", "Editing last name is not allowed for SSO users.")
            }
        };
        Self::RuleViolation(FieldErrors::single(field, message))
    }
}

impl From<Conflict> for ApiError {
    fn from(conflict: Conflict) -> Self {
        match conflict {
            Conflict::EmailTaken => Self::EmailTaken,
            Conflict::EmailTakenOnUpdate => Self::EmailTakenOnUpdate,
            Conflict::LastAdmin => Self::LastAdmin,
            Conflict::AlreadySetUp => Self::AlreadySetUp,
            Conflict::UnknownSession | Conflict::UnknownApiKey => Self::NotFound,
            Conflict::PreconditionFailed => Self::PreconditionFailed,
            Conflict::AlreadyProcessed => Self::AlreadyProcessed,
            Conflict::RateLimited(action) => RetryAfter::minimum(action).into(),
            Conflict::UnknownGroup(id) => Self::UnknownGroup(id),
            Conflict::StaleReset => Self::invalid_reset_token(),
            Conflict::StaleEmailLink => Self::invalid_email_token(),
            Conflict::GroupNameTaken => Self::GroupNameTaken,
            Conflict::ApiKeyNameTaken => Self::KeyNameTaken,
            Conflict::StaleUser
            | Conflict::StaleCredentials
            | Conflict::StaleGroup
            | Conflict::StaleApiKey
            | Conflict::AlreadyRecorded
            | Conflict::AuditEventExists
            | Conflict::UserIdTaken
            | Conflict::GroupIdTaken => Self::Contention,
        }
    }
}

impl From<RetryAfter> for ApiError {
    fn from(retry_after: RetryAfter) -> Self {
        Self::TooManyAttempts(retry_after)
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::ResultTooLarge => Self::BadRequest(RESPONSE_TOO_LARGE),
            error if error.is_transient() => Self::Unavailable(error.into()),
            error => Self::Internal(error.into()),
        }
    }
}

impl From<WriteError> for ApiError {
    fn from(error: WriteError) -> Self {
        match error {
            WriteError::Domain(error) => error.into(),
            WriteError::Conflict(conflict) => conflict.into(),
            WriteError::Store(error) => error.into(),
        }
    }
}

impl From<LoginError> for ApiError {
    fn from(error: LoginError) -> Self {
        match error {
            LoginError::InvalidCredentials => Self::InvalidCredentials,
            LoginError::UserDeactivated => Self::UserDeactivated,
            LoginError::Hash(error) => error.into(),
        }
    }
}

impl From<AuthzError> for ApiError {
    fn from(error: AuthzError) -> Self {
        match error {
            AuthzError::Forbidden => Self::Forbidden,
            AuthzError::PasswordChangeRequired => Self::PasswordChangeRequired,
            AuthzError::NotFound => Self::NotFound,
            AuthzError::InternalUser => Self::InternalUser,
            AuthzError::UnknownReference(field) => Self::UnknownReference(field),
            AuthzError::PreconditionFailed => Self::PreconditionFailed,
            AuthzError::WrongSetupToken => {
                Self::RuleViolation(FieldErrors::single("token", Self::WRONG_SETUP_TOKEN))
            }
        }
    }
}

impl From<HashError> for ApiError {
    fn from(error: HashError) -> Self {
        Self::Internal(error.into())
    }
}

impl From<MailError> for ApiError {
    fn from(error: MailError) -> Self {
        Self::Unavailable(error.into())
    }
}

impl From<NoEntropy> for ApiError {
    fn from(error: NoEntropy) -> Self {
        Self::Internal(error.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::RateLimitedAction;
    use serde_json::{Value, json};

    #[test]
    fn a_response_never_contains_the_cause() {
        let response = ApiError::Internal("the table users is missing".into())
            .into_response(Dialect::Documented, "r-1");
        assert_eq!(response.status, 500);
        assert_eq!(response.body, r#"{"error":"Internal server error","request_id":"r-1"}"#);
    }

    #[test]
    fn the_wait_is_in_header_and_sentence() {
        let response = ApiError::from(RetryAfter::minimum(RateLimitedAction::Login))
            .into_response(Dialect::Documented, "");
        assert!(response.headers().contains(&("retry-after", "15".into())));
        assert_eq!(
            response.body,
            r#"{"error":"Too many attempts! You must wait 15 seconds before trying again."}"#
        );
    }

    #[test]
    fn a_taken_email_is_in_sentence_field_and_code() {
        let sentence = "Email address already in use.";
        let body: Value =
            serde_json::from_str(&ApiError::EmailTaken.into_response(Dialect::Documented, "").body)
                .unwrap();
        assert_eq!(
            body,
            json!({
                "error": sentence,
                "errors": { "email": sentence },
                "error_code": "email-already-in-use",
            })
        );
    }
}
