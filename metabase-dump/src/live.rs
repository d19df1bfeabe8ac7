//! Live databases. One transaction reads the same rows as often as an import needs them.

mod address;
mod mysql;
mod postgres;

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, PoisonError},
};

use secrecy::{ExposeSecret, SecretString};

use self::{address::Address, mysql::MySql, postgres::Postgres};
use crate::{
    error::{Problem, SourceError},
    input::Options,
    record::{Layout, Record},
    row::Location,
    source::Reader,
    table::Table,
};

/// The number of rows of a query. Memory holds one page.
const PAGE: usize = 1000;

/// The rows of a query, as text.
pub(crate) type Answer = Vec<Vec<Option<Vec<u8>>>>;

/// A connection within a transaction that only reads.
pub(crate) trait Database: Send {
    /// Runs a query.
    fn query(&mut self, sql: &str) -> Result<Answer, Problem>;

    /// The query for the names of the columns of a table. It has no rows if there is no table.
    fn columns(&self, table: Table) -> String;

    /// A name in quotes.
    fn quote(&self, name: &str) -> String;
}

/// A connection that all passes share.
#[derive(Clone)]
pub(crate) struct Live {
    pub(crate) name: Arc<str>,
    database: Arc<Mutex<Box<dyn Database>>>,
    layouts: Arc<[Arc<Layout>]>,
    names: Arc<[Vec<String>]>,
}

impl Live {
    /// Connects, and finds the tables.
    pub(crate) fn connect(url: &SecretString, options: &Options) -> Result<Self, SourceError> {
        let address = Address::parse(url, options);
        let address = address.map_err(|problem| whole("database", problem))?;
        let name = if address.is_mysql { "mysql" } else { "postgres" };
        let connect = || -> Result<Self, Problem> {
            let mut database: Box<dyn Database> = if address.is_mysql {
                Box::new(MySql::connect(&address)?)
            } else {
                Box::new(Postgres::connect(&address)?)
            };
            let (layouts, names) = layouts(database.as_mut())?;
            let database = Arc::new(Mutex::new(database));
            Ok(Self { name: name.into(), database, layouts, names })
        };
        connect().map_err(|problem| whole(name, scrub(problem, &address)))
    }

    /// A reader from the first row.
    pub(crate) fn reader(&self) -> LiveReader {
        LiveReader { live: self.clone(), table: 0, page: VecDeque::new(), last: None, number: 0 }
    }

    fn page(&self, table: usize, last: Option<u64>) -> Result<Answer, Problem> {
        let (Some(layout), Some(names)) = (self.layouts.get(table), self.names.get(table)) else {
            return Ok(Vec::new());
        };
        let mut database = self.database.lock().unwrap_or_else(PoisonError::into_inner);
        let columns: Vec<_> = names.iter().map(|name| database.quote(name)).collect();
        let after = last.map_or(String::new(), |last| format!(" WHERE id > {last}"));
        database.query(&format!(
            "SELECT {} FROM {}{after} ORDER BY id LIMIT {PAGE}",
            columns.join(", "),
            layout.table
        ))
    }
}

/// An error before the first row.
fn whole(name: &str, problem: Problem) -> SourceError {
    let location = Location { source: name.into(), table: None, line: 0, is_database: true };
    SourceError { location, problem }
}

/// Removes the password from the message of a database, and adds the solution for TLS.
fn scrub(problem: Problem, address: &Address) -> Problem {
    let Problem::Database(mut message) = problem else { return problem };
    let password = address.password.as_ref().map_or("", |password| password.expose_secret());
    if !password.is_empty() {
        message = message.replace(password, "…");
    }
    let is_tls = ["certificate", "TLS", "Tls"].iter().any(|word| message.contains(word));
    if address.has_tls && is_tls {
        message.push_str(
            "; add sslrootcert=FILE with the authority of the server to the URL, or \
             sslmode=disable in a trusted network",
        );
    }
    Problem::Database(message)
}

type Layouts = (Arc<[Arc<Layout>]>, Arc<[Vec<String>]>);

/// Finds the tables with people, and the columns that are read.
fn layouts(database: &mut dyn Database) -> Result<Layouts, Problem> {
    let mut layouts = Vec::new();
    let mut names = Vec::new();
    for table in Table::ALL {
        let text = |row: Vec<Option<Vec<u8>>>| {
            let name = row.into_iter().next().flatten()?;
            String::from_utf8(name).ok()
        };
        let all = database.query(&database.columns(table))?.into_iter().filter_map(text);
        let is_read = |name: &String| table.columns().iter().any(|column| column.name() == name);
        let found: Vec<_> = all.filter(is_read).collect();
        if !found.is_empty() {
            layouts.push(Arc::new(Layout::new(table, &found)?));
            names.push(found);
        }
    }
    if layouts.is_empty() {
        return Err(Problem::NotMetabase);
    }
    Ok((layouts.into(), names.into()))
}

/// A reader of all tables, page by page in the order of IDs.
pub(crate) struct LiveReader {
    live: Live,
    table: usize,
    page: VecDeque<Vec<Option<Vec<u8>>>>,
    last: Option<u64>,
    number: u64,
}

impl Reader for LiveReader {
    fn next(&mut self, record: &mut Record) -> Result<Option<(Table, u64)>, Problem> {
        while let Some(layout) = self.live.layouts.get(self.table).cloned() {
            if self.page.is_empty() {
                self.page = self.live.page(self.table, self.last)?.into();
            }
            let Some(row) = self.page.pop_front() else {
                self.table += 1;
                self.last = None;
                self.number = 0;
                continue;
            };
            for value in &row {
                record.put(&layout, value.as_deref());
            }
            self.last = record.key();
            if self.last.is_none() {
                return Err(Problem::Database(format!("{} has an invalid ID", layout.table)));
            }
            self.number += 1;
            return Ok(Some((layout.table, self.number)));
        }
        Ok(None)
    }

    fn position(&self) -> u64 {
        0
    }

    fn line(&self) -> u64 {
        self.number
    }

    fn table(&self) -> Option<Table> {
        self.live.layouts.get(self.table).map(|layout| layout.table)
    }

    fn is_database(&self) -> bool {
        true
    }
}
