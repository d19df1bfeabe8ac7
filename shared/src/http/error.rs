//! Refusals and failures, and how each is answered.

use std::error::Error;

use serde_json::{Value, json};

use super::{FieldErrors, Reply};
use crate::{
    auth::hash::HashError,
    domain::{Failures, Refusal},
    random::NoEntropy,
    store::{Conflict, StoreError, WriteError},
};

/// What a handler gives back.
pub type ApiResult = Result<Reply, ApiError>;

type Source = Box<dyn Error + Send + Sync>;

/// Seconds after which a client may try again when the database was busy.
const RETRY_AFTER: i64 = 1;

/// Every way in which a request is not answered as it wished.
///
/// What is displayed is the sentence that the client reads: it names no cause, which is logged.
#[derive(Debug, thiserror::Error)]
pub enum ApiError {
    /// 400: fields of the path, query or body are wrong.
    #[error("{}", .0.sentence())]
    Invalid(FieldErrors),
    /// 400: the body as a whole is wrong.
    #[error("{0}")]
    BadRequest(&'static str),
    /// 400: somebody must remain who can administer.
    #[error("You cannot remove the last member of the 'Admin' group!")]
    LastAdmin,
    /// 400: there is nothing to reactivate.
    #[error("Not able to reactivate an active user")]
    AlreadyActive,
    /// 401: no session that counts.
    #[error("Unauthenticated")]
    Unauthenticated,
    /// 401: unknown address, wrong password or deactivated account, told alike.
    #[error("did not match stored password")]
    LoginRefused,
    /// 403.
    #[error("You don't have permissions to do that.")]
    Forbidden,
    /// 404.
    #[error("Not found.")]
    NotFound,
    /// 409: another account has the address.
    #[error("Email address already in use.")]
    EmailTaken,
    /// 409: others kept changing the same account.
    #[error("Somebody else is changing this account. Please try again.")]
    Conflict,
    /// 413.
    #[error("The request body must not be larger than 64 KiB.")]
    TooLarge,
    /// 415.
    #[error("The request body must be JSON.")]
    UnsupportedMediaType,
    /// 429: so many seconds must pass.
    #[error("Too many attempts! You must wait {0} seconds before trying again.")]
    TooManyAttempts(i64),
    /// 500.
    #[error("Internal server error")]
    Internal(#[source] Source),
    /// 503: the database is busy or away.
    #[error("The service is busy. Please try again.")]
    Unavailable(#[source] Source),
}

impl ApiError {
    /// The status of the answer.
    #[must_use]
    pub const fn status(&self) -> u16 {
        match self {
            Self::Invalid(_) | Self::BadRequest(_) | Self::LastAdmin | Self::AlreadyActive => 400,
            Self::Unauthenticated | Self::LoginRefused => 401,
            Self::Forbidden => 403,
            Self::NotFound => 404,
            Self::EmailTaken | Self::Conflict => 409,
            Self::TooLarge => 413,
            Self::UnsupportedMediaType => 415,
            Self::TooManyAttempts(_) => 429,
            Self::Internal(_) => 500,
            Self::Unavailable(_) => 503,
        }
    }

    /// The answer. What only we should know is logged here, once.
    #[must_use]
    pub fn into_reply(self, request_id: &str) -> Reply {
        let status = self.status();
        if let Self::Internal(source) | Self::Unavailable(source) = &self {
            tracing::error!(status, request_id, cause = chain(source.as_ref()), "request failed");
        }
        Reply::json(status, self.body(request_id).to_string()).retry_after(self.retry_after())
    }

    fn body(&self, request_id: &str) -> Value {
        let error = self.to_string();
        match self {
            Self::Invalid(errors) => json!({ "error": error, "errors": errors.as_map() }),
            Self::LoginRefused => json!({ "error": error, "errors": { "password": error } }),
            Self::EmailTaken => json!({
                "error": error,
                "errors": { "email": error },
                "error_code": "email-already-in-use",
            }),
            Self::Internal(_) => json!({ "error": error, "request_id": request_id }),
            _ => json!({ "error": error }),
        }
    }

    const fn retry_after(&self) -> Option<i64> {
        match self {
            Self::TooManyAttempts(seconds) => Some(*seconds),
            Self::Unavailable(_) => Some(RETRY_AFTER),
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
        Self::Invalid(errors)
    }
}

impl From<Refusal> for ApiError {
    fn from(refusal: Refusal) -> Self {
        let (field, message) = match refusal {
            Refusal::NotFound => return Self::NotFound,
            Refusal::Forbidden => return Self::Forbidden,
            Refusal::AlreadyActive => return Self::AlreadyActive,
            Refusal::SuperuserContradictsGroups => (
                "is_superuser",
                "Value of is_superuser must correspond to presence of Admin group ID in group_ids.",
            ),
            Refusal::FirstNameOfSso => {
                ("first_name", "Editing first name is not allowed for SSO users.")
            }
            Refusal::LastNameOfSso => {
                ("last_name", "Editing last name is not allowed for SSO users.")
            }
        };
        FieldErrors::one(field, message).into()
    }
}

impl From<Conflict> for ApiError {
    fn from(conflict: Conflict) -> Self {
        match conflict {
            Conflict::EmailTaken => Self::EmailTaken,
            Conflict::LastAdmin => Self::LastAdmin,
            Conflict::AlreadySetUp => Self::Forbidden,
            Conflict::UnknownSession => Self::NotFound,
            Conflict::Throttled => Self::TooManyAttempts(Failures::FIRST_WAIT),
            Conflict::UnknownGroup(id) => {
                let message = format!("There is no group {id}.");
                let mut errors = FieldErrors::one("group_ids", message.clone());
                errors.add("user_group_memberships", message);
                errors.into()
            }
            Conflict::StaleUser | Conflict::StaleLogin | Conflict::UserId => Self::Conflict,
        }
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        if error.is_transient() {
            Self::Unavailable(error.into())
        } else {
            Self::Internal(error.into())
        }
    }
}

impl From<WriteError> for ApiError {
    fn from(error: WriteError) -> Self {
        match error {
            WriteError::Refused(refusal) => refusal.into(),
            WriteError::Conflict(conflict) => conflict.into(),
            WriteError::Store(error) => error.into(),
        }
    }
}

impl From<HashError> for ApiError {
    fn from(error: HashError) -> Self {
        Self::Internal(error.into())
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

    #[test]
    fn a_cause_is_never_told() {
        let reply = ApiError::Internal("table users is on fire".into()).into_reply("r-1");
        assert_eq!(reply.status, 500);
        assert_eq!(reply.body, r#"{"error":"Internal server error","request_id":"r-1"}"#);
    }

    #[test]
    fn a_wait_is_told_in_header_and_sentence() {
        let reply = ApiError::TooManyAttempts(15).into_reply("");
        assert!(reply.headers().any(|(name, value)| name == "retry-after" && value == "15"));
        assert_eq!(
            reply.body,
            r#"{"error":"Too many attempts! You must wait 15 seconds before trying again."}"#
        );
    }

    #[test]
    fn a_taken_address_is_told_three_times() {
        let sentence = "Email address already in use.";
        let body: Value = serde_json::from_str(&ApiError::EmailTaken.into_reply("").body).unwrap();
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
