//! Errors of the table.

use std::error::Error;

use aws_sdk_dynamodb::{
    config::http::HttpResponse,
    error::{ProvideErrorMetadata, SdkError},
};
use serde::de::IgnoredAny;

use crate::domain::{DomainError, GroupId, RateLimitedAction};

type Source = Box<dyn Error + Send + Sync>;

/// Error codes of DynamoDB that pass by themselves, or that an operator can resolve without a
/// release.
const TRANSIENT: [&str; 9] = [
    "InternalServerError",
    "LimitExceededException",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "ResourceNotFoundException",
    "ServiceUnavailable",
    "ThrottlingException",
    "TransactionConflictException",
    "TransactionInProgressException",
];

/// A failed condition of a write.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Conflict {
    /// Another user has the email address.
    #[error("the email address is taken")]
    EmailTaken,
    /// Another user has the email address that a user is to get.
    #[error("the new email address is taken")]
    EmailTakenOnUpdate,
    /// A user with the ID exists: the counter is behind.
    #[error("the user ID is taken")]
    UserIdTaken,
    /// The user has changed since they were read.
    #[error("the user has changed")]
    StaleUser,
    /// A request with the same idempotency key was processed before.
    #[error("the request was processed before")]
    AlreadyProcessed,
    /// The user does not meet the preconditions of the request.
    #[error("the preconditions failed")]
    PreconditionFailed,
    /// The email address or the password has changed since it was read.
    #[error("the credentials have changed")]
    StaleCredentials,
    /// The reset token was used or replaced, or a change of the user made it invalid.
    #[error("the reset token is invalid")]
    StaleReset,
    /// The link about a new email address has become invalid since it was checked.
    #[error("the link about the email address has become invalid")]
    StaleEmailLink,
    /// Concurrent attempts have exhausted the rate limit.
    #[error("too many attempts")]
    RateLimited(RateLimitedAction),
    /// No other active administrator would be left.
    #[error("no administrator would be left")]
    LastAdmin,
    /// The group does not exist.
    #[error("group {0} does not exist")]
    UnknownGroup(GroupId),
    /// Another group has the name.
    #[error("the group name is taken")]
    GroupNameTaken,
    /// A group with the ID exists: the counter is behind.
    #[error("the group ID is taken")]
    GroupIdTaken,
    /// The group or its memberships have changed since they were read.
    #[error("the group has changed")]
    StaleGroup,
    /// Another API key has the name.
    #[error("the API key name is taken")]
    ApiKeyNameTaken,
    /// The API key has been deleted since it was read.
    #[error("the API key does not exist")]
    UnknownApiKey,
    /// The API key has changed since it was read.
    #[error("the API key has changed")]
    StaleApiKey,
    /// The instance was set up before.
    #[error("the instance is already set up")]
    AlreadySetUp,
    /// The session does not exist, or is no longer valid.
    #[error("the session does not exist")]
    UnknownSession,
    /// Another request recorded the same fact. It never reaches a client.
    #[error("another request recorded the same fact")]
    AlreadyRecorded,
    /// The position of an audit event is taken.
    #[error("the position of an audit event is taken")]
    AuditEventExists,
}

/// A failed request to the table.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The table is overloaded, unreachable, or does not exist yet.
    #[error("DynamoDB is unavailable: {code}")]
    Unavailable {
        /// The error code of DynamoDB, or the kind of the network error.
        code: String,
        /// The cause.
        source: Source,
    },
    /// DynamoDB rejected the request.
    #[error("DynamoDB rejected the request: {code}")]
    Rejected {
        /// The error code of DynamoDB.
        code: String,
        /// The cause.
        source: Source,
    },
    /// The result exceeds the maximum size of a response.
    #[error("the result exceeds the maximum size of a response")]
    ResultTooLarge,
    /// A stored item does not have the expected form.
    #[error("a stored item is malformed: {0}")]
    Malformed(&'static str, #[source] Source),
    /// A value could not be converted into an item.
    #[error("an item could not be serialized")]
    Serialize(#[source] Source),
}

impl StoreError {
    /// Whether the same request may succeed later.
    #[must_use]
    pub const fn is_transient(&self) -> bool {
        matches!(self, Self::Unavailable { .. })
    }

    pub(super) fn busy(code: &str) -> Self {
        Self::Unavailable { code: code.to_owned(), source: code.into() }
    }
}

impl<E> From<SdkError<E>> for StoreError
where
    E: ProvideErrorMetadata + Error + Send + Sync + 'static,
{
    fn from(error: SdkError<E>) -> Self {
        let raw = error.raw_response();
        let is_server_error = raw.is_some_and(|raw| raw.status().is_server_error());
        let truncated = raw.is_some_and(is_truncated);
        let has_response = matches!(error, SdkError::ServiceError(_)) && !truncated;
        let code = match &error {
            _ if truncated => "truncated response",
            SdkError::ServiceError(service) => service.err().code().unwrap_or("unknown"),
            SdkError::TimeoutError(_) => "timeout",
            SdkError::DispatchFailure(_) => "no connection",
            SdkError::ResponseError(_) => "no response",
            _ => "not sent",
        };
        let code = code.to_owned();
        if TRANSIENT.contains(&code.as_str())
            || is_server_error
            || !has_response && code != "not sent"
        {
            Self::Unavailable { code, source: error.into() }
        } else {
            Self::Rejected { code, source: error.into() }
        }
    }
}

/// Whether a response is truncated. Complete responses of DynamoDB are JSON, whatever their status.
pub(super) fn is_truncated(response: &HttpResponse) -> bool {
    let is_json = |body| serde_json::from_slice::<IgnoredAny>(body).is_ok();
    !response.body().bytes().is_some_and(is_json)
}

/// A failed write.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// A rule of the domain forbids the change.
    #[error(transparent)]
    Domain(#[from] DomainError),
    /// A condition failed.
    #[error(transparent)]
    Conflict(#[from] Conflict),
    /// The request to the table failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}
