//! The failure of a command, as text and as JSON.

use std::{
    fmt::Display,
    io::{self, Write},
};

use serde_json::{Map, Value, json};

use crate::{Exit, output::printable};

/// The reason a command failed.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct Failure {
    exit: Exit,
    message: String,
    /// The HTTP status of the API, if it responded.
    status: Option<u16>,
    /// A message for each invalid field.
    fields: Map<String, Value>,
    is_broken_pipe: bool,
}

impl Failure {
    /// A failure with an exit code and one sentence.
    pub fn new(exit: Exit, message: impl Display) -> Self {
        let message = message.to_string();
        Self { exit, message, status: None, fields: Map::new(), is_broken_pipe: false }
    }

    /// A failure of the program or the service.
    pub fn failed(message: impl Display) -> Self {
        Self::new(Exit::Failed, message)
    }

    /// An invalid option, argument or input file.
    pub fn usage(message: impl Display) -> Self {
        Self::new(Exit::Usage, message)
    }

    /// Missing credentials.
    pub(crate) fn not_signed_in(url: &str) -> Self {
        let message = format!(
            "not signed in to {url}: run `userctl login ADDRESS --url {url}`, or set \
             USERCTL_SESSION or USERCTL_API_KEY"
        );
        Self::new(Exit::NotSignedIn, message)
    }

    /// An interruption by Ctrl-C.
    pub fn interrupted(message: impl Display) -> Self {
        Self::new(Exit::Interrupted, message)
    }

    /// The message with the messages of the fields, on one line.
    #[must_use]
    pub(crate) fn sentence(&self) -> String {
        let fields = self.fields.iter();
        let fields = fields.map(|(field, message)| format!(" {field}: {}", text(message)));
        format!("{}{}", self.message, fields.collect::<String>())
    }

    /// The exit code.
    #[must_use]
    pub const fn exit(&self) -> Exit {
        self.exit
    }

    /// Whether the reader of the output has closed the pipe.
    #[must_use]
    pub const fn is_broken_pipe(&self) -> bool {
        self.is_broken_pipe
    }

    /// Writes the failure for people, or as one line of JSON.
    ///
    /// # Errors
    ///
    /// Returns an error if the writer fails.
    pub fn write(&self, out: &mut impl Write, json: bool) -> io::Result<()> {
        if json {
            return writeln!(out, "{}", self.to_json());
        }
        writeln!(out, "error: {}", printable(&self.message))?;
        for (field, message) in &self.fields {
            writeln!(out, "  {field}: {}", printable(&text(message)))?;
        }
        Ok(())
    }

    /// The failure as JSON.
    #[must_use]
    pub fn to_json(&self) -> Value {
        json!({
            "error": self.message,
            "code": self.exit.name(),
            "exit_code": self.exit as u8,
            "status": self.status,
            "errors": self.fields,
        })
    }
}

impl From<client::Error> for Failure {
    fn from(error: client::Error) -> Self {
        let exit = match (&error, error.status()) {
            (client::Error::Unreachable { .. }, _) | (_, Some(503)) => Exit::Unreachable,
            (client::Error::InvalidUrl(_), _) => Exit::Usage,
            (_, Some(401)) => Exit::NotSignedIn,
            _ => Exit::Failed,
        };
        let fields = error.api().map(|api| api.fields.clone()).unwrap_or_default();
        let fields = fields.into_iter().map(|(field, message)| (field, message.into()));
        Self { status: error.status(), fields: fields.collect(), ..Self::new(exit, error) }
    }
}

impl From<csv::Error> for Failure {
    fn from(error: csv::Error) -> Self {
        match error.into_kind() {
            csv::ErrorKind::Io(error) => error.into(),
            kind => Self::failed(format!("cannot write CSV: {kind:?}")),
        }
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        let is_broken_pipe = error.kind() == io::ErrorKind::BrokenPipe;
        Self { is_broken_pipe, ..Self::failed(error) }
    }
}

impl From<serde_json::Error> for Failure {
    fn from(error: serde_json::Error) -> Self {
        Self::from(io::Error::from(error))
    }
}

fn text(message: &Value) -> String {
    message.as_str().map_or_else(|| message.to_string(), str::to_owned)
}

/// Writes an error of the command line.
pub(crate) fn write_usage(out: &mut impl Write, error: &clap::Error, json: bool) -> io::Result<()> {
    if !json {
        return write!(out, "{error}");
    }
    let message = error.to_string();
    let lines = message.lines().map(str::trim).take_while(|line| !line.is_empty());
    let message = lines.collect::<Vec<_>>().join(" ");
    let message = message.strip_prefix("error: ").unwrap_or(&message);
    Failure::usage(message).write(out, true)
}
