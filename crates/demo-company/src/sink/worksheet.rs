//! The two workbooks: the sales teams' leads and finance's worksheet.
//!
//! Leads are written sheet by sheet into files aside, as they come, so that memory does not grow with their number; the
//! worksheet of finance has as many rows as there are products and is made at the end.

use std::path::{Path, PathBuf};

use chrono::{Datelike, NaiveDate};
use rust_xlsxwriter::{
    DocProperties, ExcelDateTime, Format, FormatAlign, FormatBorder, Formula, Workbook, Worksheet, XlsxError,
};

use super::aside;
use crate::GenerateError;
use crate::files::Table;
use crate::finance::{MEASURES, Month};
use crate::row::{Cell, Row};

const SHEETS: [Table; 3] = [Table::LeadAmericas, Table::LeadEurope, Table::LeadIndia];
/// Where the header of a sheet of leads stands, counted from 0, and where the expected value.
const HEADER: u32 = 4;
const VALUE: u16 = 13;

/// The workbook of leads.
pub(super) struct Leads {
    path: PathBuf,
    workbook: Workbook,
    looks: Looks,
    /// The next row of each sheet, and what its rows add up to, in cents.
    sheets: [(u32, i64); 3],
}

/// How cells look; a reader knows dates and money by it.
struct Looks {
    title: Format,
    head: Format,
    money: Format,
    whole: Format,
    /// By sheet.
    dates: [Format; 3],
}

impl Looks {
    fn new() -> Self {
        let head = Format::new().set_bold().set_border_bottom(FormatBorder::Thin).set_align(FormatAlign::Center);
        Self {
            title: Format::new().set_bold().set_font_size(14),
            head,
            money: Format::new().set_num_format("$#,##0.00"),
            whole: Format::new().set_num_format("0"),
            dates: ["mm/dd/yyyy", "dd/mm/yyyy", "dd-mmm-yyyy"].map(|style| Format::new().set_num_format(style)),
        }
    }
}

/// A workbook that says it was made on a day, so that its bytes do not tell when it really was.
fn workbook(day: NaiveDate) -> Result<Workbook, XlsxError> {
    let made = ExcelDateTime::from_ymd(day.year() as u16, day.month() as u8, day.day() as u8)?;
    let mut workbook = Workbook::new();
    workbook.set_properties(&DocProperties::new().set_author("Harbour & Pine").set_creation_datetime(&made));
    Ok(workbook)
}

impl Leads {
    pub(super) fn create(out: &Path, as_of: NaiveDate) -> Result<Self, GenerateError> {
        let path = aside(out, Table::LeadAmericas.spec().file);
        let looks = Looks::new();
        let open = || -> Result<Workbook, XlsxError> {
            let mut workbook = workbook(as_of)?;
            workbook.set_tempdir(out)?;
            for table in SHEETS {
                let sheet = workbook.add_worksheet_with_constant_memory()?;
                head_of_leads(sheet, table, &looks, as_of)?;
            }
            Ok(workbook)
        };
        let workbook = open().map_err(|error| GenerateError::write(&path, error))?;
        Ok(Self { path, workbook, looks, sheets: [(HEADER + 1, 0); 3] })
    }

    pub(super) fn write(&mut self, row: &Row) -> Result<(), GenerateError> {
        let place = SHEETS.iter().position(|table| *table == row.table).unwrap_or(0);
        let (at, sum) = &mut self.sheets[place];
        let sheet = self.workbook.worksheet_from_index(place);
        let written = sheet.and_then(|sheet| lead(sheet, *at, row, &self.looks, place));
        written.map_err(|error| GenerateError::write(&self.path, error))?;
        *at += 1;
        *sum += row.totals.first().copied().unwrap_or(0);
        Ok(())
    }

    pub(super) fn finish(mut self) -> Result<(), GenerateError> {
        let mut close = || -> Result<(), XlsxError> {
            for (place, (at, sum)) in self.sheets.iter().enumerate() {
                let sheet = self.workbook.worksheet_from_index(place)?;
                sheet.write_with_format(*at, 0, "Total", &self.looks.head)?;
                sheet.write_number(*at, 1, f64::from(at - HEADER - 1))?;
                sheet.write_number_with_format(*at, VALUE, *sum as f64 / 100.0, &self.looks.money)?;
            }
            self.workbook.save(&self.path)
        };
        close().map_err(|error| GenerateError::write(&self.path, error))
    }
}

