//! The commands. Each has a module.

use crate::{Command, Exit, Failure, Options, Output};

/// Runs the selected command.
#[expect(clippy::unused_async, reason = "commands of the API and of the table are async")]
pub(crate) async fn run(options: Options, _output: &Output) -> Result<Exit, Failure> {
    match options.command {
        Command::Completions { shell } => crate::completions(shell)?,
    }
    Ok(Exit::Success)
}
