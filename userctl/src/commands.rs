//! The commands. Each has a module.

mod audit;
mod completions;
mod group;
mod key;
mod login;
mod reset_password;
mod user;
mod user_list;
mod user_sessions;

use crate::{Command, Context, Exit, Failure};

pub(crate) use self::{
    audit::AuditArguments,
    group::GroupCommand,
    key::KeyCommand,
    login::LoginArguments,
    reset_password::ResetPasswordArguments,
    user::UserCommand,
    user_list::{CSV_COLUMNS, name_in_list},
};

/// Runs the selected command.
#[expect(clippy::cognitive_complexity, reason = "one arm for each command")]
pub(crate) async fn run(context: &Context, command: Command) -> Result<Exit, Failure> {
    match command {
        Command::Apply(arguments) => return crate::apply::run(context, &arguments).await,
        Command::Import(command) => return crate::import::run(context, &command).await,
        Command::Login(arguments) => login::log_in(context, &arguments).await,
        Command::Logout => login::log_out(context).await,
        Command::Whoami => login::whoami(context).await,
        Command::User(command) => user::run(context, command).await,
        Command::Group(command) => group::run(context, command).await,
        Command::Key(command) => key::run(context, command).await,
        Command::Audit(arguments) => audit::run(context, arguments).await,
        Command::ResetPassword(arguments) => reset_password::run(context, &arguments).await,
        Command::Export(command) => crate::export::run(context, &command).await,
        Command::Completions { shell } => completions::run(shell),
    }?;
    Ok(Exit::Success)
}
