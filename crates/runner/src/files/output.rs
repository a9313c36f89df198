//! Writing tables: Parquet, CSV or a workbook, by the file's extension.
//!
//! A file appears whole or not at all, and whether it can be written is asked before any work is done.

use std::io::{self, Cursor, Write};
use std::path::{Path, PathBuf};

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Date32Type, Float64Type};
use onefold_contract::file_system::{Disk, write_whole};
use onefold_contract::{Failure, Result};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, Workbook, Worksheet};

/// The rows that a worksheet has room for, its header included.
const SHEET_ROWS: usize = 1_048_576;
/// The longest text of a cell, in characters.
const LONGEST_CELL: usize = 32_767;
/// The widest a column of a workbook is made, in characters.
const WIDEST: usize = 40;

/// A kind of file that can be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OutputKind {
    Parquet,
    Csv,
    Excel,
}

/// A table to be written, with the name of its sheet.
pub(crate) struct Sheet<'a> {
    pub(crate) name: &'a str,
    pub(crate) rows: &'a RecordBatch,
}

/// What a file's extension asks for.
pub(crate) fn kind_of(file: &Path, option: &str) -> Result<OutputKind> {
    let extension = file.extension().map(|e| e.to_string_lossy().to_lowercase()).unwrap_or_default();
    match extension.as_str() {
        "parquet" => Ok(OutputKind::Parquet),
        "csv" => Ok(OutputKind::Csv),
        "xlsx" => Ok(OutputKind::Excel),
        _ => {
            Err(Failure::usage(format!("{} cannot be written ({option}): its ending tells no format", file.display()))
                .hint("end it in .parquet, .csv or .xlsx"))
        }
    }
}

/// Whether a file could be written, before the work that it is for.
///
/// # Errors
/// A usage failure: the ending tells no format, or the folder is not there.
pub(crate) fn check_writable(file: &Path, option: &str) -> Result<OutputKind> {
    let kind = kind_of(file, option)?;
    check_place(file, option)?;
    Ok(kind)
}

/// Whether there is a folder that a file can be put into.
///
/// # Errors
/// A usage failure: there is none, or the file is a folder itself.
pub(crate) fn check_place(file: &Path, option: &str) -> Result<()> {
    let place = absolute(file)?;
    if place.is_dir() {
        return Err(Failure::usage(format!("{} is a folder ({option})", file.display())).hint("name a file in it"));
    }
    match place.parent() {
        Some(folder) if !folder.is_dir() => Err(Failure::usage(format!(
            "{} cannot be written ({option}): there is no folder {}",
            file.display(),
            folder.display()
        ))
        .hint("make the folder first, or name another place")),
        _ => Ok(()),
    }
}

fn absolute(file: &Path) -> Result<PathBuf> {
    std::path::absolute(file).map_err(|error| unwritable(file, &error))
}

fn unwritable(file: &Path, error: &dyn std::error::Error) -> Failure {
    Failure::state(format!("{} cannot be written: {error}", file.display()))
        .hint("check that the disk has room and that the folder may be written")
}

/// Writes tables: all of them into one workbook, or the first into the file and each other one beside it, as
/// `NAME.SHEET.csv`. Returns the files written.
pub(crate) fn write(file: &Path, sheets: &[Sheet<'_>]) -> Result<Vec<PathBuf>> {
    let kind = kind_of(file, "")?;
    if kind == OutputKind::Excel {
        let bytes = workbook(file, sheets)?;
        put(file, |out| out.write_all(&bytes))?;
        return Ok(vec![file.to_path_buf()]);
    }
    let mut written = Vec::with_capacity(sheets.len());
    for (place, sheet) in sheets.iter().enumerate() {
        let (path, kind) = if place == 0 {
            (file.to_path_buf(), kind)
        } else {
            (file.with_extension(format!("{}.csv", sheet.name)), OutputKind::Csv)
        };
        let bytes = if kind == OutputKind::Parquet { parquet(sheet.rows)? } else { csv(sheet.rows)? };
        put(&path, |out| out.write_all(&bytes))?;
        written.push(path);
    }
    Ok(written)
}

/// Writes text to a file, whole or not at all.
pub(crate) fn write_text(file: &Path, text: &str) -> Result<()> {
    put(file, |out| out.write_all(text.as_bytes()))
}

fn put(file: &Path, mut writes: impl FnMut(&mut dyn Write) -> io::Result<()>) -> Result<()> {
    write_whole(&Disk, &absolute(file)?, &mut writes).map_err(|error| unwritable(file, &error))
}

fn parquet(rows: &RecordBatch) -> Result<Vec<u8>> {
    let failed =
        |error: parquet::errors::ParquetError| Failure::bug(format!("a table cannot be written as Parquet: {error}"));
    let level = ZstdLevel::try_new(3).map_err(failed)?;
    let properties = WriterProperties::builder().set_compression(Compression::ZSTD(level)).build();
    let mut bytes = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut bytes, rows.schema(), Some(properties)).map_err(failed)?;
    writer.write(rows).map_err(failed)?;
    writer.close().map_err(failed)?;
    Ok(bytes)
}

