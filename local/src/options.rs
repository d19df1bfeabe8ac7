//! The options of `cargo run`.

use std::{convert::Infallible, path::PathBuf};

use clap::{Parser, builder::FalseyValueParser};
use local::{mail_directory::MailDirectory, owner_only};
use secrecy::SecretString;
use shared::{
    domain::{Email, HostName},
    mail::Mailer,
};

use crate::start_error::StartError;

/// Runs the user API on this machine: all routes behind a local gateway, with data in an embedded
/// DynamoDB engine.
///
/// `SESSION_TTL_MINUTES`, `PASSWORD_COMPLEXITY` and the other settings of a Lambda function are
/// environment variables here too.
#[derive(Debug, Parser)]
#[command(name = "local", version)]
pub(crate) struct Options {
    /// Port on 127.0.0.1, by default 3000, or 8000 with --db-only; 0 selects and prints a free port
    #[arg(long, env = "PORT", value_parser = port)]
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
    #[arg(long, env = "DYNAMODB_ENDPOINT", value_name = "URL", value_parser = endpoint)]
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

    /// Print a link to choose a new password for the user with this email address, and end
    #[arg(long, value_name = "ADDRESS", value_parser = email, conflicts_with = "db_only")]
    pub(crate) reset_password: Option<Email>,

    /// Create this number of sample users at the start
    #[arg(
        long,
        value_name = "NUMBER",
        default_value_t = 0,
        conflicts_with_all = ["aws", "db_only"]
    )]
    pub(crate) sample: usize,

    /// Table name
    #[arg(
        long,
        env = "TABLE_NAME",
        value_name = "NAME",
        default_value = "users",
        value_parser = table_name
    )]
    pub(crate) table: String,

    /// Hosts to serve besides those of the loopback interface and `SITE_URL`, separated by commas
    #[arg(
        long = "allowed-host",
        env = "ALLOWED_HOSTS",
        value_name = "HOST",
        value_delimiter = ',',
        value_parser = host
    )]
    pub(crate) allowed_hosts: Vec<Option<HostName>>,
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
    /// data. The database alone sends none.
    pub(crate) fn mail(&self) -> Result<Mailer, StartError> {
        let directory = match &self.mail {
            _ if self.db_only => return Ok(Mailer::Disabled),
            Some(path) if !path.as_os_str().is_empty() => path.clone(),
            _ if self.in_memory => return Ok(Mailer::Disabled),
            _ => {
                let created = owner_only::create_directory(&self.data);
                created.map_err(|error| StartError::data(&self.data, &error.into()))?;
                self.data.join("mail")
            }
        };
        let prepared = MailDirectory::prepare(&directory);
        prepared.map_err(|error| StartError::mail(&directory, &error))?;
        Ok(MailDirectory::mailer(directory))
    }
}

fn port(text: &str) -> Result<u16, &'static str> {
    text.parse().map_err(|_| "it must be a number from 0 to 65535 (--port or PORT)")
}

fn email(text: &str) -> Result<Email, &'static str> {
    Email::parse(text).ok_or("it must be an email address")
}

/// Checks a URL. An empty one stands for none.
fn endpoint(text: &str) -> Result<String, &'static str> {
    let rest = text.strip_prefix("http://").or_else(|| text.strip_prefix("https://"));
    let authority = rest.and_then(|rest| rest.split('/').next());
    if text.is_empty() || authority.is_some_and(|text| HostName::parse(text).is_some()) {
        return Ok(text.to_owned());
    }
    Err("it must be a URL like http://127.0.0.1:8000 (--endpoint or DYNAMODB_ENDPOINT)")
}

/// Checks a name by the rules of DynamoDB.
fn table_name(text: &str) -> Result<String, &'static str> {
    let is_valid = |byte: u8| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte);
    if (3..=255).contains(&text.len()) && text.bytes().all(is_valid) {
        return Ok(text.to_owned());
    }
    Err("it must have 3 to 255 letters, digits, '_', '-' and '.' (--table or TABLE_NAME)")
}

/// Parses a host. An empty one stands for none.
fn host(text: &str) -> Result<Option<HostName>, &'static str> {
    match HostName::parse(text.trim()) {
        None if !text.trim().is_empty() => {
            Err("it must be a name or an IP address (--allowed-host or ALLOWED_HOSTS)")
        }
        host => Ok(host),
    }
}

#[expect(clippy::unnecessary_wraps, reason = "clap requires this type of a value parser")]
fn secret(text: &str) -> Result<SecretString, Infallible> {
    Ok(text.into())
}
