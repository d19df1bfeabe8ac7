//! `userctl`: people, groups and API keys from the command line.

use std::process::ExitCode;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    userctl::main().await
}
