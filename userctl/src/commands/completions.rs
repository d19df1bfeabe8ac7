//! `userctl completions`: the completion script of a shell.

use std::io::{self, Write};

use clap::CommandFactory;
use clap_complete::Shell;

use crate::{Failure, Options};

/// Writes the script.
pub(super) fn run(shell: Shell) -> Result<(), Failure> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Options::command(), "userctl", &mut script);
    Ok(io::stdout().write_all(&script)?)
}
