//! Extractor of a table or view of a SQLite database.
//!
//! Landing copies the rows of one read transaction into one Arrow IPC file, each value with the type it has in its row:
//! SQLite types values, not columns, and a copy that made a column of one type would change what was delivered. Copying the
//! database file instead would copy pages that are not the table's, and miss what still stands in its write-ahead log. The
//! transaction opened by the plan is the one that is landed, so that a busy database cannot change between the two.

mod database;
mod rows;
mod values;

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::sync::{Mutex, PoisonError};

use onefold_contract::extractor::{
    EndTrailer, ExtractionPlan, Extractor, ExtractorState, Landed, Partition, RowStream, SnapshotToken,
};
use onefold_contract::{Failure, Result};

use self::database::Database;
use self::rows::SqliteRows;
use crate::needed::{Needed, as_written, name_as_declared, needed_columns};
use crate::spec::SourceSpec;
use crate::{location, snapshot};

/// Reads a table of one database, or of several that are alike.
pub(crate) struct SqliteExtractor {
    source: String,
    location: String,
    table: String,
    needed: Vec<Needed>,
    /// Databases whose read transaction the plan opened, by their path; landing takes them out.
    planned: Mutex<BTreeMap<String, Database>>,
}

impl SqliteExtractor {
    /// Binds a source; no database is opened.
    ///
    /// # Errors
    /// A usage failure, where no table is named.
    pub(crate) fn new(spec: &SourceSpec) -> Result<Self> {
        let Some(table) = spec.sqlite.table.clone().filter(|t| !t.trim().is_empty()) else {
            return Err(Failure::usage(format!("source {} does not say which table to read", spec.name))
                .hint("set table in [sqlite]"));
        };
        Ok(Self {
            source: spec.name.clone(),
            location: spec.location.clone(),
            table,
            needed: spec.needed(),
            planned: Mutex::new(BTreeMap::new()),
        })
    }

    fn open(&self, partition: &Partition) -> Result<Database> {
        let suffix = format!(", table {}", self.table);
        let path = partition.location.strip_suffix(&suffix).unwrap_or(&partition.location);
        Database::open(&self.source, path, &self.table)
    }

    /// The partitions with the paths of their databases.
    fn partitions(&self) -> Result<Vec<(Partition, String)>> {
        let found = location::files(&self.source, &self.location)?;
        let alone = found.len() == 1;
        let named = |file: Partition| {
            let name = if alone { self.table.clone() } else { format!("{}/{}", file.name, self.table) };
            (Partition { name, location: format!("{}, table {}", file.location, self.table) }, file.location)
        };
        Ok(found.into_iter().map(named).collect())
    }
}

impl Extractor for SqliteExtractor {
    fn plan(&self, _state: &ExtractorState) -> Result<ExtractionPlan> {
        let (mut checksums, mut opened) = (Vec::new(), BTreeMap::new());
        for (partition, path) in self.partitions()? {
            let database = Database::open(&self.source, &path, &self.table)?;
            let mut columns = database.columns().to_vec();
            name_as_declared(&self.needed, &partition.location, &mut columns, as_written)?;
            needed_columns(&self.source, &self.needed, &partition.location, &columns)?;
            let trailer = values::write(&database, &mut io::sink())?;
            opened.insert(partition.location.clone(), database);
            checksums.push((partition, trailer.checksum));
        }
        *self.planned.lock().unwrap_or_else(PoisonError::into_inner) = opened;
        let snapshot = snapshot::token(checksums.iter().map(|(partition, checksum)| (partition, checksum.as_str())));
        Ok(ExtractionPlan { snapshot, partitions: checksums.into_iter().map(|(partition, _)| partition).collect() })
    }

    fn land(&self, partition: &Partition, snapshot: &SnapshotToken, raw: &mut dyn Write) -> Result<EndTrailer> {
        let planned = self.planned.lock().unwrap_or_else(PoisonError::into_inner).remove(&partition.location);
        let database = match planned {
            Some(database) => database,
            None => self.open(partition)?,
        };
        let trailer = values::write(&database, raw)?;
        database.unchanged()?;
        if !snapshot::pins(snapshot, partition, &trailer.checksum) {
            return Err(database.changed());
        }
        Ok(trailer)
    }

    fn read(&self, partition: &Partition, raw: Box<dyn Landed>) -> Result<Box<dyn RowStream>> {
        Ok(Box::new(SqliteRows::new(partition, &self.needed, raw)?))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests;
