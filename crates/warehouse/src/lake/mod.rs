//! The lake: every table of staged to mart as plain Parquet under a DuckLake 1.0 catalogue that we write ourselves.
//!
//! A release is one DuckLake snapshot: one transaction over the catalogue for all tables at once, so that readers see
//! one release, whole. Rejected: Delta, which has no transaction over several tables and keeps values of erased
//! people in its log; a manifest of our own, which is the same work and which nobody else can read; and writing
//! through a DuckLake library, whose files DuckDB could not read and which commits one table at a time.
//!
//! DuckDB reads a lake where it lies: `ATTACH 'ducklake:sqlite:ROOT/lake/catalogue.sqlite' AS lake (READ_ONLY)`, then
//! `SELECT ... FROM lake.mart.dim_date AT (VERSION => 3)`. The catalogue names the data folder by its absolute path.
//! After a state root was moved, the next run writes the new path; until then, or on a copy, DuckDB is told with
//! `(READ_ONLY, DATA_PATH 'ROOT/lake/data/', OVERRIDE_DATA_PATH true)`. Our own reader goes by the root it is given.

mod catalogue;
mod commit;
mod data_file;
pub(crate) mod error;
mod plan;
mod read;
mod release;
mod state;
mod types;

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use arrow::array::RecordBatch;
use onefold_contract::change::CurrentHashes;
use onefold_contract::file_system::FileSystem;
use onefold_contract::publisher::{Draft, Published, Publisher};
use onefold_contract::table::TableName;
use onefold_contract::{Failure, Result};
use rusqlite::Connection;

pub use read::{TableFiles, current_of};
pub use release::{Release, TableSummary};
pub use state::TableKind;

use error::{LakeError, file_error};
use state::TableState;

/// The tables and releases of one state root.
pub struct Lake {
    data: PathBuf,
    /// What may write; `None` for a lake that is only read.
    files: Option<Arc<dyn FileSystem>>,
    /// One connection, one caller at a time: every call is a few statements over a small file.
    connection: Mutex<Connection>,
}

impl Lake {
    /// Opens the lake below a state root, and creates it where there is none.
    ///
    /// # Errors
    /// State: the root cannot be written, or the catalogue is damaged, locked or of another program's making.
    pub fn open(root: &Path, files: Arc<dyn FileSystem>) -> Result<Self> {
        let folder = root.join("lake");
        let data = folder.join(catalogue::DATA);
        files.create_folder(&data).map_err(file_error(&data, "created"))?;
        let connection = catalogue::open(&folder, &data, files.as_ref())?;
        // The names of the catalogue and of the folders, after a kill in a first run too.
        for made in [folder.as_path(), root] {
            files.sync_folder(made).map_err(file_error(made, "synced"))?;
        }
        Ok(Self { data, files: Some(files), connection: Mutex::new(connection) })
    }

    /// Opens the lake for reading only: no file of the lake is changed. (SQLite may lay its shared-memory file beside the
    /// catalogue; on a medium that cannot be written it does without.)
    ///
    /// # Errors
    /// State: there is no lake yet, or it cannot be read.
    pub fn open_read_only(root: &Path) -> Result<Self> {
        let folder = root.join("lake");
        let connection = catalogue::open_read_only(&folder)?;
        Ok(Self { data: folder.join(catalogue::DATA), files: None, connection: Mutex::new(connection) })
    }

    /// The newest release; `None` before the first.
    ///
    /// # Errors
    /// State: the catalogue cannot be read.
    pub fn head(&self) -> Result<Option<u64>> {
        self.reading(state::head)
    }

    /// All releases, oldest first.
    ///
    /// # Errors
    /// State: the catalogue cannot be read.
    pub fn releases(&self) -> Result<Vec<Release>> {
        self.reading(|c| state::release_ids(c)?.into_iter().map(|id| release::one(c, id)).collect())
    }

