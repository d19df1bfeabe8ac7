//! Lists as a table, as lines of JSON, or as CSV.

use std::io;

use clap::Args;
use client::Error;
use futures_util::{Stream, TryStreamExt};
use serde::Serialize;

use crate::{Context, Failure, table::Table};

/// The first characters of a formula in a spreadsheet.
const FORMULA: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

/// The format option of a list.
#[derive(Debug, Args)]
pub struct ListFormat {
    /// Print CSV for spreadsheets
    #[arg(long, conflicts_with = "json")]
    csv: bool,
}

impl ListFormat {
    /// A table or JSON.
    pub(crate) const NO_CSV: Self = Self { csv: false };

    pub(crate) const fn is_csv(&self) -> bool {
        self.csv
    }
}

/// The columns of a list.
pub(crate) struct Columns<T> {
    pub(crate) table: &'static [&'static str],
    pub(crate) cells: fn(&T) -> Vec<String>,
    pub(crate) csv: &'static [&'static str],
    pub(crate) csv_cells: fn(&T) -> Vec<String>,
}

/// Writes a list. Further pages are requested when they are needed.
pub(crate) async fn write<T: Serialize>(
    context: &Context,
    format: &ListFormat,
    columns: &Columns<T>,
    items: impl Stream<Item = Result<T, Error>>,
) -> Result<(), Failure> {
    let mut items = std::pin::pin!(items);
    let output = &context.output;
    if output.is_json() {
        while let Some(item) = items.try_next().await? {
            output.json(&item)?;
        }
        return Ok(());
    }
    if format.csv {
        let mut csv = csv_writer(columns.csv)?;
        while let Some(item) = items.try_next().await? {
            csv.write_record((columns.csv_cells)(&item).iter().map(|cell| safe(cell)))?;
        }
        return Ok(csv.flush()?);
    }
    let mut table = Table::new(output, columns.table);
    while let Some(item) = items.try_next().await? {
        table.push(&(columns.cells)(&item))?;
    }
    table.flush()
}

fn csv_writer(header: &[&str]) -> Result<csv::Writer<io::Stdout>, Failure> {
    let mut csv = csv::Writer::from_writer(io::stdout());
    csv.write_record(header)?;
    Ok(csv)
}

/// Whether a cell is a formula, after any apostrophes.
fn is_formula(cell: &str) -> bool {
    cell.trim_start_matches('\'').starts_with(FORMULA)
}

/// A cell that no spreadsheet evaluates: an apostrophe precedes the first character of a formula.
pub(crate) fn safe(cell: &str) -> String {
    if is_formula(cell) { format!("'{cell}") } else { cell.to_owned() }
}

/// The cell before [`safe`].
pub(crate) fn without_apostrophe(cell: &str) -> &str {
    cell.strip_prefix('\'').filter(|rest| is_formula(rest)).unwrap_or(cell)
}
