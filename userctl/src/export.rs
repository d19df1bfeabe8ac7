//! `userctl export`: users, groups and API keys out of the table itself.
//!
//! An export reads the table page by page, so its memory does not grow with the number of users.

mod backup;
mod file;
mod metabase;
mod report;
mod spreadsheet;

use std::path::PathBuf;

use clap::{Args, Subcommand};
use futures_util::TryStreamExt;
use shared::{
    authorization::Admin,
    store::{ExportedCredentials, ImportedUser, Store},
};

use self::{metabase::MetabaseArguments, report::Report};
use crate::{
    Context, Failure,
    store::{IfAbsent, OpenTable},
};

/// The commands of `userctl export`.
#[derive(Debug, Subcommand)]
pub enum ExportCommand {
    /// Write a backup as lines of JSON, which `userctl import jsonl` reads
    Jsonl(JsonlArguments),
    /// Write users as CSV for spreadsheets, which `userctl apply` reads
    Csv(CsvArguments),
    /// Write users and groups as tables of Metabase
    Metabase(MetabaseArguments),
}

/// The arguments of `userctl export jsonl`.
#[derive(Debug, Args)]
pub struct JsonlArguments {
    /// The file, by default standard output
    file: Option<PathBuf>,
    /// Include the hashes of passwords and API keys. Protect the file like the table
    #[arg(long)]
    with_hashes: bool,
}

/// The arguments of `userctl export csv`.
#[derive(Debug, Args)]
pub struct CsvArguments {
    /// The file, by default standard output
    file: Option<PathBuf>,
}

/// Runs an export.
pub(crate) async fn run(context: &Context, command: &ExportCommand) -> Result<(), Failure> {
    if let ExportCommand::Metabase(arguments) = command {
        arguments.check()?;
    }
    let table = OpenTable::open(&context.global.table.source()?, IfAbsent::Fail).await?;
    let store = &table.store;
    if store.instance().await?.is_none() {
        return Err(Failure::failed("the table has no users: nobody has set it up"));
    }
    let mut report = Report::new(context);
    match command {
        ExportCommand::Jsonl(JsonlArguments { file, with_hashes }) => {
            backup::run(store, file.as_deref(), *with_hashes, &mut report).await?;
            report.finish(file.is_none())
        }
        ExportCommand::Csv(CsvArguments { file }) => {
            spreadsheet::run(store, file.as_deref(), &mut report).await?;
            report.finish(file.is_none())
        }
        ExportCommand::Metabase(arguments) => {
            metabase::run(store, arguments, &mut report).await?;
            report.finish(false)
        }
    }
}

/// Passes all people to `write`, page by page. Everyone appears once.
async fn each_page(
    store: &Store,
    credentials: ExportedCredentials,
    report: &mut Report<'_>,
    mut write: impl AsyncFnMut(Vec<ImportedUser>, &mut Report<'_>) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let admin = Admin::of_operator();
    let total = store.count_people(&admin).await?;
    let bar = report.progress(total.active.max(0).saturating_add(total.inactive.max(0)));
    let mut seen = std::collections::HashSet::new();
    let mut pages = std::pin::pin!(store.all_people(&admin, credentials));
    while let Some(mut page) = pages.try_next().await? {
        page.retain(|exported| seen.insert(exported.user.id));
        write(page, report).await?;
        bar.set_position(u64::try_from(seen.len()).unwrap_or(u64::MAX));
    }
    bar.finish_and_clear();
    let total = store.count_people(&admin).await?;
    report.check_total(seen.len(), total);
    Ok(())
}
