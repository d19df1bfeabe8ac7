//! Tables for people. The first rows determine the widths, so that a long list streams.

use std::io::{self, Write};

use unicode_width::UnicodeWidthStr;

use crate::{Failure, Output, output::printable};

/// The rows that determine the widths.
const MEASURED: usize = 500;
const BOLD: &str = "\u{1b}[1m";
const RESET: &str = "\u{1b}[0m";

/// A table on standard output.
#[derive(Debug)]
pub(crate) struct Table {
    colors: bool,
    rows: Vec<Vec<String>>,
    widths: Option<Vec<usize>>,
}

impl Table {
    pub(crate) fn new(output: &Output, header: &[&str]) -> Self {
        let header = header.iter().map(|title| title.to_uppercase()).collect();
        Self { colors: output.has_colors(), rows: vec![header], widths: None }
    }

    /// Whether there is no row yet.
    pub(crate) const fn is_empty(&self) -> bool {
        self.widths.is_none() && self.rows.len() <= 1
    }

    /// Adds a row.
    pub(crate) fn push(&mut self, row: &[String]) -> Result<(), Failure> {
        self.rows.push(row.iter().map(|cell| printable(cell)).collect());
        if self.widths.is_some() || self.rows.len() > MEASURED { self.flush() } else { Ok(()) }
    }

    /// Whether there are rows that are not yet written, besides the header.
    pub(crate) fn has_rows(&self) -> bool {
        self.widths.is_none() && self.rows.len() > 1
    }

    /// Writes the rows so far. Call it after the last row.
    pub(crate) fn flush(&mut self) -> Result<(), Failure> {
        let is_first = self.widths.is_none();
        let rows = std::mem::take(&mut self.rows);
        let widths = self.widths.get_or_insert_with(|| widths(&rows));
        let mut out = io::stdout().lock();
        for (index, row) in rows.iter().enumerate() {
            let line = line(row, widths);
            if is_first && index == 0 && self.colors {
                writeln!(out, "{BOLD}{line}{RESET}")?;
            } else {
                writeln!(out, "{line}")?;
            }
        }
        Ok(())
    }
}

fn widths(rows: &[Vec<String>]) -> Vec<usize> {
    let columns = rows.iter().map(Vec::len).max().unwrap_or_default();
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row: &Vec<String>| row.get(column));
        cells.map(|cell| cell.width()).max().unwrap_or_default()
    };
    (0..columns).map(width).collect()
}

fn line(row: &[String], widths: &[usize]) -> String {
    let cells = row.iter().zip(widths).map(|(cell, width)| {
        let padding = width.saturating_sub(cell.width());
        format!("{cell}{}", " ".repeat(padding))
    });
    cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
}
