//! Sources of rows. A source opens as often as an import needs it.

use std::{fs, path::Path, sync::Arc};

use crate::{
    convert,
    delimited::Delimited,
    detect::{self, Format},
    error::{Problem, RowError, SourceError},
    input::{Input, Kind, Opener, Options, file_opener},
    live::Live,
    record::Record,
    row::{Located, Location},
    scanner::Scanner,
    sql::Sql,
    table::Table,
};

/// A reader of the rows of one input.
pub(crate) trait Reader: Send {
    /// Fills the record with the next row. Returns its table and line, or `None` at the end. The
    /// record is empty.
    fn next(&mut self, record: &mut Record) -> Result<Option<(Table, u64)>, Problem>;

    /// The number of consumed bytes.
    fn position(&self) -> u64;

    /// The line of the next byte, or the number of the last row.
    fn line(&self) -> u64;

    /// The table, if the next row has the same as the last.
    fn table(&self) -> Option<Table> {
        None
    }

    /// Whether lines are numbers of rows.
    fn is_database(&self) -> bool {
        false
    }
}

/// The inputs of an import, with their formats.
pub struct Source {
    inputs: Arc<[Opened]>,
}

/// An input that can be read.
struct Opened {
    name: Arc<str>,
    size: Option<u64>,
    content: Content,
}

enum Content {
    Bytes { opener: Opener, format: Format, table: Option<Table> },
    Live(Live),
}

impl Source {
    /// Opens all inputs, and finds their formats.
    ///
    /// # Errors
    ///
    /// Returns an error if an input is missing, or if its format is unknown or needs another
    /// program.
    pub fn open(inputs: &[Input], options: &Options) -> Result<Self, SourceError> {
        let open = |input| Opened::new(input, options);
        let inputs: Result<Vec<_>, _> = inputs.iter().map(open).collect();
        Ok(Self { inputs: inputs?.into() })
    }

    /// Reads all rows from the start.
    ///
    /// # Errors
    ///
    /// Returns an error if the first input cannot be opened again.
    pub fn rows(&self) -> Result<Rows, SourceError> {
        let mut rows = Rows {
            inputs: Arc::clone(&self.inputs),
            next: 0,
            reader: None,
            finished: 0,
            record: Record::new(),
        };
        rows.open_next()?;
        Ok(rows)
    }

    /// The size of all inputs in bytes, for a progress bar.
    #[must_use]
    pub fn size_hint(&self) -> Option<u64> {
        self.inputs.iter().map(|input| input.size).sum()
    }
}

impl Opened {
    fn new(input: &Input, options: &Options) -> Result<Self, SourceError> {
        let (name, opener, size) = match &input.kind {
            Kind::File(path) => {
                let name: Arc<str> = path.display().to_string().into();
                let size = size(path).map_err(|problem| SourceError::whole(&name, problem))?;
                (name, file_opener(path.clone()), Some(size))
            }
            Kind::Reader { name, size, opener } => (Arc::clone(name), Arc::clone(opener), *size),
            Kind::Url(url) => {
                let live = Live::connect(url, options)?;
                let name = Arc::clone(&live.name);
                return Ok(Self { name, size: None, content: Content::Live(live) });
            }
        };
        let table = input.table;
        let format = opener()
            .and_then(Scanner::new)
            .map_err(Problem::from)
            .and_then(|scanner| detect::detect(scanner.rest(), &name))
            .map_err(|problem| SourceError::whole(&name, problem))?;
        Ok(Self { name, size, content: Content::Bytes { opener, format, table } })
    }

    fn reader(&self) -> Result<Box<dyn Reader>, Problem> {
        let (opener, format, table) = match &self.content {
            Content::Bytes { opener, format, table } => (opener, *format, *table),
            Content::Live(live) => return Ok(Box::new(live.reader())),
        };
        let scanner = Scanner::new(opener()?)?;
        Ok(match format {
            Format::Sql { has_escapes } => Box::new(Sql::new(scanner, has_escapes)),
            Format::Delimited(rules) => {
                Box::new(Delimited::new(scanner, rules, table, &self.name)?)
            }
        })
    }
}

/// The size of a regular file.
fn size(path: &Path) -> Result<u64, Problem> {
    let metadata = fs::metadata(path)?;
    if metadata.is_dir() {
        return Err(detect::directory(&path.display().to_string()));
    }
    if !metadata.is_file() {
        return Err(Problem::NotAFile);
    }
    Ok(metadata.len())
}

/// The rows of a source. A row that cannot be read is an error within [`Located`]. An error of the
/// iterator is the last item.
pub struct Rows {
    inputs: Arc<[Opened]>,
    next: usize,
    reader: Option<(Arc<str>, Box<dyn Reader>)>,
    finished: u64,
    record: Record,
}

impl Rows {
    /// The number of bytes that were read.
    #[must_use]
    pub fn bytes_read(&self) -> u64 {
        let current = self.reader.as_ref().map_or(0, |(_, reader)| reader.position());
        self.finished + current
    }

    /// Opens the next input, if there is one.
    fn open_next(&mut self) -> Result<(), SourceError> {
        self.finished = self.bytes_read();
        self.reader = None;
        if let Some(input) = self.inputs.get(self.next) {
            self.next += 1;
            let reader =
                input.reader().map_err(|problem| SourceError::whole(&input.name, problem))?;
            self.reader = Some((Arc::clone(&input.name), reader));
        }
        Ok(())
    }

    fn advance(&mut self) -> Result<Option<Located>, SourceError> {
        while let Some((name, reader)) = &mut self.reader {
            self.record.clear();
            let is_database = reader.is_database();
            let place = |table, line| {
                let source = Arc::clone(name);
                Location { source, table, line, is_database }
            };
            match reader.next(&mut self.record) {
                Ok(Some((table, line))) => {
                    let location = place(Some(table), line);
                    return match convert::row(table, &mut self.record) {
                        Err(RowError::AmbiguousBits(column)) => {
                            let problem = Problem::AmbiguousBits { column };
                            Err(SourceError { location, problem })
                        }
                        row => Ok(Some(Located { location, row })),
                    };
                }
                Ok(None) => self.open_next()?,
                Err(problem) => {
                    let location = place(reader.table(), reader.line());
                    return Err(SourceError { location, problem });
                }
            }
        }
        Ok(None)
    }
}

impl Iterator for Rows {
    type Item = Result<Located, SourceError>;

    fn next(&mut self) -> Option<Self::Item> {
        let item = self.advance().transpose();
        if matches!(item, Some(Err(_))) {
            self.finished = self.bytes_read();
            self.reader = None;
            self.next = self.inputs.len();
        }
        item
    }
}
