//! Extractor of worksheets.
//!
//! A partition is a workbook, landed as the bytes it is; its wanted sheets are read one behind the other, and every block says
//! which sheet it is of. A partition a sheet would land the same bytes once for each. People keep worksheets for people: what
//! is found of their layout (header, totals, merged cells) is told, and where two readings are possible none is chosen.

mod block;
mod cell;
mod count;
mod header;
mod judge;
mod layout;
mod merged;
mod preview;
mod read;
mod rows;
mod serial;
mod sheet_rows;
mod signs;
mod want;
mod words;
mod workbook;

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::Path;

use onefold_contract::extractor::{
    EndTrailer, ExtractionPlan, Extractor, ExtractorState, Landed, Partition, RowStream, SnapshotToken,
};
use onefold_contract::{Failure, Result};

use self::layout::layouts;
pub use self::preview::{
    ColumnPreview, GroupColumn, SheetGroup, SheetPreview, TotalPreview, UnpivotGuess, WorkbookPreview, preview_workbook,
};
pub(crate) use self::rows::ExcelRows;
use self::want::Want;
pub(crate) use self::want::one_pattern;
use self::workbook::{Workbook, guarded};
use crate::spec::{ExcelSpec, SourceSpec};
use crate::{location, snapshot};

/// Reads the workbooks of a source.
pub(crate) struct ExcelExtractor {
    location: String,
    want: Want,
}

impl ExcelExtractor {
    /// Binds a source; no workbook is opened.
    pub(crate) fn new(spec: &SourceSpec) -> Self {
        Self { location: spec.location.clone(), want: Want::of(spec) }
    }

    fn open(&self, location: &str) -> Result<File> {
        File::open(location).map_err(|e| self.unreadable(location, &e))
    }

    fn unreadable(&self, location: &str, error: &io::Error) -> Failure {
        Failure::source(format!("{location} of source {} could not be read: {error}", self.want.source))
    }

    /// The rows of a workbook.
    fn count(&self, location: &str) -> Result<u64> {
        let file = self.open(location)?;
        guarded(location, || {
            let mut workbook = Workbook::open(location, Box::new(file))?;
            let layouts = layouts(&mut workbook, &self.want)?;
            layouts.iter().map(|layout| count::count(&mut workbook, &self.want, layout)).sum()
        })
    }

    /// Copies and hashes in one pass; gives the checksum.
    fn copy(&self, location: &str, raw: &mut dyn Write) -> Result<String> {
        let mut file = self.open(location)?;
        let (mut hasher, mut block) = (blake3::Hasher::new(), vec![0; 1 << 18]);
        loop {
            let length = match file.read(&mut block) {
                Ok(0) => return Ok(hasher.finalize().to_hex().to_string()),
                Ok(length) => length,
                Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
                Err(e) => return Err(self.unreadable(location, &e)),
            };
            hasher.update(&block[..length]);
            raw.write_all(&block[..length]).map_err(|e| {
                Failure::state(format!("the raw copy of {location} could not be written: {e}"))
                    .hint("check that the state root has room and may be written")
            })?;
        }
    }
}

impl Extractor for ExcelExtractor {
    fn plan(&self, _state: &ExtractorState) -> Result<ExtractionPlan> {
        let partitions = location::files(&self.want.source, &self.location)?;
        let mut checksums = Vec::with_capacity(partitions.len());
        for partition in &partitions {
            let location = partition.location.as_str();
            let mut file = self.open(location)?;
            let checksum = snapshot::checksum(&mut file).map_err(|e| self.unreadable(location, &e))?;
            guarded(location, || layouts(&mut Workbook::open(location, Box::new(file))?, &self.want).map(|_| ()))?;
            checksums.push((partition, checksum));
        }
        let snapshot = snapshot::token(checksums.iter().map(|(partition, checksum)| (*partition, checksum.as_str())));
        Ok(ExtractionPlan { snapshot, partitions })
    }

    fn land(&self, partition: &Partition, snapshot: &SnapshotToken, raw: &mut dyn Write) -> Result<EndTrailer> {
        let location = partition.location.as_str();
        let metadata = || fs::metadata(location).map_err(|e| self.unreadable(location, &e));
        let before = metadata()?;
        let checksum = self.copy(location, raw)?;
        let rows = self.count(location)?;
        let after = metadata()?;
        let same = before.len() == after.len() && before.modified().ok() == after.modified().ok();
        if !same || !snapshot::pins(snapshot, partition, &checksum) {
            return Err(Failure::source(format!(
                "{location} of source {} changed while it was being landed",
                self.want.source
            ))
            .hint("run again when nobody works in it"));
        }
        if rows == 0 {
            return Err(Failure::source(format!("{location} of source {} has a header and no rows", self.want.source))
                .hint("was the export complete? a full load without rows would delete every record of the source"));
        }
        Ok(EndTrailer { rows, checksum })
    }

    fn read(&self, partition: &Partition, raw: Box<dyn Landed>) -> Result<Box<dyn RowStream>> {
        Ok(Box::new(ExcelRows::new(&self.want, partition, raw)?))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests;

/// The sheet that a workbook's rows were found on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundSheet {
    /// Its name.
    pub name: String,
    /// How many rows its header has.
    pub header_rows: u32,
}

/// A workbook of which one sheet is read as it is.
pub(crate) struct FreeSheet {
    /// The sheet.
    pub(crate) sheet: FoundSheet,
    /// The names of the columns, in order.
    pub(crate) columns: Vec<String>,
    /// What was found, one sentence each.
    pub(crate) found: Vec<String>,
    /// The rows.
    pub(crate) rows: ExcelRows,
}

/// Opens one sheet of a workbook with all its columns: the one that `settings` name, else the first visible one with cells.
///
/// # Errors
/// A source failure, where the file is no workbook or has no such sheet.
pub(crate) fn open_sheet(path: &Path, mut settings: ExcelSpec) -> Result<FreeSheet> {
    let location = path.display().to_string();
    let open = || File::open(path).map_err(|e| Failure::source(format!("{location} could not be read: {e}")));
    let name = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    let want = Want::everything(&name, settings.clone());
    let layout = guarded(&location, || {
        let mut layouts = layouts(&mut Workbook::open(&location, Box::new(open()?))?, &want)?;
        layouts.truncate(1);
        layouts.pop().ok_or_else(|| Failure::source(format!("{location} has no sheet with cells")))
    })?;
    // The stream reads the sheet that was found, so that both agree.
    settings.sheets = vec![layout.sheet.clone()];
    settings.header_row = Some(layout.header.first + 1);
    settings.header_rows = Some(layout.header.rows);
    let partition = Partition { name, location: location.clone() };
    let rows = ExcelRows::new(&Want::everything(&partition.name, settings), &partition, Box::new(open()?))?;
    let (first, last) = (layout.header.first + 1, layout.header.end());
    let header =
        if first == last { format!("header in row {first}") } else { format!("header in rows {first} to {last}") };
    let found = vec![format!("{location}: {}, {header}", layout.part())];
    let sheet = FoundSheet { name: layout.sheet.clone(), header_rows: layout.header.rows };
    Ok(FreeSheet { columns: layout.columns.iter().map(|column| column.name.clone()).collect(), sheet, found, rows })
}
