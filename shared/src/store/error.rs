//! What can go wrong in the table.

use std::error::Error;

use aws_sdk_dynamodb::{
    config::http::HttpResponse,
    error::{ProvideErrorMetadata, SdkError},
};
use serde::de::IgnoredAny;

use crate::domain::{DomainError, GroupId, RateLimitedAction};

type Source = Box<dyn Error + Send + Sync>;

/// Errors of DynamoDB that pass, or that an operator can end without a new release.
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

/// A condition that did not hold: the name of the leg that carried it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Conflict {
    /// Another account has the address.
    #[error("the address is taken")]
    EmailTaken,
    /// Another account has the address that one is to move to.
    #[error("the address is another's")]
    EmailTakenOnUpdate,
    /// The number is taken; the counter is behind the accounts.
    #[error("the number is taken")]
    UserIdTaken,
    /// The account has changed since it was read.
    #[error("the account has changed")]
    StaleUser,
    /// The request was carried out before.
    #[error("the request was carried out before")]
    AlreadyProcessed,
    /// The account is not in a state in which the request wants to meet it.
    #[error("the account is in another state")]
    PreconditionFailed,
    /// The address or the password has changed since it was read.
    #[error("the credentials have changed")]
    StaleCredentials,
    /// The reset token was spent or replaced, or the account has changed too much for it.
    #[error("the reset token no longer counts")]
    StaleReset,
    /// Too many others have attempted the same since this attempt began.
    #[error("too many attempts")]
    RateLimited(RateLimitedAction),
    /// No other active administrator would be left.
    #[error("no administrator would be left")]
    LastAdmin,
    /// There is no such group.
    #[error("there is no group {0}")]
    UnknownGroup(GroupId),
    /// Another group has the name.
    #[error("the name is taken")]
    GroupNameTaken,
    /// The number is taken; the counter is behind the groups.
    #[error("the number of the group is taken")]
    GroupIdTaken,
    /// The group or its memberships have changed since they were read.
    #[error("the group has changed")]
    StaleGroup,
    /// Another API key has the name.
    #[error("the name of the key is taken")]
    ApiKeyNameTaken,
    /// The API key has been deleted since it was read.
    #[error("there is no such API key")]
    UnknownApiKey,
    /// The API key has changed since it was read.
    #[error("the API key has changed")]
    StaleApiKey,
    /// Somebody has set the instance up.
    #[error("the instance is set up")]
    AlreadySetUp,
    /// The session does not exist, or no longer counts.
    #[error("there is no such session")]
    UnknownSession,
}

/// The table did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// It is busy, away, or not there yet.
    #[error("DynamoDB is not available: {code}")]
    Unavailable {
        /// What DynamoDB or the network calls it.
        code: String,
        /// The whole story.
        source: Source,
    },
    /// It refuses the request as such.
    #[error("DynamoDB refused the request: {code}")]
    Refused {
        /// What DynamoDB calls it.
        code: String,
        /// The whole story.
        source: Source,
    },
    /// There are more accounts than any answer could hold.
    #[error("there are more accounts than an answer holds")]
    ResultTooLarge,
    /// An item is not what this release writes.
    #[error("an item of the kind {0} is malformed")]
    Malformed(&'static str, #[source] Source),
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
        let failing = raw.is_some_and(|raw| raw.status().is_server_error());
        let unreadable = raw.is_some_and(is_truncated);
        let answered = matches!(error, SdkError::ServiceError(_)) && !unreadable;
        let code = match &error {
            _ if unreadable => "no answer",
            SdkError::ServiceError(service) => service.err().code().unwrap_or("unknown"),
            SdkError::TimeoutError(_) => "timeout",
            SdkError::DispatchFailure(_) => "no connection",
            SdkError::ResponseError(_) => "no answer",
            _ => "not sent",
        };
        let code = code.to_owned();
        if TRANSIENT.contains(&code.as_str()) || failing || !answered && code != "not sent" {
            Self::Unavailable { code, source: error.into() }
        } else {
            Self::Refused { code, source: error.into() }
        }
    }
}

/// Whether an answer was cut: DynamoDB's are JSON, whatever their status.
pub(super) fn is_truncated(answer: &HttpResponse) -> bool {
    let is_json = |body| serde_json::from_slice::<IgnoredAny>(body).is_ok();
    !answer.body().bytes().is_some_and(is_json)
}

/// Why a change did not happen.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// A rule forbids it.
    #[error(transparent)]
    Refused(#[from] DomainError),
    /// A condition did not hold when it was written.
    #[error(transparent)]
    Conflict(#[from] Conflict),
    /// The table did not do it.
    #[error(transparent)]
    Store(#[from] StoreError),
}
