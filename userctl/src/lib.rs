//! Command-line program for people, groups and API keys.
//!
//! `docs/userctl.md` is the manual. Most commands call the API through the crate `client`. Commands
//! without an API work on the table itself, see [`TableSource`].

mod commands;
pub mod environment;
mod exit;
mod failure;
mod options;
mod output;

use std::{
    ffi::OsString,
    io::{self, Write},
    process::ExitCode,
};

use clap::{CommandFactory, Parser};

pub use crate::{
    exit::Exit,
    failure::Failure,
    options::{Command, Options, TableOptions, TableSource},
    output::Output,
};

/// Runs the program with the arguments of the process.
pub async fn main() -> ExitCode {
    let arguments: Vec<OsString> = std::env::args_os().collect();
    let json = arguments.iter().any(|argument| argument == "--json");
    match Options::try_parse_from(arguments) {
        Ok(options) => {
            let output = Output::new(&options);
            let result = run(options, &output).await;
            finish(&output, result).into()
        }
        Err(error) if error.use_stderr() => {
            drop(failure::write_usage(&mut io::stderr(), &error, json));
            Exit::Usage.into()
        }
        Err(help) => help.print().map_or(ExitCode::FAILURE, |()| ExitCode::SUCCESS),
    }
}

/// Runs a command until it ends, or until Ctrl-C.
async fn run(options: Options, output: &Output) -> Result<Exit, Failure> {
    tokio::select! {
        result = commands::run(options, output) => result,
        interrupted = tokio::signal::ctrl_c() => {
            interrupted?;
            Err(Failure::interrupted("Interrupted. Run the same command again to finish."))
        }
    }
}

/// Reports a failure. Standard error may be closed, so its errors are ignored.
fn finish(output: &Output, result: Result<Exit, Failure>) -> Exit {
    match result {
        Ok(exit) => exit,
        // The reader of a pipe has enough.
        Err(failure) if failure.is_broken_pipe() => Exit::Success,
        Err(failure) => {
            drop(failure.write(&mut io::stderr(), output.is_json()));
            failure.exit()
        }
    }
}

/// Writes the script for completions of a shell.
fn completions(shell: clap_complete::Shell) -> io::Result<()> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Options::command(), "userctl", &mut script);
    io::stdout().write_all(&script)
}
