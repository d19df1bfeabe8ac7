//! Input of passwords and confirmations.

use std::io::{self, BufRead, Write};

use secrecy::SecretString;

use crate::Failure;

/// Reads a password: the first line of standard input, or from the terminal without an echo.
pub(crate) fn password(from_stdin: bool, prompt: &str) -> Result<SecretString, Failure> {
    let password = if from_stdin {
        line()?
    } else {
        rpassword::prompt_password(prompt).map_err(|error| {
            Failure::usage(format!("no terminal for the password ({error}): use --password-stdin"))
        })?
    };
    if password.is_empty() {
        return Err(Failure::usage("the password is empty"));
    }
    Ok(password.into())
}

/// Asks for a text to type before a permanent change.
pub(crate) fn confirm(question: &str, expected: &str) -> Result<(), Failure> {
    write!(io::stderr(), "{question} ")?;
    if line()?.trim() == expected {
        return Ok(());
    }
    Err(Failure::usage("not confirmed, so nothing changes (--yes skips the question)"))
}

fn line() -> Result<String, Failure> {
    let mut line = String::new();
    io::stdin().lock().read_line(&mut line)?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}