fn csv(rows: &RecordBatch) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    arrow::csv::WriterBuilder::new().with_header(true).build(&mut bytes).write(rows)?;
    Ok(bytes)
}

fn workbook(file: &Path, sheets: &[Sheet<'_>]) -> Result<Vec<u8>> {
    let failed = |error: rust_xlsxwriter::XlsxError| Failure::bug(format!("a workbook cannot be written: {error}"));
    let mut workbook = Workbook::new();
    // The same content gives the same bytes: no moment of creation is told.
    if let Ok(moment) = ExcelDateTime::from_ymd(2000, 1, 1) {
        workbook.set_properties(&DocProperties::new().set_creation_datetime(&moment));
    }
    for sheet in sheets {
        if sheet.rows.num_rows() >= SHEET_ROWS {
            return Err(Failure::usage(format!(
                "{} rows do not fit on a worksheet of {}, which has room for {}",
                sheet.rows.num_rows(),
                file.display(),
                SHEET_ROWS - 1
            ))
            .hint("write .parquet or .csv instead"));
        }
        let worksheet = workbook.add_worksheet();
        worksheet.set_name(sheet.name).map_err(failed)?;
        fill(worksheet, sheet.rows).map_err(failed)?;
    }
    let mut bytes = Cursor::new(Vec::new());
    workbook.save_to_writer(&mut bytes).map_err(failed)?;
    Ok(bytes.into_inner())
}

fn fill(sheet: &mut Worksheet, rows: &RecordBatch) -> Result<(), rust_xlsxwriter::XlsxError> {
    let bold = Format::new().set_bold();
    let day = Format::new().set_num_format("yyyy-mm-dd");
    let schema = rows.schema();
    for (place, field) in schema.fields().iter().enumerate() {
        let column = place as u16;
        sheet.write_with_format(0, column, field.name(), &bold)?;
        let values = rows.column(place);
        let mut widest = field.name().chars().count();
        for row in 0..values.len() {
            if values.is_null(row) {
                continue;
            }
            let at = row as u32 + 1;
            widest = widest.max(cell(sheet, at, column, values, row, &day)?);
        }
        sheet.set_column_width(column, widest.clamp(4, WIDEST) as f64 + 1.0)?;
    }
    sheet.set_freeze_panes(1, 0)?;
    let (last_row, last_column) = (rows.num_rows() as u32, schema.fields().len().saturating_sub(1) as u16);
    sheet.autofilter(0, 0, last_row, last_column)?;
    Ok(())
}

/// Writes one value; gives its length in characters.
fn cell(
    sheet: &mut Worksheet,
    row: u32,
    column: u16,
    values: &ArrayRef,
    place: usize,
    day: &Format,
) -> Result<usize, rust_xlsxwriter::XlsxError> {
    match values.data_type() {
        DataType::Date32 => {
            let date = values.as_primitive::<Date32Type>().value_as_date(place);
            let text = date.map(|date| date.to_string()).unwrap_or_default();
            match ExcelDateTime::parse_from_str(&text) {
                Ok(moment) => sheet.write_with_format(row, column, &moment, day)?,
                // Excel's calendar begins in 1900.
                Err(_) => sheet.write_string(row, column, &text)?,
            };
            Ok(text.len())
        }
        DataType::Int64 | DataType::UInt64 | DataType::Float64 | DataType::UInt32 => {
            let number = cast(&values.slice(place, 1), &DataType::Float64)
                .map_or(0.0, |one| one.as_primitive::<Float64Type>().value(0));
            sheet.write_number(row, column, number)?;
            Ok(8)
        }
        _ => {
            let text = cast(&values.slice(place, 1), &DataType::Utf8)
                .map_or_else(|_| String::new(), |one| one.as_string::<i32>().value(0).to_owned());
            // A cell holds no more; what is cut off still stands in the source.
            let text: String = text.chars().take(LONGEST_CELL).collect();
            sheet.write_string(row, column, &text)?;
            Ok(text.chars().count())
        }
    }
}
