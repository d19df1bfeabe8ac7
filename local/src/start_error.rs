//! Errors of a start, in words for the user: a problem in one sentence, and a hint.

use std::{
    error::Error,
    io::{self, ErrorKind},
    path::Path,
};

use aws_sdk_dynamodb::error::ProvideErrorMetadata;
use local::engine::EngineError;
use shared::{config::ConfigError, http::ApiError, store::StoreError};

use crate::options::Options;

const OTHER_DIRECTORY: &str =
    "Choose a directory of your own with --data, or keep no data with --in-memory.";
const OTHER_PORT: &str = "Stop that program, or choose another port with --port.";
const CHECK_ENDPOINT: &str = "Start the DynamoDB emulator, or correct --endpoint.";
const CHECK_TABLE: &str = "Choose another table with --table.";

/// The reason why the program does not start or ends.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("{problem}.\n  hint: {hint}")]
pub(crate) struct StartError {
    problem: String,
    hint: String,
}

impl StartError {
    pub(crate) fn new(problem: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { problem: problem.into(), hint: hint.into() }
    }

    /// The port cannot be bound.
    pub(crate) fn port(port: u16, error: &io::Error) -> Self {
        let (reason, hint) = match error.kind() {
            ErrorKind::AddrInUse => ("it is in use by another program".to_owned(), OTHER_PORT),
            ErrorKind::PermissionDenied => {
                ("this user may not use it".to_owned(), "Choose a port above 1023 with --port.")
            }
            _ => (reason(error), "Choose another port with --port."),
        };
        Self::new(format!("cannot listen on port {port}: {reason}"), hint)
    }

    /// The embedded engine does not open its data directory.
    pub(crate) fn data(directory: &Path, error: &EngineError) -> Self {
        let path = directory.display();
        match error {
            EngineError::Io(error) => {
                let problem = format!("cannot use the data directory {path}: {}", reason(error));
                Self::new(problem, OTHER_DIRECTORY)
            }
            EngineError::InUse => Self::new(
                format!("the data directory {path} is in use by another process"),
                "Stop that process, or choose another directory with --data.",
            ),
            EngineError::Database(error) => Self::new(
                format!("cannot open the database in {path}: {}", sentence(&error.to_string())),
                "Restore users.db from a backup, or choose another directory with --data.",
            ),
        }
    }

    /// The directory for emails cannot be used.
    pub(crate) fn mail(directory: &Path, error: &io::Error) -> Self {
        let (path, reason) = (directory.display(), reason(error));
        Self::new(
            format!("cannot use the directory for emails {path}: {reason}"),
            "Choose a directory of your own with --mail.",
        )
    }

    /// DynamoDB does not open the table.
    pub(crate) fn table(
        options: &Options,
        error: &(impl Error + ProvideErrorMetadata + 'static),
    ) -> Self {
        let problem = |cause: &str| format!("cannot open the table {}: {cause}", options.table);
        let cause = cause(error);
        if options.aws {
            let hint = "Check --table, AWS_PROFILE and AWS_REGION.";
            return Self::new(problem(&cause), hint);
        }
        match options.endpoint() {
            Some(endpoint) => Self::new(problem(&format!("{endpoint}: {cause}")), CHECK_ENDPOINT),
            None => Self::new(problem(&cause), OTHER_DIRECTORY),
        }
    }

    /// The table does not serve the first requests.
    pub(crate) fn first_requests(options: &Options, error: &ApiError) -> Self {
        let table = &options.table;
        let cause = match error {
            ApiError::Internal(cause) | ApiError::Unavailable(cause) => cause.downcast_ref(),
            _ => None,
        };
        let reason = match cause {
            Some(StoreError::Unavailable { code, .. }) => {
                format!("DynamoDB is unavailable ({code})")
            }
            Some(StoreError::Rejected { code, .. }) => {
                format!("DynamoDB rejected a request, as if the table had other keys ({code})")
            }
            Some(StoreError::Malformed(..)) => {
                "it contains items of another program or version".to_owned()
            }
            _ => sentence(&error.to_string()),
        };
        Self::new(format!("cannot read the table {table}: {reason}"), CHECK_TABLE)
    }
}

impl From<ConfigError> for StartError {
    fn from(error: ConfigError) -> Self {
        let hint = "Correct or unset it; docs/configuration.md describes all variables.";
        Self::new(error.to_string(), hint)
    }
}

impl From<io::Error> for StartError {
    fn from(error: io::Error) -> Self {
        Self::new(
            format!("the operating system refused a request: {}", reason(&error)),
            "Check the limits and permissions of this user.",
        )
    }
}

/// The cause of an error of the SDK: the response of AWS, or the reason for its absence.
pub(crate) fn cause(error: &(impl Error + ProvideErrorMetadata + 'static)) -> String {
    match (error.message(), error.code()) {
        (Some(message), Some(code)) => return format!("{} ({code})", sentence(message)),
        (None, Some(code)) => return code.to_owned(),
        _ => {}
    }
    let first: &(dyn Error + 'static) = error;
    let chain: Vec<_> = std::iter::successors(Some(first), |&error| error.source()).collect();
    let last = chain.last().map(|error| sentence(&error.to_string())).unwrap_or_default();
    if last.contains("timeout") || last.contains("timed out") {
        return "no response in time".to_owned();
    }
    if last.contains("connection closed") {
        return "the connection was closed".to_owned();
    }
    if let Some(error) = chain.iter().find_map(|error| error.downcast_ref::<io::Error>()) {
        return reason(error);
    }
    let plain = ["certificate", "credentials", "profile"];
    if plain.iter().any(|word| last.contains(word)) {
        return last;
    }
    "the response is not DynamoDB's".to_owned()
}

/// The reason of an error of the operating system, in plain words.
fn reason(error: &io::Error) -> String {
    match error.kind() {
        ErrorKind::AlreadyExists | ErrorKind::NotADirectory => "it is a file, or below a file",
        ErrorKind::IsADirectory => "one of its files is a directory",
        ErrorKind::NotFound => "it cannot be created here",
        ErrorKind::PermissionDenied => "this user may not write there",
        ErrorKind::ReadOnlyFilesystem => "the file system is read-only",
        ErrorKind::StorageFull => "the disk is full",
        ErrorKind::ConnectionRefused => "the connection was refused",
        ErrorKind::ConnectionReset | ErrorKind::UnexpectedEof => "the connection was closed",
        ErrorKind::TimedOut => "no response in time",
        _ => return sentence(&error.to_string()),
    }
    .to_owned()
}

/// A text of a library as a part of a sentence: its first line, without Rust's error number.
fn sentence(text: &str) -> String {
    let line = text.lines().next().unwrap_or_default();
    let line = line.split(" (os error ").next().unwrap_or_default();
    line.trim_end_matches(['.', ' ']).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_of_the_operating_system_have_plain_words() {
        let denied = io::Error::from(ErrorKind::PermissionDenied);
        let error = StartError::data(Path::new("/srv"), &EngineError::Io(denied));
        assert_eq!(
            error.to_string(),
            "cannot use the data directory /srv: this user may not write there.\n  hint: Choose a \
             directory of your own with --data, or keep no data with --in-memory."
        );
        let error = StartError::port(80, &io::Error::from(ErrorKind::PermissionDenied));
        assert!(error.to_string().contains("above 1023"), "{error}");
        for number in [1, 5, 20, 28, 30, 40, 98, 111] {
            let text = reason(&io::Error::from_raw_os_error(number));
            assert!(!text.contains("os error") && !text.is_empty(), "{text}");
        }
    }
}
