//! Command-line program for people, groups and API keys.
//!
//! `docs/userctl.md` is the manual. Most commands call the API through the crate `client`. Commands
//! without an API work on the table itself, see [`TableSource`].

mod apply;
mod clock;
mod commands;
mod context;
mod credentials_file;
pub mod environment;
mod exit;
mod export;
mod failure;
mod import;
mod jsonl;
mod list;
mod options;
mod output;
mod prompt;
mod references;
mod store;
mod table;

use std::{
    ffi::OsString,
    io::{self, Write},
    process::ExitCode,
};

use clap::Parser;

pub use crate::{
    context::Context,
    exit::Exit,
    failure::Failure,
    options::{Command, GlobalOptions, Options, TableOptions, TableSource},
    output::Output,
};

/// Runs the program with the arguments of the process.
pub async fn main() -> ExitCode {
    let arguments: Vec<OsString> = std::env::args_os().collect();
    let json = arguments.iter().any(|argument| argument == "--json");
    match Options::try_parse_from(arguments) {
        Ok(Options { global, command }) => {
            let context = Context::new(global);
            let result = run(&context, command).await;
            finish(&context, result).into()
        }
        Err(error) if error.use_stderr() => {
            drop(failure::write_usage(&mut io::stderr(), &error, json));
            Exit::Usage.into()
        }
        Err(help) => help.print().map_or(ExitCode::FAILURE, |()| ExitCode::SUCCESS),
    }
}

/// Runs a command until it ends, or until Ctrl-C.
async fn run(context: &Context, command: Command) -> Result<Exit, Failure> {
    // These end themselves after Ctrl-C, and then report the rows so far.
    let ends_itself = matches!(command, Command::Apply(_) | Command::Import(_));
    let running = commands::run(context, command);
    if ends_itself {
        return running.await;
    }
    tokio::select! {
        result = running => result,
        () = interruption() => Err(Failure::interrupted("interrupted")),
    }
}

/// Resolves at Ctrl-C. A failure to listen is as good as no Ctrl-C.
async fn interruption() {
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}

/// Reports a failure. Standard error may be closed, so its errors are ignored.
fn finish(context: &Context, result: Result<Exit, Failure>) -> Exit {
    match result {
        Ok(exit) => exit,
        // The reader of a pipe has enough.
        Err(failure) if failure.is_broken_pipe() => Exit::Success,
        Err(failure) => {
            let mut message = Vec::new();
            drop(failure.write(&mut message, context.output.is_json()));
            drop(io::stderr().write_all(&message));
            failure.exit()
        }
    }
}
