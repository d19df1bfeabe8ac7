//! The options of `cargo run`.

use std::{convert::Infallible, path::PathBuf};

use clap::{Parser, builder::FalseyValueParser};
use local::mail_directory::MailDirectory;
use secrecy::SecretString;
use shared::mail::Mailer;

/// Runs the user API on this machine: all routes behind a local gateway, with data in an embedded
/// DynamoDB engine.
///
/// `SESSION_TTL_MINUTES`, `PASSWORD_COMPLEXITY` and the other settings of a Lambda function are
/// environment variables here too.
#[derive(Debug, Parser)]
#[command(name = "local", version)]
pub(crate) struct Options {
    /// Port on 127.0.0.1, by default 3000, or 8000 with --db-only; 0 selects and prints a free port
    #[arg(long, env = "PORT")]
    port: Option<u16>,

    /// Serve only the embedded DynamoDB engine, as the database of `cargo lambda watch`
    #[arg(
        long,
        env = "DB_ONLY",
        value_parser = FalseyValueParser::new(),
        conflicts_with = "endpoint"
    )]
    pub(crate) db_only: bool,

    /// Keep no data after the end
    #[arg(long, env = "IN_MEMORY", value_parser = FalseyValueParser::new())]
    pub(crate) in_memory: bool,

    /// Data directory
    #[arg(long, env = "DATA_DIR", value_name = "DIR", default_value = ".data")]
    pub(crate) data: PathBuf,

    /// Directory for emails, by default `mail` in the data directory, and none with --in-memory
    #[arg(long, env = "MAIL_DIR", value_name = "DIR")]
    mail: Option<PathBuf>,

    /// Create no administrator; set the instance up with POST /api/setup
    #[arg(long, env = "NO_ADMIN", value_parser = FalseyValueParser::new())]
    pub(crate) no_admin: bool,

    /// Setup token for POST /api/setup, by default random
    #[arg(
        long,
        env = "SETUP_TOKEN",
        value_name = "T",
        hide_env_values = true,
        value_parser = secret
    )]
    pub(crate) setup_token: Option<SecretString>,

    /// DynamoDB to use instead of the embedded engine; it must accept any credentials
    #[arg(long, env = "DYNAMODB_ENDPOINT", value_name = "URL")]
    endpoint: Option<String>,

    /// Use a table of an AWS account, with the usual profile and region; read-only without --write
    #[arg(
        long,
        env = "USE_AWS",
        value_parser = FalseyValueParser::new(),
        conflicts_with_all = ["endpoint", "db_only", "in_memory"]
    )]
    pub(crate) aws: bool,

    /// With --aws, allow changes of the table
    #[arg(long, requires = "aws")]
    pub(crate) write: bool,

    /// Table name
    #[arg(long, env = "TABLE_NAME", value_name = "NAME", default_value = "users")]
    pub(crate) table: String,
}

impl Options {
    /// The selected port, or the default.
    pub(crate) fn port(&self) -> u16 {
        self.port.unwrap_or(if self.db_only { 8000 } else { 3000 })
    }

    /// The endpoint of another DynamoDB, if one is selected.
    pub(crate) fn endpoint(&self) -> Option<&str> {
        self.endpoint.as_deref().filter(|endpoint| !endpoint.is_empty())
    }

    /// The mailer. Without a directory for emails, `--in-memory` disables mail, because it keeps no
    /// data.
    pub(crate) fn mail(&self) -> Mailer {
        match &self.mail {
            Some(path) if !path.as_os_str().is_empty() => MailDirectory::mailer(path),
            _ if self.in_memory => Mailer::Disabled,
            _ => MailDirectory::mailer(self.data.join("mail")),
        }
    }
}

#[expect(clippy::unnecessary_wraps, reason = "clap requires this type of a value parser")]
fn secret(text: &str) -> Result<SecretString, Infallible> {
    Ok(text.into())
}
