//! The program `local` in a separate process.

use std::{
    io::{BufRead, BufReader, Read},
    path::{Path, PathBuf},
    process::{Child, ChildStdout, Command, ExitStatus, Stdio},
    sync::atomic::{AtomicU32, Ordering},
};

use rustix::process::{Pid, Signal, kill_process};

use crate::http::Client;

/// A temporary data directory, removed on drop.
#[derive(Debug)]
pub(crate) struct DataDirectory(PathBuf);

impl DataDirectory {
    pub(crate) fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("user-service-{}-{number}", std::process::id());
        Self(std::env::temp_dir().join(name))
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for DataDirectory {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.0));
    }
}

/// The running program, killed on drop.
#[derive(Debug)]
pub(crate) struct Program {
    child: Child,
    stdout: BufReader<ChildStdout>,
    pub(crate) client: Client,
}

/// A command of the program with these arguments and an empty environment.
pub(crate) fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_local"));
    command.args(arguments).env_clear().stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

impl Program {
    /// Starts the program on a free port and waits until it listens.
    pub(crate) fn start(arguments: &[&str]) -> Self {
        let mut command = command(&["--port", "0"]);
        command.args(arguments);
        Self::from_command(command)
    }

    /// Starts a command and waits until it listens.
    pub(crate) fn from_command(mut command: Command) -> Self {
        let mut child = command.spawn().unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        stdout.read_line(&mut line).unwrap();
        let address = line.trim_end().strip_prefix("listening on http://").unwrap();
        let client = Client::new(address.parse().unwrap());
        Self { child, stdout, client }
    }

    /// Starts the program with a data directory.
    pub(crate) fn in_directory(directory: &DataDirectory) -> Self {
        Self::start(&["--data", directory.path().to_str().unwrap()])
    }

    /// The printed value after a label.
    pub(crate) fn printed(&mut self, label: &str) -> String {
        let mut line = String::new();
        while self.stdout.read_line(&mut line).unwrap() > 0 {
            if let Some(value) = line.trim().strip_prefix(label) {
                return value.trim().to_owned();
            }
            line.clear();
        }
        panic!("{label} was not printed");
    }

    /// Stops the program and returns its log.
    pub(crate) fn end(mut self) -> String {
        self.stop(Signal::TERM);
        let mut log = String::new();
        self.child.stderr.take().unwrap().read_to_string(&mut log).unwrap();
        log
    }

    /// Kills the program with SIGKILL.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Sends a signal and waits for the program to exit.
    pub(crate) fn stop(&mut self, signal: Signal) -> ExitStatus {
        let pid = Pid::from_raw(self.child.id().try_into().unwrap()).unwrap();
        kill_process(pid, signal).unwrap();
        self.child.wait().unwrap()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