    /// One release.
    ///
    /// # Errors
    /// Usage where there is no such release, naming those there are. State where the catalogue cannot be read.
    pub fn release(&self, id: u64) -> Result<Release> {
        self.reading(|c| release::one(c, id))
    }

    /// The tables of a release, by layer and name, with the files that hold their rows.
    ///
    /// # Errors
    /// Those of [`Self::release`].
    pub fn tables(&self, release: u64) -> Result<Vec<TableFiles>> {
        self.reading(|c| {
            release::check(c, release)?;
            state::tables(c, release)?.iter().map(|table| self.table_files(c, table, release)).collect()
        })
    }

    /// All rows of a table in the order they were published; `None` where the release has no such table. Rows older
    /// than a column lack it.
    ///
    /// # Errors
    /// Those of [`Self::release`], and state where a data file is missing or damaged.
    pub fn read(&self, release: u64, name: &TableName) -> Result<Option<RecordBatch>> {
        let Some((table, files)) = self.find(release, name)? else { return Ok(None) };
        Ok(Some(read::rows(&self.data, &table.schema()?, &files)?))
    }

    /// What is there now. For a table of changes the records that its changes leave, sorted by (`_source`,
    /// `_source_key`), see [`current_of`]; for a table of rows all of them, as [`Self::read`] gives them.
    ///
    /// # Errors
    /// Those of [`Self::read`].
    pub fn current(&self, release: u64, name: &TableName) -> Result<Option<RecordBatch>> {
        let Some((table, files)) = self.find(release, name)? else { return Ok(None) };
        let rows = read::rows(&self.data, &table.schema()?, &files)?;
        match table.kind {
            TableKind::Rows => Ok(Some(rows)),
            TableKind::Changes => current_of(&[rows]).map(Some),
        }
    }

    /// The key and content hash of every record that is there, of one source or (where keys of different sources
    /// cannot be the same) of all. Empty where the release has no such table.
    ///
    /// # Errors
    /// Those of [`Self::read`]; a bug where the table is none of changes.
    pub fn current_hashes(&self, release: u64, name: &TableName, source: Option<&str>) -> Result<CurrentHashes> {
        let Some((table, files)) = self.find(release, name)? else { return Ok(CurrentHashes::new()) };
        if table.kind != TableKind::Changes {
            return Err(Failure::bug(format!("table {name} holds rows, not changes of records")));
        }
        read::hashes(&read::rows(&self.data, &read::hash_schema(), &files)?, source)
    }

    fn find(&self, release: u64, name: &TableName) -> Result<Option<(TableState, Vec<state::FileState>)>> {
        self.reading(|c| {
            release::check(c, release)?;
            let Some(table) = state::tables(c, release)?.into_iter().find(|t| &t.name == name) else { return Ok(None) };
            let files = state::files(c, &table, release)?;
            Ok(Some((table, files)))
        })
    }

    fn table_files(&self, connection: &Connection, table: &TableState, release: u64) -> Result<TableFiles, LakeError> {
        let files = state::files(connection, table, release)?;
        Ok(TableFiles {
            name: table.name.clone(),
            kind: table.kind,
            schema: table.schema()?,
            files: files.iter().map(|file| self.data.join(&file.path)).collect(),
            rows: table.rows,
        })
    }

    /// Reads in one transaction, so that all statements see the catalogue at one moment.
    fn reading<T>(&self, read: impl FnOnce(&Connection) -> Result<T, LakeError>) -> Result<T> {
        let mut connection = self.connection.lock().unwrap_or_else(PoisonError::into_inner);
        let transaction = connection.transaction().map_err(LakeError::from)?;
        Ok(read(&transaction)?)
    }
}

impl Publisher for Lake {
    fn publish(&self, draft: Draft) -> Result<Published> {
        let Some(files) = &self.files else {
            return Err(Failure::bug("a lake that was opened for reading only was asked to publish"));
        };
        let mut connection = self.connection.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(commit::publish(&mut connection, &self.data, files.as_ref(), &draft)?)
    }
}
