//! Errors, as sentences that state the solution.

use std::{io, sync::Arc};

use crate::{row::Location, table::Table};

/// The longest value of a column that is read.
pub(crate) const MAX_VALUE: usize = 1024 * 1024;

/// A problem that ends reading. Displays as `dump.sql:123: the problem`.
#[derive(Debug, thiserror::Error)]
#[error("{location}: {problem}")]
pub struct SourceError {
    /// The place.
    pub location: Location,
    /// The problem.
    pub problem: Problem,
}

impl SourceError {
    /// An error for a whole source.
    pub(crate) fn whole(source: &Arc<str>, problem: Problem) -> Self {
        let source = Arc::clone(source);
        Self { location: Location { source, table: None, line: 0, is_database: false }, problem }
    }
}

/// The reason why a source cannot be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Problem {
    /// The operating system cannot read the file.
    #[error("the file cannot be read: {0}")]
    Io(io::Error),
    /// The file is a pipe or a device.
    #[error("this is no regular file, and an import reads twice; write it to a file first")]
    NotAFile,
    /// The file has no content.
    #[error("the file is empty; dump again, and look for an error of the dump program")]
    Empty,
    /// A format that another program makes readable.
    #[error("this is {what}; make it readable with: {command}")]
    Convert {
        /// The format.
        what: &'static str,
        /// The command.
        command: String,
    },
    /// No known format.
    #[error(
        "this is no dump of Metabase; use a plain dump by pg_dump, mysqldump or SCRIPT of H2, or a \
         file with a header by \\copy or mysql --batch"
    )]
    UnknownFormat,
    /// SQL or a database without a table with people.
    #[error(
        "there is no table core_user, permissions_group, permissions_group_membership or api_key; \
         use the application database of Metabase"
    )]
    NotMetabase,
    /// A file with a header that fits no table.
    #[error(
        "the columns do not identify a table; write the table before the file: core_user=FILE, \
         permissions_group=FILE, permissions_group_membership=FILE or api_key=FILE"
    )]
    UnknownTable,
    /// A table without a column that the import needs.
    #[error("the table {table} has no column {column}; dump the table with all columns")]
    MissingColumn {
        /// The table.
        table: Table,
        /// The column.
        column: &'static str,
    },
    /// A table of another program with the same name, such as one of Django.
    #[error(
        "the table {table} is of another program than Metabase: it has passwords and no column \
         password_salt; use the application database of Metabase"
    )]
    OtherProgram {
        /// The table.
        table: Table,
    },
    /// A column that is there twice.
    #[error("the table {table} has the column {column} twice; dump the table again")]
    DuplicateColumn {
        /// The table.
        table: Table,
        /// The column.
        column: &'static str,
    },
    /// Rows without names of columns.
    #[error(
        "the columns of {table} have no names; dump with mysqldump --complete-insert, with pg_dump \
         --column-inserts or with SCRIPT COLUMNS, or keep CREATE TABLE in the file"
    )]
    NoColumns {
        /// The table.
        table: Table,
    },
    /// The same table of two databases or schemas.
    #[error(
        "the file has the table {table} of two databases or schemas; dump one of them into a file \
         of its own"
    )]
    TwoDatabases {
        /// The table.
        table: Table,
    },
    /// Booleans without a difference.
    #[error(
        "the column {column} is an empty text, so true and false look the same; dump with \
         mysqldump --hex-blob --complete-insert"
    )]
    AmbiguousBits {
        /// The column.
        column: &'static str,
    },
    /// A file that ends too early.
    #[error("the file ends within {within}; it is cut off, so copy it or dump it again")]
    Truncated {
        /// The unfinished part.
        within: &'static str,
    },
    /// A text file that is not UTF-8.
    #[error("the text is in {encoding}; convert it with: {command}")]
    Encoding {
        /// The encoding.
        encoding: String,
        /// The command.
        command: String,
    },
    /// SQL that cannot be understood.
    #[error("the SQL is not of a dump: expected {expected}; dump again with pg_dump or mysqldump")]
    Syntax {
        /// The expected part.
        expected: &'static str,
    },
    /// A URL that is no database.
    #[error("the URL is invalid: {reason}")]
    Url {
        /// The reason, without the URL.
        reason: String,
    },
    /// A database that rejects the connection or a query.
    #[error("the database reports: {0}")]
    Database(String),
}

impl From<io::Error> for Problem {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// The reason why a row cannot be read. Reading continues with the next row.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RowError {
    /// A value without which the row is of no use.
    #[error("the column {0} is empty; the row needs a value")]
    Missing(&'static str),
    /// An invalid ID.
    #[error("the column {0} is no ID; an ID is a whole number from 0")]
    Id(&'static str),
    /// An invalid boolean.
    #[error("the column {0} is neither true nor false")]
    Boolean(&'static str),
    /// An invalid time.
    #[error("the column {0} is no date and time such as 2026-01-31 12:00:00+00")]
    Time(&'static str),
    /// Attributes that are no JSON object.
    #[error("the column {0} is no JSON object")]
    Attributes(&'static str),
    /// Text that is not UTF-8.
    #[error("the column {0} is not UTF-8; dump with the encoding UTF-8")]
    Encoding(&'static str),
    /// A value that is too long.
    #[error("the column {0} is longer than 1 MiB; shorten the value")]
    TooLong(&'static str),
    /// A row with too few or too many values.
    #[error("the row has {found} values for {expected} columns")]
    Columns {
        /// The number of columns.
        expected: usize,
        /// The number of values.
        found: usize,
    },
    /// A value that is no constant.
    #[error("the column {0} is an expression and no constant; dump again with the usual options")]
    Expression(&'static str),
    /// A text that H2 stores outside the row.
    #[error("the column {0} is outside the row; dump with SCRIPT BLOCKSIZE 1048576")]
    Lob(&'static str),
    /// A boolean that is an empty text. [`Rows`](crate::Rows) turns it into a [`SourceError`].
    #[error("the column {0} is an empty text, so true and false look the same")]
    AmbiguousBits(&'static str),
}
