//! A function as a process: its start, and what it took of the machine.

use std::{
    fs,
    io::{self, Read},
    path::Path,
    process::{Child, Command, Stdio},
    thread::JoinHandle,
    time::{Duration, Instant},
};

/// A process that ends when it is dropped.
pub(crate) struct Process {
    child: Child,
    /// When it was asked for.
    pub(crate) began: Instant,
    /// What it writes is read while it runs: a full pipe would stop it.
    output: Option<JoinHandle<io::Result<String>>>,
}

/// What a process took.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Used {
    /// Time on a core, of all threads.
    pub(crate) cpu: Duration,
    /// The most memory that it ever had resident, in bytes.
    pub(crate) peak: u64,
}

impl Process {
    /// Starts a function as Lambda does, with nothing in its environment but `variables`.
    pub(crate) fn start(
        program: &Path,
        arguments: &[&Path],
        variables: &[(&str, String)],
    ) -> io::Result<Self> {
        let mut command = Command::new(program);
        command.args(arguments).env_clear().envs(variables.iter().cloned());
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let began = Instant::now();
        let mut child = command.spawn()?;
        let stdout = child.stdout.take().map(reader);
        let stderr = child.stderr.take().map(reader);
        drop(stdout);
        Ok(Self { child, began, output: stderr })
    }

    /// What it took so far.
    pub(crate) fn used(&self) -> io::Result<Used> {
        let folder = format!("/proc/{}", self.child.id());
        let mut cpu = Duration::ZERO;
        for task in fs::read_dir(format!("{folder}/task"))? {
            // A thread that has just ended has no times; those of hashes stay for a while.
            let times = fs::read_to_string(task?.path().join("schedstat")).unwrap_or_default();
            let nanoseconds = times.split(' ').next().and_then(|first| first.parse().ok());
            cpu += Duration::from_nanos(nanoseconds.unwrap_or_default());
        }
        let status = fs::read_to_string(format!("{folder}/status"))?;
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kilobytes = peak.and_then(|rest| rest.trim().strip_suffix(" kB")?.trim().parse().ok());
        let kilobytes: u64 = kilobytes.ok_or_else(|| io::Error::other("no VmHWM"))?;
        Ok(Used { cpu, peak: kilobytes * 1024 })
    }

    /// Waits until it ends by itself, and returns what it wrote to its error output.
    pub(crate) fn ended(mut self) -> io::Result<String> {
        self.child.wait()?;
        let output = self.output.take().ok_or_else(|| io::Error::other("read already"))?;
        output.join().map_err(|_| io::Error::other("the reader panicked"))?
    }
}

fn reader(mut stream: impl Read + Send + 'static) -> JoinHandle<io::Result<String>> {
    std::thread::spawn(move || {
        let mut text = String::new();
        stream.read_to_string(&mut text)?;
        Ok(text)
    })
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended by itself.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
