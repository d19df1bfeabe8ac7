//! SQL dumps of PostgreSQL, MySQL, MariaDB and H2.

mod comments;
mod create;
mod lexer;
mod literal;
mod skip;
mod values;

use std::{collections::BTreeMap, io, sync::Arc};

use self::lexer::{Lexer, Name};
use crate::{
    error::Problem,
    escaped::{self, Escapes},
    record::{Layout, Record},
    scanner::Scanner,
    source::Reader,
    table::Table,
};

/// A reader of statements. It skips every statement without people.
pub(crate) struct Sql {
    lexer: Lexer,
    mode: Mode,
    definitions: BTreeMap<Table, Vec<String>>,
    homes: BTreeMap<Table, String>,
    database: String,
    schema: String,
}

/// The statement that is read.
#[derive(Clone)]
enum Mode {
    Statements,
    Copy(Arc<Layout>),
    Values(Arc<Layout>),
}

impl Reader for Sql {
    fn next(&mut self, record: &mut Record) -> Result<Option<(Table, u64)>, Problem> {
        loop {
            let row = match self.mode.clone() {
                Mode::Statements => {
                    if !self.statement()? {
                        return self.end();
                    }
                    None
                }
                Mode::Copy(layout) => self.copy_row(&layout, record)?,
                Mode::Values(layout) => self.values_row(&layout, record)?,
            };
            if row.is_some() {
                return Ok(row);
            }
        }
    }

    fn position(&self) -> u64 {
        self.lexer.scanner.position()
    }

    fn line(&self) -> u64 {
        self.lexer.scanner.line()
    }
}

impl Sql {
    /// A reader with or without backslash escapes in texts.
    pub(crate) fn new(scanner: Scanner, has_escapes: bool) -> Self {
        Self {
            lexer: Lexer::new(scanner, has_escapes),
            mode: Mode::Statements,
            definitions: BTreeMap::new(),
            homes: BTreeMap::new(),
            database: String::new(),
            schema: String::new(),
        }
    }

    /// Reads up to the rows of a statement, or over the whole statement. Returns whether there was
    /// one.
    fn statement(&mut self) -> Result<bool, Problem> {
        self.lexer.blank()?;
        match self.lexer.scanner.peek()? {
            None => return Ok(false),
            Some(b';') => {
                self.lexer.scanner.next()?;
            }
            Some(b'\\') => self.meta_command()?,
            Some(_) => self.command()?,
        }
        Ok(true)
    }

    fn command(&mut self) -> Result<(), Problem> {
        match self.lexer.word()?.as_bytes() {
            b"COPY" => self.copy(),
            b"INSERT" | b"REPLACE" => self.insert(),
            b"CREATE" => self.create(),
            b"SET" => self.setting(),
            b"DELIMITER" => self.routines(),
            b"USE" => {
                self.lexer.blank()?;
                self.database = self.lexer.name()?.table;
                self.lexer.skip()
            }
            _ => self.lexer.skip(),
        }
    }

    /// Reads `SET`. An old `pg_dump` sets the schema of the next tables.
    fn setting(&mut self) -> Result<(), Problem> {
        let setting = self.lexer.setting()?;
        if let Some(path) = setting.strip_prefix("search_path = ") {
            path.split(',').next().unwrap_or_default().clone_into(&mut self.schema);
        }
        Ok(())
    }

    /// Reads a command of psql. It ends with its line.
    fn meta_command(&mut self) -> Result<(), Problem> {
        self.lexer.scanner.next()?;
        if self.lexer.word()?.as_bytes() == b"CONNECT" {
            self.lexer.scanner.while_(|byte| byte == b' ', |_| {})?;
            self.database = self.lexer.name()?.table;
        }
        if !self.lexer.scanner.skip_line()? {
            return Err(Problem::Truncated { within: "a command of psql" });
        }
        Ok(())
    }

    /// Skips the routines and triggers of a dump of MySQL.
    fn routines(&mut self) -> Result<(), Problem> {
        let scanner = &mut self.lexer.scanner;
        scanner.while_(|byte| byte == b' ', |_| {})?;
        if matches!(scanner.ahead(2)?, b";" | b";\n" | b";\r") {
            return Ok(());
        }
        while scanner.skip_line()? {
            if scanner.ahead(10)? == b"DELIMITER " {
                scanner.skip_line()?;
                return Ok(());
            }
        }
        Err(Problem::Truncated { within: "a routine" })
    }

    /// Notes the table of a statement if it is one with people.
    fn find(&mut self, name: &Name) -> Result<Option<Table>, Problem> {
        let Some(table) = Table::find(&name.table) else { return Ok(None) };
        let schema = if name.schema.is_empty() { &self.schema } else { &name.schema };
        let home = format!("{}.{}", self.database, schema.to_ascii_lowercase());
        if self.homes.entry(table).or_insert_with(|| home.clone()) != &home {
            return Err(Problem::TwoDatabases { table });
        }
        Ok(Some(table))
    }

    /// Reads the start of `COPY`.
    fn copy(&mut self) -> Result<(), Problem> {
        self.lexer.blank()?;
        let name = self.lexer.name()?;
        let table = self.find(&name)?;
        self.lexer.blank()?;
        let columns = self.lexer.columns()?;
        let is_input = self.lexer.tail()?.to_ascii_uppercase().contains("FROM STDIN");
        if !is_input {
            return Ok(());
        }
        self.lexer.scanner.skip_line()?;
        match table {
            Some(table) => {
                self.mode = Mode::Copy(self.layout(table, columns.as_deref())?);
                Ok(())
            }
            None => self.skip_copy(),
        }
    }

    fn layout(&self, table: Table, columns: Option<&[String]>) -> Result<Arc<Layout>, Problem> {
        let columns = columns.or(self.definitions.get(&table).map(Vec::as_slice));
        let columns = columns.ok_or(Problem::NoColumns { table })?;
        Layout::new(table, columns).map(Arc::new)
    }

    /// Consumes the line that ends the rows of `COPY`, if it is next.
    fn copy_end(&mut self) -> io::Result<bool> {
        let is_end = matches!(self.lexer.scanner.ahead(3)?, b"\\." | b"\\.\n" | b"\\.\r");
        if is_end {
            self.lexer.scanner.skip_line()?;
        }
        Ok(is_end)
    }

    fn skip_copy(&mut self) -> Result<(), Problem> {
        while !self.copy_end()? {
            if !self.lexer.scanner.skip_line()? {
                return Err(TRUNCATED_COPY);
            }
        }
        Ok(())
    }

    fn copy_row(
        &mut self,
        layout: &Layout,
        record: &mut Record,
    ) -> Result<Option<(Table, u64)>, Problem> {
        if self.copy_end()? {
            self.mode = Mode::Statements;
            return Ok(None);
        }
        let line = self.lexer.scanner.line();
        if !escaped::row(&mut self.lexer.scanner, Escapes::Copy, layout, record)? {
            return Err(TRUNCATED_COPY);
        }
        Ok(Some((layout.table, line)))
    }

    /// Checks the end of the file.
    fn end(&self) -> Result<Option<(Table, u64)>, Problem> {
        if self.lexer.is_unfinished() {
            return Err(Problem::Truncated { within: "the dump, before its last comment" });
        }
        if self.homes.is_empty() {
            return Err(Problem::NotMetabase);
        }
        Ok(None)
    }
}

const TRUNCATED_COPY: Problem = Problem::Truncated { within: "the rows of COPY" };