fn head_of_leads(sheet: &mut Worksheet, table: Table, looks: &Looks, as_of: NaiveDate) -> Result<(), XlsxError> {
    let spec = table.spec();
    sheet.set_name(spec.part)?;
    let last = spec.columns.len() as u16 - 1;
    let title = format!("Harbour & Pine: leads, {}", spec.part);
    sheet.merge_range(0, 0, 0, last, &title, &looks.title)?;
    sheet.write(1, 0, format!("as of {as_of}; please do not sort"))?;
    for (first, last, group) in [(1, 5, "Who"), (6, 10, "Where"), (11, 13, "Deal"), (14, 19, "Steps")] {
        sheet.merge_range(3, first, 3, last, group, &looks.head)?;
    }
    for (place, name) in spec.header().iter().enumerate() {
        sheet.write_with_format(HEADER, place as u16, *name, &looks.head)?;
    }
    Ok(())
}

fn lead(sheet: &mut Worksheet, at: u32, row: &Row, looks: &Looks, place: usize) -> Result<(), XlsxError> {
    for (column, cell) in row.cells.iter().enumerate() {
        let column = column as u16;
        match cell {
            Cell::Empty => continue,
            Cell::Text(text) => sheet.write_string(at, column, text)?,
            Cell::Number(number) => sheet.write_number_with_format(at, column, *number as f64, &looks.whole)?,
            Cell::Cents(cents) => sheet.write_number_with_format(at, column, *cents as f64 / 100.0, &looks.money)?,
            Cell::Day(day) => sheet.write_number_with_format(at, column, serial(*day), &looks.dates[place])?,
        };
    }
    Ok(())
}

/// A day as worksheets count days.
fn serial(day: NaiveDate) -> f64 {
    let first = NaiveDate::from_ymd_opt(1899, 12, 30).unwrap_or_default();
    (day - first).num_days() as f64
}

/// Writes finance's worksheet: the rows, four a product, and below them their totals.
pub(crate) fn write_profitability(out: &Path, rows: &[Row], as_of: NaiveDate) -> Result<(), GenerateError> {
    let path = aside(out, Table::Profitability.spec().file);
    let write = || -> Result<(), XlsxError> {
        let mut workbook = workbook(as_of)?;
        let sheet = workbook.add_worksheet();
        let months = Month::until(as_of);
        let looks = Looks::new();
        head_of_profitability(sheet, &months, &looks, as_of)?;
        let first = HEADER + 1;
        for (place, row) in rows.iter().enumerate() {
            figures(sheet, first + place as u32, row, &looks)?;
        }
        for (place, product) in rows.chunks_exact(MEASURES.len()).enumerate() {
            let top = first + (place * MEASURES.len()) as u32;
            for (column, cell) in product[0].cells[..3].iter().enumerate() {
                let text = cell.text().unwrap_or_default();
                sheet.merge_range(top, column as u16, top + 3, column as u16, &text, &Format::new())?;
            }
        }
        totals(sheet, first, rows, months.len(), &looks)?;
        workbook.save(&path)
    };
    write().map_err(|error| GenerateError::write(&path, error))
}

/// The columns before the months.
const LABELS: [&str; 4] = ["Product Code", "Product", "Category", "Measure"];

fn head_of_profitability(
    sheet: &mut Worksheet,
    months: &[Month],
    looks: &Looks,
    as_of: NaiveDate,
) -> Result<(), XlsxError> {
    let labels = LABELS.len() as u16;
    sheet.set_name(Table::Profitability.spec().part)?;
    sheet.merge_range(0, 0, 0, 5, "Harbour & Pine: Profitability Analysis", &looks.title)?;
    sheet.write(1, 0, format!("US dollars, months until {as_of}"))?;
    for year in months.chunk_by(|a, b| a.year() == b.year()) {
        let first = labels + months.iter().position(|month| *month == year[0]).unwrap_or(0) as u16;
        let (last, name) = (first + year.len() as u16 - 1, year[0].year().to_string());
        if year.len() > 1 {
            sheet.merge_range(3, first, 3, last, &name, &looks.head)?;
        } else {
            sheet.write_with_format(3, first, &name, &looks.head)?;
        }
    }
    let titles = months.iter().map(|month| month.title());
    let header = LABELS.iter().map(|name| (*name).to_string()).chain(titles).chain(["Total".to_string()]);
    for (place, name) in header.enumerate() {
        sheet.write_with_format(HEADER, place as u16, name, &looks.head)?;
    }
    Ok(())
}

