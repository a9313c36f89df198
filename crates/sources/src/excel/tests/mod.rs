//! Workbooks of many shapes, made here and read as a source would be.

mod broken;
mod cells;
mod dates;
mod laws;
mod layouts;
mod preview;
mod totals;
mod unpivot;

use std::io::{Cursor, Read, Write};

use rust_xlsxwriter::{ExcelDateTime, Format, Workbook, Worksheet};
use serde_json::{Value, json};

use crate::testing::Bench;

/// A cell to write.
#[derive(Debug, Clone)]
pub(super) enum Put {
    Text(String),
    Number(f64),
    /// A day, as `yyyy-mm-dd`.
    Day(&'static str),
    Nothing,
}

impl From<&str> for Put {
    fn from(text: &str) -> Self {
        if text.is_empty() { Self::Nothing } else { Self::Text(text.into()) }
    }
}

impl From<String> for Put {
    fn from(text: String) -> Self {
        text.as_str().into()
    }
}

impl From<f64> for Put {
    fn from(number: f64) -> Self {
        Self::Number(number)
    }
}

impl From<i32> for Put {
    fn from(number: i32) -> Self {
        Self::Number(f64::from(number))
    }
}

/// A row of cells; an empty text writes nothing.
macro_rules! row {
    ($($cell:expr),* $(,)?) => { vec![$(crate::excel::tests::Put::from($cell)),*] };
}
pub(super) use row;

/// Writes rows from a row on, counted from 0.
pub(super) fn fill(sheet: &mut Worksheet, from: u32, rows: &[Vec<Put>]) {
    let day = Format::new().set_num_format("dd/mm/yyyy");
    for (at, cells) in rows.iter().enumerate() {
        let row = from + at as u32;
        for (place, cell) in cells.iter().enumerate() {
            let place = place as u16;
            match cell {
                Put::Text(text) => sheet.write_string(row, place, text).map(|_| ()).unwrap(),
                Put::Number(number) => sheet.write_number(row, place, *number).map(|_| ()).unwrap(),
                Put::Day(text) => {
                    let date = ExcelDateTime::parse_from_str(text).unwrap();
                    sheet.write_datetime_with_format(row, place, &date, &day).map(|_| ()).unwrap();
                }
                Put::Nothing => {}
            }
        }
    }
}

/// A sheet by its name and what writes it.
pub(super) type Made<'s> = (&'s str, &'s mut dyn FnMut(&mut Worksheet));

/// A workbook of sheets.
pub(super) fn book(sheets: &mut [Made<'_>]) -> Vec<u8> {
    let mut workbook = Workbook::new();
    for (name, write) in sheets {
        let sheet = workbook.add_worksheet();
        sheet.set_name(*name).unwrap();
        write(sheet);
    }
    workbook.save_to_buffer().unwrap()
}

/// A workbook of one sheet that holds these rows from its first on.
pub(super) fn one(rows: &[Vec<Put>]) -> Vec<u8> {
    book(&mut [("Leads", &mut |sheet| fill(sheet, 0, rows))])
}

/// A source of one workbook, with settings and columns.
#[allow(clippy::needless_pass_by_value)]
pub(super) fn source(bytes: &[u8], settings: Value, columns: &[&str]) -> Bench {
    let bench = Bench::excel("leads.xlsx", &settings, columns);
    bench.write("leads.xlsx", bytes);
    bench
}

/// The rows of a workbook with its header found.
pub(super) fn read(bytes: &[u8], columns: &[&str]) -> Vec<Vec<String>> {
    source(bytes, json!({}), columns).table().unwrap()
}

/// The workbook with one part of its XML changed, as other programs write it.
pub(super) fn patched(bytes: &[u8], part: &str, from: &str, to: &str) -> Vec<u8> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    let mut out = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for at in 0..archive.len() {
        let mut file = archive.by_index(at).unwrap();
        let name = file.name().unwrap().to_string();
        let mut content = Vec::new();
        file.read_to_end(&mut content).unwrap();
        if name == part {
            let text = String::from_utf8(content).unwrap();
            assert!(text.contains(from), "{name} does not hold {from}: {text}");
            content = text.replacen(from, to, 1).into_bytes();
        }
        out.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        out.write_all(&content).unwrap();
    }
    out.finish().unwrap().into_inner()
}

/// The same of the first sheet.
pub(super) fn patched_sheet(bytes: &[u8], from: &str, to: &str) -> Vec<u8> {
    patched(bytes, "xl/worksheets/sheet1.xml", from, to)
}
