//! The command line of `cargo xtask`.

use std::{env, path::Path, process::ExitCode};

use xtask::{Error, GeneratedFile};

const USAGE: &str = "usage: cargo xtask generate [--check]";

#[expect(clippy::print_stderr, reason = "messages of a command")]
fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let result = match arguments.as_slice() {
        ["generate"] => generate(false),
        ["generate", "--check"] => generate(true),
        _ => Err(USAGE.into()),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// Generates the list of routes, and then everything else with the compiled routes.
fn generate(only_check: bool) -> Result<(), Error> {
    let workspace = xtask::workspace();
    apply(&workspace, &xtask::list(&workspace)?, only_check)?;
    derive(&workspace, only_check)
}

fn apply(workspace: &Path, files: &[GeneratedFile], only_check: bool) -> Result<(), Error> {
    let outdated = xtask::outdated(workspace, files);
    if !only_check {
        return xtask::write(workspace, &outdated);
    }
    if outdated.is_empty() {
        return Ok(());
    }
    let paths: Vec<&str> = outdated.iter().map(|file| file.path.as_str()).collect();
    Err(format!("outdated, run `cargo xtask generate`: {}", paths.join(", ")).into())
}

#[cfg(feature = "routes")]
fn derive(workspace: &Path, only_check: bool) -> Result<(), Error> {
    apply(workspace, &xtask::derived(workspace)?, only_check)
}

/// Runs this program again, compiled with the routes of the new list.
#[cfg(not(feature = "routes"))]
fn derive(workspace: &Path, only_check: bool) -> Result<(), Error> {
    let mut cargo =
        std::process::Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    // `--package` would select other features, and compile the dependencies of `cargo test` again.
    cargo.args(["run", "--quiet", "--bin", "xtask", "--", "generate"]);
    cargo.args(only_check.then_some("--check")).current_dir(workspace);
    if cargo.status()?.success() { Ok(()) } else { Err("not generated".into()) }
}