/// The figures of one row, and their sum. What they stand for is written with the merged cells.
fn figures(sheet: &mut Worksheet, at: u32, row: &Row, looks: &Looks) -> Result<(), XlsxError> {
    let labels = LABELS.len();
    sheet.write(at, 3, row.cells[3].text().unwrap_or_default().as_ref())?;
    for (place, cell) in row.cells.iter().enumerate().skip(labels) {
        match cell {
            Cell::Number(number) => sheet.write_number_with_format(at, place as u16, *number as f64, &looks.whole)?,
            Cell::Cents(cents) => {
                sheet.write_number_with_format(at, place as u16, *cents as f64 / 100.0, &looks.money)?
            }
            _ => continue,
        };
    }
    let last = row.cells.len() as u16 - 1;
    let range = [(at, labels as u16), (at, last)];
    sum(sheet, (at, last + 1), range, row.cells.iter().skip(labels), looks)
}

/// A sum as a formula with its value.
fn sum<'a>(
    sheet: &mut Worksheet,
    (at, column): (u32, u16),
    [from, to]: [(u32, u16); 2],
    cells: impl Iterator<Item = &'a Cell>,
    looks: &Looks,
) -> Result<(), XlsxError> {
    let (mut total, mut look) = (0, &looks.money);
    for cell in cells {
        match cell {
            Cell::Number(number) => (total, look) = (total + number * 100, &looks.whole),
            Cell::Cents(cents) => total += cents,
            _ => {}
        }
    }
    let name = rust_xlsxwriter::utility::row_col_to_cell;
    let formula = format!("=SUM({}:{})", name(from.0, from.1), name(to.0, to.1));
    let value = if total % 100 == 0 { (total / 100).to_string() } else { crate::row::money(total) };
    sheet.write_formula_with_format(at, column, Formula::new(formula).set_result(value), look)?;
    Ok(())
}

/// The last four rows: every measure over all products.
fn totals(sheet: &mut Worksheet, first: u32, rows: &[Row], months: usize, looks: &Looks) -> Result<(), XlsxError> {
    let top = first + rows.len() as u32;
    sheet.merge_range(top, 0, top + 3, 2, "Total", &looks.head)?;
    for (place, measure) in MEASURES.iter().enumerate() {
        let at = top + place as u32;
        sheet.write(at, 3, *measure)?;
        let of_measure = || rows.iter().skip(place).step_by(MEASURES.len());
        for month in 0..months {
            let column = LABELS.len() + month;
            let formula = format!("=SUMIF($D${}:$D${top},$D{},{}", first + 1, at + 1, range(column, first, top));
            total_cell(sheet, (at, column), &formula, of_measure().map(|row| &row.cells[column]), looks)?;
        }
        let column = LABELS.len() + months;
        let formula = format!("=SUMIF($D${}:$D${top},$D{},{}", first + 1, at + 1, range(column, first, top));
        let all = of_measure().flat_map(|row| row.cells.iter().skip(LABELS.len()));
        total_cell(sheet, (at, column), &formula, all, looks)?;
    }
    Ok(())
}

fn range(column: usize, first: u32, top: u32) -> String {
    let name = |row| rust_xlsxwriter::utility::row_col_to_cell(row, column as u16);
    format!("{}:{})", name(first), name(top - 1))
}

fn total_cell<'a>(
    sheet: &mut Worksheet,
    (at, column): (u32, usize),
    formula: &str,
    cells: impl Iterator<Item = &'a Cell>,
    looks: &Looks,
) -> Result<(), XlsxError> {
    let (mut total, mut look) = (0, &looks.money);
    for cell in cells {
        match cell {
            Cell::Number(number) => (total, look) = (total + number * 100, &looks.whole),
            Cell::Cents(cents) => total += cents,
            _ => {}
        }
    }
    let value = if total % 100 == 0 { (total / 100).to_string() } else { crate::row::money(total) };
    sheet.write_formula_with_format(at, column as u16, Formula::new(formula).set_result(value), look)?;
    Ok(())
}
