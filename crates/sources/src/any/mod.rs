//! Any file as columns of text, without a pipeline.
//!
//! What a person tries first is a file that lies there. Its format is found from its content; everything in it is wanted, so
//! no column is declared and no value typed. It is read in place: nothing is published from it, so nothing has to prove what
//! was delivered, and a copy of a large file would be the slowest part of a look at it.

mod parquet;

use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use onefold_contract::extractor::{Partition, RawRows, RowStream};
use onefold_contract::{Failure, Result};

use crate::FoundSheet;
use crate::csv::open_text;
use crate::excel::open_sheet;
use crate::file_kind::{FileKind, file_kind};
use crate::location;
use crate::spec::{CsvSpec, ExcelSpec};

/// How a file is opened; what is `None` is found from the file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OpenOptions {
    /// The sheet of a workbook; else the first visible one with cells.
    pub sheet: Option<String>,
    /// The header's row on a sheet, counted from 1.
    pub header_row: Option<u32>,
    /// The delimiter of delimited text.
    pub delimiter: Option<String>,
    /// The encoding of delimited text, by its WHATWG label.
    pub encoding: Option<String>,
    /// The region that a legacy encoding is likely of (ISO 3166-1 alpha-2).
    pub region: Option<String>,
}

/// What a file turned out to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileFormat {
    /// Delimited text.
    Csv,
    /// A workbook.
    Excel,
    /// Parquet.
    Parquet,
}

impl FileFormat {
    /// The name of the format in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Excel => "excel",
            Self::Parquet => "parquet",
        }
    }
}

/// A file as a stream of blocks of rows, at most some thousand each, all columns text.
///
/// The positions of rows are lines of delimited text, rows of a sheet, or ordinals in Parquet, counted from 1.
pub struct AnyFile {
    format: FileFormat,
    columns: Vec<String>,
    sheet: Option<FoundSheet>,
    settings: Vec<String>,
    rows: Box<dyn RowStream>,
}

impl AnyFile {
    /// What the file is.
    pub fn format(&self) -> FileFormat {
        self.format
    }

    /// The names of its columns, in order.
    pub fn columns(&self) -> &[String] {
        &self.columns
    }

    /// The schema of every block: every column text.
    pub fn schema(&self) -> SchemaRef {
        let fields: Vec<Field> = self.columns.iter().map(|name| Field::new(name, DataType::Utf8, true)).collect();
        Arc::new(Schema::new(fields))
    }

    /// What was found about how the file is written, one sentence each.
    pub fn settings(&self) -> &[String] {
        &self.settings
    }

    /// The sheet that the rows are on, for a workbook.
    pub fn sheet(&self) -> Option<&FoundSheet> {
        self.sheet.as_ref()
    }

    /// What was noticed on the way, one sentence each; whole once the rows have ended.
    pub fn notes(&self) -> Vec<String> {
        self.rows.notes().into_iter().filter(|note| !self.settings.contains(note)).collect()
    }
}

impl Iterator for AnyFile {
    type Item = Result<RawRows>;

    fn next(&mut self) -> Option<Self::Item> {
        self.rows.next()
    }
}

impl std::fmt::Debug for AnyFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AnyFile").field("format", &self.format).field("columns", &self.columns).finish_non_exhaustive()
    }
}

/// Opens a file of delimited text, a workbook, or Parquet, whatever it is called.
///
/// # Errors
/// A source failure, where there is no such file, or it is of another format, empty, or damaged; a usage failure, where an
/// option is none.
pub fn open_any(path: &Path, options: &OpenOptions) -> Result<AnyFile> {
    let partition = one_file(path)?;
    let location = &partition.location;
    let unreadable = |e: std::io::Error| Failure::source(format!("{location} could not be read: {e}"));
    let mut file = File::open(path).map_err(unreadable)?;
    let kind = file_kind(&mut file).map_err(unreadable)?;
    match kind {
        FileKind::Text => {
            let settings = CsvSpec { delimiter: options.delimiter.clone(), encoding: options.encoding.clone() };
            let opened = open_text(&partition, file, &settings, options.region.as_deref())?;
            let (columns, settings) = (opened.columns(), opened.notes());
            Ok(AnyFile { format: FileFormat::Csv, columns, sheet: None, settings, rows: Box::new(opened) })
        }
        // An encrypted workbook fails with the remedy.
        FileKind::Workbook(_) | FileKind::Encrypted => {
            let settings = ExcelSpec {
                sheets: options.sheet.iter().cloned().collect(),
                header_row: options.header_row,
                ..ExcelSpec::default()
            };
            let sheet = open_sheet(path, settings)?;
            let (columns, settings, found) = (sheet.columns, sheet.found, Some(sheet.sheet));
            Ok(AnyFile { format: FileFormat::Excel, columns, sheet: found, settings, rows: Box::new(sheet.rows) })
        }
        FileKind::Parquet => {
            let rows = parquet::open(location, file)?;
            Ok(AnyFile {
                format: FileFormat::Parquet,
                columns: rows.columns(),
                sheet: None,
                settings: Vec::new(),
                rows: Box::new(rows),
            })
        }
        FileKind::Empty => Err(Failure::source(format!("{location} is empty"))
            .hint("a file of records has a header and at least one row; was it copied whole?")),
        FileKind::Other(words) => Err(Failure::source(format!("{location} is {words}"))
            .hint("what can be read is delimited text, an Excel or OpenDocument workbook, or Parquet")),
    }
}

fn one_file(path: &Path) -> Result<Partition> {
    let text = path.to_str().ok_or_else(|| {
        Failure::source(format!("the name of file {} is not Unicode", path.display()))
            .hint("give the file another name")
    })?;
    if path.is_dir() {
        return Err(Failure::source(format!("{text} is a folder")).hint("name a file in it"));
    }
    if !path.is_file() {
        return Err(location::missing("", path));
    }
    let name = path.file_name().map_or_else(|| text.to_string(), |name| name.to_string_lossy().into_owned());
    Ok(Partition { name, location: text.to_string() })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests;
