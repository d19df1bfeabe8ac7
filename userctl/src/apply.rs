//! `userctl apply`: users as described by a CSV file.

mod cells;
mod directory;
mod execute;
mod file;
mod lines;
mod plan;
mod report;

use std::path::PathBuf;

use clap::Args;

use self::{directory::Directory, plan::Plan, report::Report};
use crate::{Context, Exit, Failure};

/// The arguments of `userctl apply`.
#[derive(Debug, Args)]
pub struct ApplyArguments {
    /// CSV file in UTF-8 with the names of the columns in its first line
    file: PathBuf,
    /// Print the differences and change nothing
    #[arg(long)]
    dry_run: bool,
    /// Deactivate active users without a row
    #[arg(long)]
    deactivate_missing: bool,
    /// Apply the valid rows of a file with invalid ones
    #[arg(long)]
    continue_on_error: bool,
}

/// A row that cannot be applied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RowError {
    line: u64,
    email: String,
    message: String,
}

/// Applies a file.
pub(crate) async fn run(context: &Context, arguments: &ApplyArguments) -> Result<Exit, Failure> {
    let ApplyArguments { file: path, dry_run, deactivate_missing, continue_on_error } = arguments;
    let bytes = std::fs::read(path);
    let bytes = bytes
        .map_err(|error| Failure::usage(format!("cannot read {}: {error}", path.display())))?;
    let file = file::parse(&bytes)?;
    let client = context.client()?;
    let interrupted = crate::interruption();
    let directory = Directory::load(&client).await?;
    let plan = Plan::new(file, &directory, *deactivate_missing);
    let mut report = Report::new(context, *dry_run);
    for error in &plan.errors {
        report.invalid(error)?;
    }
    if !plan.errors.is_empty() && !continue_on_error {
        report.flush()?;
        return Err(Failure::usage(format!(
            "{} of the rows are invalid, so nothing changes (--continue-on-error applies the rest)",
            plan.errors.len()
        )));
    }
    if *dry_run {
        for step in &plan.steps {
            report.planned(step)?;
        }
        return report.finish();
    }
    execute::run(&client, plan.steps, &mut report, interrupted).await?;
    report.finish()
}
