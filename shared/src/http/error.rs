//! Refusals and failures, and how each is answered.

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

/// What a handler gives back.
pub type ApiResult = Result<Response, ApiError>;

type Source = Box<dyn Error + Send + Sync>;

/// Seconds after which a client may try again when the database was busy.
const RETRY_AFTER_SECONDS: i64 = 1;

/// Every way in which a request is not answered as it wished.
///
/// What is displayed is the sentence that the client reads: it names no cause, which is logged.
#[derive(Debug, thiserror::Error)]
pub enum ApiError {
    /// Fields of the query or body do not look as they must.
    #[error("{}", .0.summary())]
    InvalidFields(FieldErrors),
    /// A rule forbids the value of a field.
    #[error("{}", .0.summary())]
    RuleViolation(FieldErrors),
    /// `{id}` of the path is no number.
    #[error("{POSITIVE_INTEGER}")]
    InvalidPathId,
    /// No route has this path.
    #[error("API endpoint does not exist.")]
    RouteNotFound,
    /// There is no such group.
    #[error("There is no group {0}.")]
    UnknownGroup(GroupId),
    /// Everybody is in All Users, and a list of memberships says so.
    #[error("You cannot add or remove users to/from the 'All Users' group.")]
    AllUsersIsImplicit,
    /// A group always exists, and has its name.
    #[error("You cannot edit or delete the '{}' permissions group!", .0.name())]
    BuiltinGroup(BuiltinGroup),
    /// Another group has the name.
    #[error("A group with that name already exists.")]
    GroupNameTaken,
    /// Another API key has the name.
    #[error("An API key with this name already exists.")]
    KeyNameTaken,
    /// The account is in the group already.
    #[error("The user is already a member of the group.")]
    AlreadyMember,
    /// A field of a body names what does not exist.
    #[error("There is nothing with the id that {0} names.")]
    UnknownReference(&'static str),
    /// An account would be in more groups, or more of them would change, than one transaction takes.
    #[error("an account can be in {max} groups at most, and so many can change at once.", max = GroupSet::MAX)]
    TooManyGroups,
    /// What Metabase sells.
    #[error("{0}")]
    PremiumFeature(&'static str),
    /// The body as a whole is wrong.
    #[error("{0}")]
    BadRequest(&'static str),
    /// Somebody must remain who can administer.
    #[error("You cannot remove the last member of the 'Admin' group!")]
    LastAdmin,
    /// There is nothing to reactivate.
    #[error("Not able to reactivate an active user")]
    AlreadyActive,
    /// There is nobody who could have the account back.
    #[error("Not able to reactivate an anonymized user")]
    Anonymized,
    /// No session that counts.
    #[error("Unauthenticated")]
    Unauthenticated,
    /// Unknown address or wrong password, told alike.
    #[error("did not match stored password")]
    InvalidCredentials,
    /// The right password of a deactivated account.
    #[error("Your account is disabled.")]
    UserDeactivated,
    /// 403.
    #[error("You don't have permissions to do that.")]
    Forbidden,
    /// An administrator has told the caller to change their password, and they have not yet.
    #[error("You must change your password first.")]
    PasswordChangeRequired,
    /// The instance is set up.
    #[error(
        "The /api/setup route can only be used to create the first user, however a user currently exists."
    )]
    AlreadySetUp,
    /// 404.
    #[error("Not found.")]
    NotFound,
    /// The address of a new account is another's.
    #[error("Email address already in use.")]
    EmailTaken,
    /// The new address of an account is another's.
    #[error("Email address already associated to another user.")]
    EmailTakenOnUpdate,
    /// Others kept changing the same thing.
    #[error("Somebody else is changing the same thing. Please try again.")]
    Contention,
    /// `If-Match` names another state of the account, or `If-None-Match` this one.
    #[error("The account is not in the state that the request names. Please read it again.")]
    PreconditionFailed,
    /// The request was carried out before, and its answer was not kept.
    #[error("A request with this Idempotency-Key was carried out before. Its answer was not kept.")]
    AlreadyProcessed,
    /// The key is that of another request.
    #[error("The Idempotency-Key was used for another request.")]
    IdempotencyKeyReused,
    /// 413.
    #[error("The request body must not be larger than 64 KiB.")]
    PayloadTooLarge,
    /// 415.
    #[error("The request body must be JSON.")]
    UnsupportedMediaType,
    /// So many seconds must pass.
    #[error("Too many attempts! You must wait {} seconds before trying again.", .0.seconds)]
    TooManyAttempts(RetryAfter),
    /// 500.
    #[error("Internal server error")]
    Internal(#[source] Source),
    /// The database is busy or away.
    #[error("The service is busy. Please try again.")]
    Unavailable(#[source] Source),
}

impl ApiError {
    /// The message for a wrong or malformed setup token, as in Metabase.
    pub const WRONG_SETUP_TOKEN: &'static str = "Token does not match the setup token.";

    /// The answer. What only we should know is logged here, once.
    #[must_use]
    pub fn into_response(self, dialect: Dialect, request_id: &str) -> Response {
        if let Self::Internal(source) | Self::Unavailable(source) = &self {
            tracing::error!(request_id, cause = chain(source.as_ref()), "request failed");
        }
        dialect.error(&self, request_id).retry_after(self.retry_after())
    }

    /// A reset token that is worth nothing, whatever the reason; told on the password, as in Metabase.
    #[must_use]
    pub fn invalid_reset_token() -> Self {
        Self::RuleViolation(FieldErrors::single("password", "Invalid reset token"))
    }

    const fn retry_after(&self) -> Option<i64> {
        match self {
            Self::TooManyAttempts(wait) => Some(wait.seconds),
            Self::Unavailable(_) => Some(RETRY_AFTER_SECONDS),
            _ => None,
        }
    }
}

/// An error and what caused it, in a line for the log.
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
    fn from(refusal: DomainError) -> Self {
        let (field, message) = match refusal {
            DomainError::NotFound => return Self::NotFound,
            DomainError::Forbidden => return Self::Forbidden,
            DomainError::AlreadyActive => return Self::AlreadyActive,
            DomainError::Anonymized => return Self::Anonymized,
            DomainError::AllUsersIsImplicit => return Self::AllUsersIsImplicit,
            DomainError::AlreadyMember => return Self::AlreadyMember,
            DomainError::TooManyGroups => return Self::TooManyGroups,
            DomainError::BuiltinGroup(magic) => return Self::BuiltinGroup(magic),
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
            Conflict::RateLimited(purpose) => RetryAfter::minimum(purpose).into(),
            Conflict::UnknownGroup(id) => Self::UnknownGroup(id),
            Conflict::StaleReset => Self::invalid_reset_token(),
            Conflict::GroupNameTaken => Self::GroupNameTaken,
            Conflict::ApiKeyNameTaken => Self::KeyNameTaken,
            Conflict::StaleUser
            | Conflict::StaleCredentials
            | Conflict::StaleGroup
            | Conflict::StaleApiKey
            | Conflict::UserIdTaken
            | Conflict::GroupIdTaken => Self::Contention,
        }
    }
}

impl From<RetryAfter> for ApiError {
    fn from(wait: RetryAfter) -> Self {
        Self::TooManyAttempts(wait)
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
    fn a_cause_is_never_told() {
        let reply = ApiError::Internal("table users is on fire".into())
            .into_response(Dialect::Documented, "r-1");
        assert_eq!(reply.status, 500);
        assert_eq!(reply.body, r#"{"error":"Internal server error","request_id":"r-1"}"#);
    }

    #[test]
    fn a_wait_is_told_in_header_and_sentence() {
        let reply = ApiError::from(RetryAfter::minimum(RateLimitedAction::Login))
            .into_response(Dialect::Documented, "");
        assert!(reply.headers().contains(&("retry-after", "15".into())));
        assert_eq!(
            reply.body,
            r#"{"error":"Too many attempts! You must wait 15 seconds before trying again."}"#
        );
    }

    #[test]
    fn a_taken_address_is_told_three_times() {
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
