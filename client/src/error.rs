//! Errors of requests.

use std::{collections::BTreeMap, fmt, time::Duration};

use http::HeaderMap;
use serde::Deserialize;
use serde_json::{Map, Value};

/// A request without a usable response, or with an error.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The service responded with an error.
    #[error(transparent)]
    Api(Box<ApiError>),
    /// The service does not respond.
    #[error("the service at {url} does not respond: {reason}")]
    Unreachable {
        /// URL of the service.
        url: String,
        /// The causes.
        reason: String,
    },
    /// The response does not belong to this API.
    #[error("the service at {url} does not respond as the user API (status {status}): {reason}")]
    UnexpectedResponse {
        /// URL of the service.
        url: String,
        /// HTTP status.
        status: u16,
        /// The difference.
        reason: String,
    },
    /// The URL of the service is invalid.
    #[error("{0}")]
    InvalidUrl(&'static str),
    /// A value cannot be a header.
    #[error("the value of the header {0} contains characters that no header may have")]
    InvalidHeader(&'static str),
    /// The certificates of this machine cannot be read.
    #[error("the root certificates of this machine cannot be read: {0}")]
    Certificates(std::io::Error),
}

impl Error {
    /// The error of the service, if it responded with one.
    #[must_use]
    pub fn api(&self) -> Option<&ApiError> {
        match self {
            Self::Api(error) => Some(error),
            _ => None,
        }
    }

    /// The HTTP status of the service, if it responded with an error.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        self.api().map(|error| error.status)
    }
}

/// An error of the service. `docs/errors.md` lists all of them.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ApiError {
    /// HTTP status.
    pub status: u16,
    /// Code for programs, for example `email-already-in-use`.
    pub code: Option<String>,
    /// One sentence.
    pub message: String,
    /// A message for each invalid field. Names of nested fields contain a dot.
    pub fields: BTreeMap<String, String>,
    /// Time to wait before a repetition, after 429 and 503.
    pub retry_after: Option<Duration>,
    /// Request ID in the logs of the service, after 500.
    pub request_id: Option<String>,
}

#[derive(Deserialize)]
struct Body {
    /// API Gateway has `message` instead.
    #[serde(alias = "message")]
    error: String,
    error_code: Option<String>,
    #[serde(default)]
    errors: Map<String, Value>,
    request_id: Option<String>,
}

impl ApiError {
    /// Parses the response of the service, or of the gateway in front of it.
    pub(crate) fn parse(status: u16, headers: &HeaderMap, body: &[u8]) -> Option<Self> {
        let Body { error, error_code, errors, request_id } = serde_json::from_slice(body).ok()?;
        let mut fields = BTreeMap::new();
        flatten("", &errors, &mut fields);
        let retry_after = headers.get("retry-after").and_then(|value| value.to_str().ok());
        let retry_after = retry_after.and_then(|seconds| seconds.parse().ok());
        Some(Self {
            status,
            code: error_code,
            message: error,
            fields,
            retry_after: retry_after.map(Duration::from_secs),
            request_id,
        })
    }
}

/// Collects the messages of nested fields.
fn flatten(prefix: &str, errors: &Map<String, Value>, fields: &mut BTreeMap<String, String>) {
    for (name, message) in errors {
        let name = if prefix.is_empty() { name.clone() } else { format!("{prefix}.{name}") };
        match message {
            Value::Object(nested) => flatten(&name, nested, fields),
            Value::String(message) => {
                fields.insert(name, message.clone());
            }
            other => {
                fields.insert(name, other.to_string());
            }
        }
    }
}

/// The causes of an error, from the outermost to the innermost.
pub(crate) struct Causes<'e>(pub(crate) &'e dyn std::error::Error);

impl fmt::Display for Causes<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut cause = Some(self.0);
        let mut separator = "";
        while let Some(error) = cause {
            write!(f, "{separator}{error}")?;
            (separator, cause) = (": ", error.source());
        }
        Ok(())
    }
}
