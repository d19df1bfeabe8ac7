//! A function between a Runtime API and a database.

use std::{io, path::Path};

use serde_json::Value;

use crate::{
    Failure,
    process::Process,
    runtime_api::{Answered, Poll, RuntimeApi},
};

/// Where a function is to look for its table.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Endpoint<'a> {
    /// On this machine.
    At(&'a str),
    /// Where AWS has it. Nothing is sent there before the first event.
    Aws,
    /// The same, but whom the function is to take for AWS is the machine's word.
    AwsTrustedBySystem,
}

impl Endpoint<'_> {
    fn variable(self) -> Option<(&'static str, String)> {
        match self {
            Self::At(endpoint) => Some(("AWS_ENDPOINT_URL_DYNAMODB", endpoint.to_owned())),
            Self::Aws => None,
            Self::AwsTrustedBySystem => Some(("SSL_CERT_FILE", SYSTEM.to_owned())),
        }
    }
}

/// Debian's authorities in one file.
const SYSTEM: &str = "/etc/ssl/certs/ca-certificates.crt";

/// A function that was started.
pub(crate) struct Function {
    pub(crate) process: Process,
    api: RuntimeApi,
}

impl Function {
    /// Starts a binary, under `valgrind` if its options are given.
    pub(crate) fn start(
        program: &Path,
        endpoint: Endpoint<'_>,
        valgrind: &[&str],
    ) -> io::Result<Self> {
        let api = RuntimeApi::start()?;
        let mut variables = vec![
            ("AWS_LAMBDA_RUNTIME_API", api.address()),
            ("AWS_LAMBDA_FUNCTION_NAME", "bench".to_owned()),
            ("AWS_LAMBDA_FUNCTION_VERSION", "1".to_owned()),
            ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256".to_owned()),
            ("AWS_REGION", "eu-central-1".to_owned()),
            ("AWS_ACCESS_KEY_ID", "local".to_owned()),
            ("AWS_SECRET_ACCESS_KEY", "local".to_owned()),
            ("TABLE_NAME", "users".to_owned()),
            ("SETUP_TOKEN", testkit::SETUP_TOKEN.to_owned()),
        ];
        variables.extend(endpoint.variable());
        let process = match valgrind {
            [] => Process::start(program, &[], &variables)?,
            options => {
                let arguments: Vec<&Path> =
                    options.iter().map(Path::new).chain([program]).collect();
                Process::start(Path::new("/usr/bin/valgrind"), &arguments, &variables)?
            }
        };
        Ok(Self { process, api })
    }

    /// Waits until it asks for an event.
    pub(crate) fn poll(&self) -> io::Result<Poll> {
        self.api.poll()
    }

    /// Hands it an event that it must have an answer for.
    pub(crate) fn answer(&self, poll: Poll, event: &str) -> Result<Answered, Failure> {
        let answered = self.api.give(poll, event)?;
        let answer: Value = serde_json::from_slice(&answered.body)?;
        let status = answer["statusCode"].as_u64();
        match status {
            Some(200..500) => Ok(answered),
            _ => Err(format!("{answer} is no answer").into()),
        }
    }

    /// Lets it end as Lambda never does: by hanging up. Returns what it wrote to its error output.
    pub(crate) fn end(self, poll: Poll) -> io::Result<String> {
        drop(poll);
        self.process.ended()
    }
}
