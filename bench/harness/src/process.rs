//! A function as a process: its start, CPU time and memory.

use std::{
    fs,
    io::{self, Read},
    path::Path,
    process::{Child, Command, Stdio},
    thread::JoinHandle,
    time::{Duration, Instant},
};

/// A process, killed on drop.
pub(crate) struct Process {
    child: Child,
    /// The time just before the start.
    pub(crate) began: Instant,
    /// The error output, read while the process runs, because a full pipe would block it.
    output: Option<JoinHandle<io::Result<String>>>,
}

/// The resource usage of a process.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Used {
    /// The CPU time of all threads.
    pub(crate) cpu: Duration,
    /// The peak resident memory in bytes.
    pub(crate) peak: u64,
}

impl Process {
    /// Starts a function like Lambda. Its environment contains only `variables`.
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

    /// The resource usage so far.
    pub(crate) fn used(&self) -> io::Result<Used> {
        let directory = format!("/proc/{}", self.child.id());
        let mut cpu = Duration::ZERO;
        for task in fs::read_dir(format!("{directory}/task"))? {
            // A finished thread has no times. Hashing threads stay for a while.
            let times = fs::read_to_string(task?.path().join("schedstat")).unwrap_or_default();
            let nanoseconds = times.split(' ').next().and_then(|first| first.parse().ok());
            cpu += Duration::from_nanos(nanoseconds.unwrap_or_default());
        }
        let status = fs::read_to_string(format!("{directory}/status"))?;
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kilobytes = peak.and_then(|rest| rest.trim().strip_suffix(" kB")?.trim().parse().ok());
        let kilobytes: u64 = kilobytes.ok_or_else(|| io::Error::other("no VmHWM"))?;
        Ok(Used { cpu, peak: kilobytes * 1024 })
    }

    /// Waits until the process exits and returns its error output.
    pub(crate) fn wait(mut self) -> io::Result<String> {
        self.child.wait()?;
        let output = self.output.take().ok_or_else(|| io::Error::other("output already read"))?;
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
        // The process may have exited already.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
