//! The CSV file. Every row is read before the first change.

use std::{collections::HashMap, str};

use client::{Change, normalized_address};
use csv::{ByteRecord, ReaderBuilder};
use sha2::{Digest, Sha256};

use super::{RowError, cells, lines::Lines};
use crate::{Failure, commands::CSV_COLUMNS};

/// The columns that describe a desired state.
const COLUMNS: &[&str] = CSV_COLUMNS.split_at(8).0;
const BOM: &[u8] = b"\xef\xbb\xbf";
/// The first bytes of UTF-16, as some spreadsheets write it.
const UTF16: [&[u8]; 2] = [b"\xff\xfe", b"\xfe\xff"];

/// The desired state of a user. An absent column changes nothing.
#[derive(Debug, Clone, Default)]
pub(super) struct Row {
    pub(super) line: u64,
    pub(super) email: String,
    pub(super) first_name: Change<String>,
    pub(super) last_name: Change<String>,
    pub(super) locale: Change<String>,
    pub(super) sso_source: Change<String>,
    pub(super) groups: Option<Vec<String>>,
    pub(super) is_superuser: Option<bool>,
    pub(super) active: Option<bool>,
}

/// The rows of a file.
#[derive(Debug)]
pub(super) struct File {
    pub(super) rows: Vec<Row>,
    pub(super) errors: Vec<RowError>,
    /// SHA-256 of the content.
    pub(super) digest: [u8; 32],
}

/// Parses a file.
pub(super) fn parse(content: &[u8]) -> Result<File, Failure> {
    if UTF16.iter().any(|mark| content.starts_with(mark)) {
        return Err(Failure::usage("line 1: the file is UTF-16. Save it as UTF-8"));
    }
    let text = content.strip_prefix(BOM).unwrap_or(content);
    let mut reader = ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text);
    let mut record = ByteRecord::new();
    if !reader.read_byte_record(&mut record).map_err(|error| unreadable(&error))? {
        return Err(Failure::usage("the file is empty: its first line must name the columns"));
    }
    let columns = columns(&record)?;
    let mut file = File { rows: Vec::new(), errors: Vec::new(), digest: digest(content) };
    let mut lines = HashMap::new();
    let (mut counter, mut last_line) = (Lines::new(text), 1);
    while reader.read_byte_record(&mut record).map_err(|error| unreadable(&error))? {
        let position = record.position().map(csv::Position::byte);
        let position = position.and_then(|byte| usize::try_from(byte).ok());
        last_line = position.map_or(last_line, |position| counter.at(position));
        match row(last_line, &columns, &record).and_then(|row| unique(row, &mut lines)) {
            Ok(row) => file.rows.push(row),
            Err(error) => file.errors.push(error),
        }
    }
    let is_open = text.iter().fold(false, |is_open, byte| is_open ^ (*byte == b'"'));
    if is_open {
        return Err(Failure::usage(format!(
            "a quotation mark is not closed, perhaps in the row at line {last_line}"
        )));
    }
    Ok(file)
}

fn digest(content: &[u8]) -> [u8; 32] {
    Sha256::digest(content).into()
}

fn unreadable(error: &csv::Error) -> Failure {
    Failure::usage(format!("the file is not CSV: {error}"))
}

/// The names of the columns.
fn columns(header: &ByteRecord) -> Result<Vec<String>, Failure> {
    let mut columns: Vec<String> = Vec::new();
    for cell in header {
        let name = str::from_utf8(cell).map_err(|_| Failure::usage("line 1 is not UTF-8"))?;
        let name = name.trim().to_lowercase();
        if columns.contains(&name) {
            return Err(Failure::usage(format!("line 1: the column {name} is repeated")));
        }
        if !CSV_COLUMNS.contains(&name.as_str()) {
            return Err(Failure::usage(format!(
                "line 1: unknown column {name:?}. Columns are separated by commas: {}",
                COLUMNS.join(", ")
            )));
        }
        columns.push(name);
    }
    if columns.iter().any(|name| name == "email") {
        return Ok(columns);
    }
    Err(Failure::usage("line 1: there is no column email"))
}

/// Parses one row.
fn row(line: u64, columns: &[String], record: &ByteRecord) -> Result<Row, RowError> {
    let error = |email: &str, message| RowError { line, email: email.to_owned(), message };
    let mut row = Row { line, ..Row::default() };
    if record.len() != columns.len() {
        let (found, expected) = (record.len(), columns.len());
        let message = format!("the row has {found} cells, but there are {expected} columns");
        return Err(error("", message));
    }
    for (name, cell) in columns.iter().zip(record) {
        let Ok(cell) = str::from_utf8(cell) else {
            return Err(error(&row.email, format!("{name}: it is not UTF-8")));
        };
        let set = set(&mut row, name, cell);
        set.map_err(|message| error(&row.email, format!("{name}: {message}")))?;
    }
    Ok(row)
}

fn set(row: &mut Row, name: &str, cell: &str) -> Result<(), String> {
    match name {
        "email" => row.email = cells::email(cell)?,
        "first_name" => row.first_name = cells::text(cell)?,
        "last_name" => row.last_name = cells::text(cell)?,
        "locale" => row.locale = cells::locale(cell)?,
        "sso_source" => row.sso_source = cells::text(cell)?,
        "groups" => row.groups = Some(cells::groups(cell)?),
        "is_superuser" => row.is_superuser = cells::flag(cell)?,
        "active" => row.active = cells::flag(cell)?,
        _ => {}
    }
    Ok(())
}

/// Rejects a second row of the same user.
fn unique(row: Row, lines: &mut HashMap<String, u64>) -> Result<Row, RowError> {
    match lines.insert(normalized_address(&row.email), row.line) {
        None => Ok(row),
        Some(first) => Err(RowError {
            line: row.line,
            email: row.email,
            message: format!("line {first} has the same email address"),
        }),
    }
}
