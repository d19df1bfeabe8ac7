//! A CSV file for each table, for `psql \copy`.

use std::path::Path;

use super::rows::{API_KEYS, AUTH_IDENTITIES, GROUPS, MEMBERSHIPS, Row, Table, USERS};
use crate::{Failure, export::file::Destination};

/// The files.
pub(super) struct CsvFiles(Vec<(&'static str, csv::Writer<Destination>)>);

impl CsvFiles {
    /// Starts the files with their headers.
    pub(super) fn create(directory: &Path, has_auth_identity: bool) -> Result<Self, Failure> {
        let mut tables = vec![&GROUPS, &USERS, &MEMBERSHIPS, &API_KEYS];
        tables.extend(has_auth_identity.then_some(&AUTH_IDENTITIES));
        let create = |table: &'static Table| {
            let path = directory.join(format!("{}.csv", table.name));
            let mut csv = csv::Writer::from_writer(Destination::open(Some(&path))?);
            csv.write_record(table.columns)?;
            Ok((table.name, csv))
        };
        tables.into_iter().map(create).collect::<Result<_, Failure>>().map(Self)
    }

    /// Adds rows to the file of a table.
    pub(super) fn append(&mut self, table: &Table, rows: &[Row]) -> Result<(), Failure> {
        let Some((_, csv)) = self.0.iter_mut().find(|(name, _)| *name == table.name) else {
            return Ok(());
        };
        for row in rows {
            csv.write_record(row.iter().map(super::value::Value::to_cell))?;
        }
        Ok(())
    }

    /// Puts all files in place.
    pub(super) fn finish(self) -> Result<(), Failure> {
        for (_, csv) in self.0 {
            let file = csv.into_inner().map_err(|error| Failure::failed(error.error()))?;
            file.finish()?;
        }
        Ok(())
    }
}
