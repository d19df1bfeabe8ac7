//! Users, groups, memberships and API keys of Metabase, from what an operator has.
//!
//! Reads plain dumps of `pg_dump`, `mysqldump` and H2's `SCRIPT`, and files with a header of `psql`
//! and `mysql`. The content decides on the format, and the names of columns decide on their
//! meaning: each version of Metabase has another order. Memory does not grow with the file.
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
