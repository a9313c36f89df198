//! The database of the legacy CRM.

use std::path::{Path, PathBuf};

use rusqlite::{Connection, params_from_iter};

use super::aside;
use crate::GenerateError;
use crate::files::{Format, SPECS};
use crate::row::{Cell, Row};

/// The database, written row by row in one transaction.
pub(super) struct Database {
    path: PathBuf,
    connection: Connection,
    /// In the order of the tables; empty for those that are elsewhere.
    inserts: Vec<String>,
}

impl Database {
    /// Makes the database. Whatever stood at the path is gone.
    pub(super) fn create(out: &Path) -> Result<Self, GenerateError> {
        let tables = || SPECS.iter().filter(|spec| spec.format == Format::Sqlite);
        let path = aside(out, tables().next().map_or("", |spec| spec.file));
        let failed = |error: rusqlite::Error| GenerateError::write(&path, error);
        let connection = Connection::open(&path).map_err(failed)?;
        // Nothing else reads the file before it is complete and renamed, so neither a journal nor an fsync is needed; a page
        // written in place makes the bytes the same each time.
        let set_up = "PRAGMA page_size = 4096; PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; BEGIN;";
        connection.execute_batch(set_up).map_err(failed)?;
        for spec in tables() {
            let columns = spec.header().iter().map(|name| format!("{name} TEXT")).collect::<Vec<_>>().join(", ");
            connection.execute_batch(&format!("CREATE TABLE {} ({columns});", spec.part)).map_err(failed)?;
        }
        connection.set_prepared_statement_cache_capacity(SPECS.len());
        let inserts = SPECS.iter().map(|spec| match spec.format {
            Format::Sqlite => {
                format!("INSERT INTO {} VALUES ({})", spec.part, vec!["?"; spec.columns.len()].join(", "))
            }
            _ => String::new(),
        });
        let inserts = inserts.collect();
        Ok(Self { path, connection, inserts })
    }

    /// Adds a row.
    pub(super) fn write(&self, row: &Row) -> Result<(), GenerateError> {
        let insert = || -> rusqlite::Result<()> {
            let mut statement = self.connection.prepare_cached(&self.inserts[row.table as usize])?;
            statement.execute(params_from_iter(row.cells.iter().map(Cell::text)))?;
            Ok(())
        };
        insert().map_err(|error| GenerateError::write(&self.path, error))
    }

    /// Completes the database.
    pub(super) fn finish(self) -> Result<(), GenerateError> {
        let Self { path, connection, .. } = self;
        let done = connection.execute_batch("COMMIT;");
        done.and_then(|()| connection.close().map_err(|(_, error)| error))
            .map_err(|error| GenerateError::write(&path, error))
    }
}
