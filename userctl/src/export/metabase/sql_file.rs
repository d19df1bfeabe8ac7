//! The file with SQL: one transaction.

use std::{io::Write, path::Path};

use shared::domain::{BuiltinGroup, UserId};

use super::{
    Last,
    rows::{GROUPS, Row, Table},
    value::{Dialect, Value},
};
use crate::{Failure, export::file::Destination};

/// The name of the file.
const NAME: &str = "metabase.sql";

/// A file with SQL.
pub(super) struct SqlFile {
    file: Destination,
    dialect: Dialect,
}

impl Dialect {
    /// The statements at the start. Their first line tells a reader the database.
    const fn start(self) -> &'static str {
        match self {
            Self::Postgres => {
                "-- PostgreSQL database: people and groups for Metabase\n\
                 SET client_encoding = 'UTF8';\n\
                 SET standard_conforming_strings = on;\n\
                 SET timezone = 'UTC';\n\
                 BEGIN;\n"
            }
            Self::Mysql => {
                "-- MySQL dump: people and groups for Metabase\n\
                 SET NAMES utf8mb4;\n\
                 SET time_zone = '+00:00';\n\
                 SET SESSION sql_mode = 'STRICT_ALL_TABLES';\n\
                 START TRANSACTION;\n"
            }
            Self::H2 => {
                "-- \"PUBLIC\": people and groups for Metabase, for H2\n\
                 SET TIME ZONE 'UTC';\n\
                 SET AUTOCOMMIT FALSE;\n"
            }
        }
    }

    /// A name of a table or column.
    fn name(self, name: &str) -> String {
        match self {
            Self::Postgres => format!("\"{name}\""),
            Self::Mysql => format!("`{name}`"),
            Self::H2 => format!("\"{}\"", name.to_ascii_uppercase()),
        }
    }

    fn columns(self, columns: &[&str]) -> String {
        columns.iter().map(|name| self.name(name)).collect::<Vec<_>>().join(", ")
    }
}

impl SqlFile {
    /// Starts the file, with the two groups that every Metabase has.
    pub(super) fn create(directory: &Path, dialect: Dialect) -> Result<Self, Failure> {
        let mut file = Destination::open(Some(&directory.join(NAME)))?;
        file.write_all(dialect.start().as_bytes())?;
        let (start, columns, end) = match dialect {
            Dialect::Postgres => ("INSERT INTO", "", " ON CONFLICT DO NOTHING"),
            Dialect::Mysql => ("INSERT IGNORE INTO", "", ""),
            Dialect::H2 => ("MERGE INTO", " KEY (\"ID\")", ""),
        };
        let table = dialect.name(GROUPS.name);
        let names = dialect.columns(&["id", "name", "magic_group_type"]);
        for group in BuiltinGroup::ALL {
            let (id, name, kind) = (group.id(), group.name(), group.kind());
            writeln!(
                file,
                "{start} {table} ({names}){columns} VALUES ({id}, '{name}', '{kind}'){end};"
            )?;
        }
        Ok(Self { file, dialect })
    }

    /// Writes rows as one statement.
    pub(super) fn insert(&mut self, table: &Table, rows: &[Row]) -> Result<(), Failure> {
        if rows.is_empty() {
            return Ok(());
        }
        let dialect = self.dialect;
        let (name, columns) = (dialect.name(table.name), dialect.columns(table.columns));
        let mut sql = format!("INSERT INTO {name} ({columns}) VALUES");
        for (index, row) in rows.iter().enumerate() {
            sql.push_str(if index == 0 { "\n(" } else { ",\n(" });
            push_row(row, dialect, &mut sql);
            sql.push(')');
        }
        sql.push_str(";\n");
        Ok(self.file.write_all(sql.as_bytes())?)
    }

    /// Ends the transaction. The next IDs are beyond those of the file.
    pub(super) fn finish(mut self, last: &Last) -> Result<(), Failure> {
        let end = match self.dialect {
            Dialect::Postgres => sequences() + "COMMIT;\n",
            // InnoDB raises AUTO_INCREMENT with each row.
            Dialect::Mysql => "COMMIT;\n".to_owned(),
            Dialect::H2 => "COMMIT;\nSET AUTOCOMMIT TRUE;\n".to_owned() + &restarts(last),
        };
        self.file.write_all(end.as_bytes())?;
        self.file.finish()
    }
}

/// The statements that move the sequences of PostgreSQL beyond the IDs of their tables. The user of
/// Metabase itself has an ID outside the sequence.
fn sequences() -> String {
    let users = format!(" WHERE id <> {}", UserId::INTERNAL);
    let tables = [("core_user", users.as_str()), ("permissions_group", ""), ("api_key", "")];
    let statement = |(table, filter)| {
        format!(
            "SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT MAX(id) FROM \
             {table}{filter}));\n"
        )
    };
    tables.map(statement).concat()
}

/// The statements that move the identities of H2. H2 ends a transaction before each of them.
fn restarts(last: &Last) -> String {
    let tables =
        [("CORE_USER", last.user), ("PERMISSIONS_GROUP", last.group), ("API_KEY", last.key)];
    let used = tables.into_iter().filter(|(_, last)| *last > 0);
    let statement = |(table, last): (&str, u64)| {
        let next = last.saturating_add(1);
        format!("ALTER TABLE \"{table}\" ALTER COLUMN \"ID\" RESTART WITH {next};\n")
    };
    used.map(statement).collect()
}

fn push_row(row: &[Value], dialect: Dialect, sql: &mut String) {
    for (index, value) in row.iter().enumerate() {
        if index > 0 {
            sql.push_str(", ");
        }
        value.push_sql(dialect, sql);
    }
}
