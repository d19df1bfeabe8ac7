//! Files with a header: CSV of `\copy`, and tab-separated lines of `mysql --batch`.

use std::sync::Arc;

use crate::{
    error::Problem,
    escaped::{self, Escapes},
    record::{Layout, Record},
    scanner::{Scanner, Stops},
    source::Reader,
    table::{Column, Table},
};

/// The length up to which a header is read.
const MAX_HEADER: usize = 64 * 1024;

/// The rules of a file with a header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rules {
    /// Quotes around values. The byte is the delimiter.
    Csv(u8),
    /// Tabs and backslash escapes.
    Batch,
}

/// A reader of lines.
pub(crate) struct Delimited {
    scanner: Scanner,
    rules: Rules,
    layout: Arc<Layout>,
}

impl Delimited {
    /// A reader after the header. The caller can set the table. Otherwise the columns identify it,
    /// or the name of the file.
    pub(crate) fn new(
        mut scanner: Scanner,
        rules: Rules,
        table: Option<Table>,
        file: &str,
    ) -> Result<Self, Problem> {
        let mut header = Vec::new();
        let stop = scanner.until(Stops::One(b'\n'), |bytes| {
            if header.len() <= MAX_HEADER {
                header.extend_from_slice(bytes);
            }
        })?;
        if stop.is_none() {
            return Err(Problem::Truncated { within: "the header" });
        }
        scanner.next()?;
        let names = names(&header, rules);
        let table = table.or_else(|| guess(&names)).or_else(|| by_name(file));
        let table = table.ok_or(Problem::UnknownTable)?;
        let layout = Arc::new(Layout::new(table, &names)?);
        Ok(Self { scanner, rules, layout })
    }
}

impl Reader for Delimited {
    fn next(&mut self, record: &mut Record) -> Result<Option<(Table, u64)>, Problem> {
        while matches!(self.scanner.ahead(2)?, [b'\n', ..] | b"\r\n") {
            self.scanner.skip_line()?;
        }
        if self.scanner.peek()?.is_none() {
            return Ok(None);
        }
        let line = self.scanner.line();
        let layout = Arc::clone(&self.layout);
        let is_whole = match self.rules {
            Rules::Batch => escaped::row(&mut self.scanner, Escapes::Batch, &layout, record)?,
            Rules::Csv(delimiter) => self.csv_row(delimiter, &layout, record)?,
        };
        if !is_whole {
            return Err(Problem::Truncated { within: "a line without a line break" });
        }
        Ok(Some((layout.table, line)))
    }

    fn position(&self) -> u64 {
        self.scanner.position()
    }

    fn line(&self) -> u64 {
        self.scanner.line()
    }
}

impl Delimited {
    /// Reads one row. Returns whether it has its line break.
    fn csv_row(
        &mut self,
        delimiter: u8,
        layout: &Layout,
        record: &mut Record,
    ) -> Result<bool, Problem> {
        loop {
            record.begin(layout);
            let is_quoted = self.scanner.eat(b'"')?;
            if is_quoted && !self.csv_quoted(record)? {
                return Err(Problem::Truncated { within: "a value in quotes" });
            }
            // After a closing quote, this is the carriage return of the line break.
            let stop = self.csv_plain(delimiter, record)?;
            self.scanner.next()?;
            if !is_quoted && record.is(b"") {
                record.end_null();
            } else {
                record.end();
            }
            match stop {
                Some(stop) if stop == delimiter => {}
                Some(_) => {
                    record.finish(layout);
                    return Ok(true);
                }
                None => return Ok(false),
            }
        }
    }

    /// Reads a value without quotes, up to the byte after it.
    fn csv_plain(&mut self, delimiter: u8, record: &mut Record) -> Result<Option<u8>, Problem> {
        let stops = Stops::Two(delimiter, b'\n');
        let mut last = 0;
        let stop = self.scanner.until(stops, |bytes| {
            record.push(bytes);
            last = bytes.last().copied().unwrap_or(last);
        })?;
        if stop == Some(b'\n') && last == b'\r' {
            record.strip(b'\r');
        }
        Ok(stop)
    }

    /// Reads a value after its opening quote. Returns whether it has a closing quote.
    fn csv_quoted(&mut self, record: &mut Record) -> Result<bool, Problem> {
        loop {
            let stop = self.scanner.until(Stops::One(b'"'), |bytes| record.push(bytes))?;
            self.scanner.next()?;
            if stop.is_none() {
                return Ok(false);
            }
            if !self.scanner.eat(b'"')? {
                return Ok(true);
            }
            record.push(b"\"");
        }
    }
}

/// The names in a header. Names of columns have no quotes within.
pub(crate) fn names(header: &[u8], rules: Rules) -> Vec<String> {
    let delimiter = match rules {
        Rules::Csv(delimiter) => delimiter,
        Rules::Batch => b'\t',
    };
    let name = |cell: &[u8]| {
        let cell = cell.strip_suffix(b"\r").unwrap_or(cell).trim_ascii();
        let bare = cell.strip_prefix(b"\"").and_then(|cell| cell.strip_suffix(b"\""));
        String::from_utf8_lossy(bare.unwrap_or(cell)).to_ascii_lowercase()
    };
    header.split(|byte| *byte == delimiter).map(name).collect()
}

/// Finds the table whose columns a file has.
fn guess(names: &[String]) -> Option<Table> {
    let has = |column: Column| names.iter().any(|name| name == column.name());
    let is_group = |name: &String| {
        ["id", "name", "magic_group_type", "entity_id", "is_tenant_group", "is_data_app_group"]
            .contains(&name.as_str())
    };
    if has(Column::Email) && (has(Column::Password) || has(Column::DateJoined)) {
        Some(Table::User)
    } else if has(Column::KeyPrefix) {
        Some(Table::ApiKey)
    } else if has(Column::UserId) && has(Column::GroupId) {
        Some(Table::Membership)
    } else if has(Column::Name) && names.iter().all(is_group) {
        Some(Table::Group)
    } else {
        None
    }
}

/// Finds the table that a file is named after. The longest name decides.
fn by_name(file: &str) -> Option<Table> {
    let file = file.rsplit(['/', '\\']).next()?.to_ascii_lowercase();
    let named = Table::ALL.into_iter().filter(|table| file.contains(table.name()));
    named.max_by_key(|table| table.name().len())
}
