//! Files that are being written. Each has another name until all of them are complete.

mod csv_file;
mod database;
mod worksheet;

use std::path::{Path, PathBuf};

use crate::GenerateError;
use crate::files::{Format, SPECS};
use crate::row::Row;
use csv_file::CsvFile;
use database::Database;
use worksheet::Leads;
pub(crate) use worksheet::write_profitability;

/// A file that has another name until all files are complete.
pub(crate) fn aside(out: &Path, name: &str) -> PathBuf {
    out.join(format!("{name}.partial"))
}

/// The files that rows are written into as they come.
pub(crate) struct Sinks {
    /// In the order of the tables; `None` for those that are no CSV files.
    csv: Vec<Option<CsvFile>>,
    database: Database,
    leads: Leads,
}

impl Sinks {
    /// Opens all of them in a folder; the workbook says as of when it is.
    pub(crate) fn create(out: &Path, as_of: chrono::NaiveDate) -> Result<Self, GenerateError> {
        let mut csv = Vec::new();
        for spec in &SPECS {
            csv.push(match spec.format {
                Format::Csv { .. } => Some(CsvFile::create(out, spec)?),
                _ => None,
            });
        }
        Ok(Self { csv, database: Database::create(out)?, leads: Leads::create(out, as_of)? })
    }

    /// Writes a row.
    pub(crate) fn write(&mut self, row: &Row) -> Result<(), GenerateError> {
        match &mut self.csv[row.table as usize] {
            Some(file) => file.write(row),
            None if row.table.spec().format == Format::Sqlite => self.database.write(row),
            None => self.leads.write(row),
        }
    }

    /// Completes all of them.
    pub(crate) fn finish(self) -> Result<(), GenerateError> {
        for file in self.csv.into_iter().flatten() {
            file.finish()?;
        }
        self.database.finish()?;
        self.leads.finish()
    }
}
