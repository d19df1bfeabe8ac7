//! The options and commands of the program.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use clap_complete::Shell;

use crate::{
    Failure,
    apply::ApplyArguments,
    commands::{
        AuditArguments, GroupCommand, KeyCommand, LoginArguments, ResetPasswordArguments,
        UserCommand,
    },
    export::ExportCommand,
    import::ImportCommand,
};

/// The exit codes, at the end of `--help`.
const EXIT_CODES: &str = "\
Exit codes:
    0  success
    1  the service rejected the request, or the program failed
    2  invalid options, arguments or input file
    3  no valid session or API key
    4  the service or the table does not respond
    5  some rows of a file failed
  130  interrupted by Ctrl-C";

/// People, groups and API keys from the command line.
#[derive(Debug, Parser)]
#[command(name = "userctl", version, after_help = EXIT_CODES, arg_required_else_help = true)]
pub struct Options {
    /// Global options.
    #[command(flatten)]
    pub global: GlobalOptions,
    /// The command.
    #[command(subcommand)]
    pub command: Command,
}

/// Options of all commands.
#[derive(Debug, Args)]
pub struct GlobalOptions {
    /// URL of the service, by default `USERCTL_URL` or the URL of the last login
    #[arg(long, global = true, value_name = "URL", conflicts_with_all = ["table", "data"])]
    pub url: Option<String>,
    /// Print JSON, also for errors
    #[arg(long, global = true)]
    pub json: bool,
    /// Allow plain HTTP to other machines, which shows passwords to everyone on the way
    #[arg(long, global = true)]
    pub allow_http: bool,
    /// The table, for commands without the API.
    #[command(flatten)]
    pub table: TableOptions,
}

/// The table, for commands that no API offers.
#[derive(Debug, Args)]
pub struct TableOptions {
    /// Table name: in the AWS account, or with --data in the local store
    #[arg(long, global = true, value_name = "NAME")]
    pub table: Option<String>,
    /// Data directory of a local store, as of `cargo run`
    #[arg(long, global = true, value_name = "DIR", conflicts_with_all = ["profile", "region"])]
    pub data: Option<PathBuf>,
    /// AWS profile
    #[arg(long, global = true, value_name = "NAME", requires = "table")]
    pub profile: Option<String>,
    /// AWS region
    #[arg(long, global = true, value_name = "NAME", requires = "table")]
    pub region: Option<String>,
}

/// The selected table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TableSource {
    /// A table of an AWS account.
    Aws {
        /// Table name.
        table: String,
        /// AWS profile.
        profile: Option<String>,
        /// AWS region.
        region: Option<String>,
    },
    /// A table in the local store of a directory.
    Directory {
        /// Data directory.
        data: PathBuf,
        /// Table name.
        table: String,
    },
}

impl TableOptions {
    /// Whether an option selects a table.
    #[must_use]
    pub const fn is_given(&self) -> bool {
        self.table.is_some() || self.data.is_some()
    }

    /// The selected table.
    ///
    /// # Errors
    ///
    /// Returns a usage failure if no option selects a table.
    pub fn source(&self) -> Result<TableSource, Failure> {
        match (self.data.clone(), self.table.clone()) {
            (Some(data), table) => {
                let table = table.unwrap_or_else(|| "users".to_owned());
                Ok(TableSource::Directory { data, table })
            }
            (None, Some(table)) => {
                let (profile, region) = (self.profile.clone(), self.region.clone());
                Ok(TableSource::Aws { table, profile, region })
            }
            (None, None) => Err(Failure::usage(
                "this command works on the table itself: add --table NAME, or --data DIR",
            )),
        }
    }
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Log in and save the session in a file that only you can read
    Login(LoginArguments),
    /// End the session of the last login
    Logout,
    /// Show the user of the credentials
    Whoami,
    /// Users
    #[command(subcommand)]
    User(UserCommand),
    /// Groups and their members
    #[command(subcommand)]
    Group(GroupCommand),
    /// API keys
    #[command(subcommand)]
    Key(KeyCommand),
    /// Show the audit log, newest event first
    Audit(AuditArguments),
    /// Create, change and deactivate users to match a CSV file
    Apply(ApplyArguments),
    /// Import users, groups and API keys into the table itself
    #[command(subcommand)]
    Import(ImportCommand),
    /// Export users, groups and API keys from the table itself
    #[command(subcommand)]
    Export(ExportCommand),
    /// Print a link to choose a new password, for an administrator who is locked out
    ResetPassword(ResetPasswordArguments),
    /// Print the completion script of a shell
    Completions {
        /// The shell
        shell: Shell,
    },
}
