//! Users, groups, memberships and API keys of Metabase, from what an operator has.
//!
//! | Source | Made by |
//! | --- | --- |
//! | `COPY` | `pg_dump` |
//! | `INSERT` | `pg_dump --inserts`, `pg_dump --column-inserts`, `mysqldump`, `SCRIPT` of H2 |
//! | CSV with a header | `\copy core_user to 'core_user.csv' csv header` of `psql` |
//! | tab-separated lines with a header | `mysql --batch --execute='SELECT * FROM core_user'` |
//! | live database | `postgres://user@host/database`, `mysql://user@host/database` |
//!
//! The content of a file decides on its format. An archive, a database file of H2 or another
//! encoding is an error with the command that makes it readable.
//!
//! Versions of Metabase have other columns in another order, so only names of columns count. Rows
//! without names have those of `CREATE TABLE` in the same file.
//!
//! [`Source::open`] finds all formats and connects to databases. [`Source::rows`] reads from the
//! start, as often as needed. A database stays in one read-only transaction, so each pass returns
//! the same rows. [`Rows`] has two kinds of errors. A row that cannot be read is an error within
//! [`Located`], and the next row follows. A source that cannot be understood ends the rows.
//!
//! Memory does not grow with the file, with the length of a line or with a table. A value of a
//! column that is read has at most 1 MiB.
//!
//! # Decisions
//!
//! - A time without a zone is UTC.
//! - `mysql --batch` writes null as `NULL`. A text `NULL` is null, too.
//! - An unquoted empty value of CSV is null, and a quoted one is an empty text.
//! - A boolean that is an empty text is an error of the source: some tools write true and false in
//!   this way.
//! - A dump with the first comment of `pg_dump` or `mysqldump` must have the last one. A file with
//!   a header must end with a line break. Otherwise it is cut off.
//! - A table `core_user` with passwords and no column `password_salt` is of another program.
//! - The same table of two databases or schemas in one file is an error.
//! - A connection to another machine uses TLS with a verified certificate, unless the URL has
//!   `sslmode=disable`. `sslrootcert=FILE` adds an authority.
//!
//! # Example
//!
//! ```
//! use metabase_dump::{Input, Options, Row, Source};
//!
//! let dump = "COPY public.core_user (id, email, is_active) FROM stdin;\n\
//!             1\tana@example.com\tt\n\
//!             2\tbo@example.com\tmaybe\n\
//!             \\.\n";
//! let source = Source::open(&[Input::text("dump.sql", dump)], &Options::default())?;
//! let mut lines = Vec::new();
//! for located in source.rows()? {
//!     let located = located?;
//!     match located.row {
//!         Ok(Row::User(user)) => lines.push(format!("{}: {}", user.id, user.email)),
//!         Ok(_) => {}
//!         Err(error) => lines.push(format!("{}: {error}", located.location)),
//!     }
//! }
//! assert_eq!(
//!     lines,
//!     ["1: ana@example.com", "dump.sql:3: the column is_active is neither true nor false"]
//! );
//! # Ok::<_, metabase_dump::SourceError>(())
//! ```

mod convert;
mod delimited;
mod detect;
mod error;
mod escaped;
mod input;
mod live;
mod record;
mod row;
mod scanner;
mod source;
mod sql;
mod table;
mod timestamp;

pub use error::{Problem, RowError, SourceError};
pub use input::{Input, Options};
pub use row::{ApiKeyRow, GroupRow, Located, Location, MembershipRow, Row, UserKind, UserRow};
pub use source::{Rows, Source};
pub use table::{Table, UnknownTable};
