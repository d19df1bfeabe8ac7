//! A function process with its Runtime API and its database endpoint.

use std::{io, path::Path};

use serde_json::Value;

use crate::{
    BoxError,
    process::Process,
    runtime_api::{Invoked, Poll, RuntimeApi},
};

/// The DynamoDB endpoint of a function.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Endpoint<'a> {
    /// An endpoint on this machine.
    At(&'a str),
    /// The default endpoint of AWS. Nothing is sent there before the first event.
    Aws,
    /// The default endpoint of AWS, with the system's root certificates.
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

/// Debian's bundle of root certificates.
const SYSTEM: &str = "/etc/ssl/certs/ca-certificates.crt";

/// A started function.
pub(crate) struct Function {
    pub(crate) process: Process,
    api: RuntimeApi,
}

impl Function {
    /// Starts a binary, under `valgrind` if `valgrind` contains options.
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

    /// Waits until the function polls for an event.
    pub(crate) fn poll(&self) -> io::Result<Poll> {
        self.api.poll()
    }

    /// Passes an event to the function and requires a response with a status from 200 to 499.
    pub(crate) fn respond(&self, poll: Poll, event: &str) -> Result<Invoked, BoxError> {
        let invoked = self.api.invoke(poll, event)?;
        let response: Value = serde_json::from_slice(&invoked.body)?;
        let status = response["statusCode"].as_u64();
        match status {
            Some(200..500) => Ok(invoked),
            _ => Err(format!("{response} is not a valid response").into()),
        }
    }

    /// Ends the function by closing its connection, unlike Lambda, and returns its error output.
    pub(crate) fn end(self, poll: Poll) -> io::Result<String> {
        drop(poll);
        self.process.wait()
    }
}
