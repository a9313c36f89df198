//! A CSV file.

use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};

use super::aside;
use crate::GenerateError;
use crate::files::{Format, Spec};
use crate::row::Row;

pub(super) struct CsvFile {
    path: PathBuf,
    writer: csv::Writer<BufWriter<File>>,
    windows: bool,
}

impl CsvFile {
    /// Opens the file and writes its header. Some exports begin with a byte order mark, some use semicolons.
    pub(super) fn create(out: &Path, spec: &Spec) -> Result<Self, GenerateError> {
        let Format::Csv { delimiter, mark, windows } = spec.format else {
            return Err(GenerateError::write(out, "this is no CSV file"));
        };
        let path = aside(out, spec.file);
        let file = File::create(&path).map_err(|error| GenerateError::write(&path, error))?;
        let mut file = BufWriter::with_capacity(1 << 17, file);
        if mark {
            file.write_all("\u{feff}".as_bytes()).map_err(|error| GenerateError::write(&path, error))?;
        }
        // Flexible, because some rows are ragged on purpose.
        let mut writer = csv::WriterBuilder::new().flexible(true).delimiter(delimiter).from_writer(file);
        writer.write_record(spec.header()).map_err(|error| GenerateError::write(&path, error))?;
        Ok(Self { path, writer, windows })
    }

    pub(super) fn write(&mut self, row: &Row) -> Result<(), GenerateError> {
        self.fields(row).map_err(|error| GenerateError::write(&self.path, error))
    }

    fn fields(&mut self, row: &Row) -> csv::Result<()> {
        for cell in &row.cells {
            let text = cell.text().unwrap_or_default();
            if self.windows && !text.is_ascii() {
                self.writer.write_field(encoding_rs::WINDOWS_1252.encode(&text).0)?;
            } else {
                self.writer.write_field(text.as_bytes())?;
            }
        }
        self.writer.write_record(None::<&[u8]>)
    }

    pub(super) fn finish(mut self) -> Result<(), GenerateError> {
        self.writer.flush().map_err(|error| GenerateError::write(&self.path, error))
    }
}
