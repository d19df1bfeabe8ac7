//! Input of passwords and confirmations.
//!
//! A thread waits for the input, so Ctrl-C ends the program meanwhile.

use std::{
    fs::File,
    io::{self, BufRead, Write},
    thread,
};

use rustix::termios::{OptionalActions, Termios, tcgetattr, tcsetattr};
use secrecy::SecretString;
use tokio::sync::oneshot;

use crate::Failure;

/// Reads a password: the first line of standard input, or from the terminal without an echo.
pub(crate) async fn password(from_stdin: bool, prompt: String) -> Result<SecretString, Failure> {
    let password = if from_stdin { line().await? } else { hidden_line(prompt).await? };
    if password.is_empty() {
        return Err(Failure::usage("the password is empty"));
    }
    Ok(password.into())
}

/// Asks for a text to type before a permanent change.
pub(crate) async fn confirm(question: &str, expected: &str) -> Result<(), Failure> {
    write!(io::stderr(), "{question} ")?;
    if line().await?.trim() == expected {
        return Ok(());
    }
    Err(Failure::usage("not confirmed, so nothing changes (--yes skips the question)"))
}

async fn hidden_line(prompt: String) -> Result<String, Failure> {
    let restored_on_drop = Terminal::open();
    let line = on_thread(|| rpassword::prompt_password(prompt)).await;
    drop(restored_on_drop);
    line.map_err(|error| {
        Failure::usage(format!("no terminal for the password ({error}): use --password-stdin"))
    })
}

async fn line() -> Result<String, Failure> {
    let line = on_thread(|| {
        let mut line = String::new();
        io::stdin().lock().read_line(&mut line).map(|_| line)
    });
    Ok(line.await?.trim_end_matches(['\r', '\n']).to_owned())
}

/// Runs a blocking read. Its thread does not delay the end of the program.
async fn on_thread(
    read: impl FnOnce() -> io::Result<String> + Send + 'static,
) -> io::Result<String> {
    let (sender, receiver) = oneshot::channel();
    thread::spawn(move || sender.send(read()));
    receiver.await.map_err(io::Error::other)?
}

/// The terminal, whose echo returns when this value is dropped, also by Ctrl-C.
struct Terminal {
    file: File,
    state: Termios,
}

impl Terminal {
    fn open() -> Option<Self> {
        let file = File::open("/dev/tty").ok()?;
        let state = tcgetattr(&file).ok()?;
        Some(Self { file, state })
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        // The terminal may be gone.
        let _ = tcsetattr(&self.file, OptionalActions::Now, &self.state);
    }
}
