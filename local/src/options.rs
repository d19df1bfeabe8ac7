//! The options of `cargo run`.

use std::{convert::Infallible, path::PathBuf};

use clap::{Parser, builder::FalseyValueParser};
use local::mail_directory::MailDirectory;
use secrecy::SecretString;
use shared::mail::Mailer;

/// Runs the user service on this machine: every route behind a local gateway, on an embedded
/// DynamoDB engine whose data survive.
///
/// `SESSION_TTL_MINUTES`, `PASSWORD_COMPLEXITY` and the other settings are read from the environment as
/// in the cloud.
#[derive(Debug, Parser)]
#[command(name = "local", version)]
pub(crate) struct Options {
    /// The port on 127.0.0.1, 3000 unless said, 8000 with --db-only; 0 picks a free one and prints it
    #[arg(long, env = "PORT")]
    port: Option<u16>,

    /// Serve the embedded engine itself and no routes: the database for `cargo lambda watch`
    #[arg(long, env = "DB_ONLY", value_parser = FalseyValueParser::new(), conflicts_with = "endpoint")]
    pub(crate) db_only: bool,

    /// Keep nothing after the end
    #[arg(long, env = "IN_MEMORY", value_parser = FalseyValueParser::new())]
    pub(crate) in_memory: bool,

    /// The folder for the data
    #[arg(long, env = "DATA_DIR", value_name = "DIR", default_value = ".data")]
    pub(crate) data: PathBuf,

    /// The folder for letters, the data folder's `mail` unless said; with --in-memory there is none
    #[arg(long, env = "MAIL_DIR", value_name = "DIR")]
    mail: Option<PathBuf>,

    /// Make no first administrator: the instance is set up through POST /api/setup
    #[arg(long, env = "NO_ADMIN", value_parser = FalseyValueParser::new())]
    pub(crate) no_admin: bool,

    /// The token that POST /api/setup asks for; without one a random token is made
    #[arg(long, env = "SETUP_TOKEN", value_name = "T", hide_env_values = true, value_parser = secret)]
    pub(crate) setup_token: Option<SecretString>,

    /// Use this DynamoDB, which must take any credentials, instead of the embedded engine
    #[arg(long, env = "DYNAMODB_ENDPOINT", value_name = "URL")]
    endpoint: Option<String>,

    /// The table
    #[arg(long, env = "TABLE_NAME", value_name = "NAME", default_value = "users")]
    pub(crate) table: String,
}

impl Options {
    /// The port that was asked for, or the one that people expect.
    pub(crate) fn port(&self) -> u16 {
        self.port.unwrap_or(if self.db_only { 8000 } else { 3000 })
    }

    /// Where another DynamoDB is that is to be used.
    pub(crate) fn endpoint(&self) -> Option<&str> {
        self.endpoint.as_deref().filter(|endpoint| !endpoint.is_empty())
    }

    /// Where letters go: nothing outlasts the program that is to keep nothing.
    pub(crate) fn mail(&self) -> Mailer {
        match &self.mail {
            Some(folder) if !folder.as_os_str().is_empty() => MailDirectory::mailer(folder),
            _ if self.in_memory => Mailer::Disabled,
            _ => MailDirectory::mailer(self.data.join("mail")),
        }
    }
}

#[expect(clippy::unnecessary_wraps, reason = "the type is that of every parser of an option")]
fn secret(text: &str) -> Result<SecretString, Infallible> {
    Ok(text.into())
}
