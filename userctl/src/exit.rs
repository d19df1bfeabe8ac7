//! The exit codes. `docs/userctl.md` documents them, and they never change their meaning.

use std::process::ExitCode;

/// The result of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Success.
    Success = 0,
    /// The service rejected the request, or the program failed.
    Failed = 1,
    /// Invalid options or arguments, or an invalid input file.
    Usage = 2,
    /// No session or API key, or an invalid one.
    NotSignedIn = 3,
    /// The service or the table does not respond.
    Unreachable = 4,
    /// Some rows of a file failed.
    SomeRowsFailed = 5,
    /// Interrupted by Ctrl-C.
    Interrupted = 130,
}

impl Exit {
    /// The name of the exit code in JSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Failed => "failed",
            Self::Usage => "usage",
            Self::NotSignedIn => "not-signed-in",
            Self::Unreachable => "unreachable",
            Self::SomeRowsFailed => "some-rows-failed",
            Self::Interrupted => "interrupted",
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}
