//! Reading the files as anybody would: CSV, SQLite and worksheets, every value as text, absent ones empty.

use std::collections::BTreeMap;
use std::path::Path;

use calamine::{Data, Reader as _, Xlsx, open_workbook};
use chrono::NaiveDate;
use rusqlite::Connection;

use crate::files::{Format, Table};

pub(super) type Rows = Vec<Vec<String>>;

/// The header of a table.
pub(super) fn header(folder: &Path, table: Table) -> Vec<String> {
    whole(folder, table).swap_remove(0)
}

/// All rows of a table, ragged ones included; titles, group headers and totals of worksheets are left out.
pub(super) fn read(folder: &Path, table: Table) -> Rows {
    let mut rows = whole(folder, table);
    rows.remove(0);
    rows
}

fn whole(folder: &Path, table: Table) -> Rows {
    let spec = table.spec();
    let path = folder.join(spec.file);
    match spec.format {
        Format::Csv { delimiter, windows, .. } => csv_rows(&path, delimiter, windows),
        Format::Sqlite => database_rows(&path, spec.part),
        Format::Sheet => sheet_rows(&path, spec.part, if table == Table::Profitability { 4 } else { 1 }),
    }
}

fn csv_rows(path: &Path, delimiter: u8, windows: bool) -> Rows {
    let bytes = std::fs::read(path).unwrap();
    let text = if windows {
        encoding_rs::WINDOWS_1252.decode(&bytes).0.into_owned()
    } else {
        String::from_utf8(bytes).unwrap().trim_start_matches('\u{feff}').to_string()
    };
    let mut reader =
        csv::ReaderBuilder::new().has_headers(false).flexible(true).delimiter(delimiter).from_reader(text.as_bytes());
    reader.records().map(|row| row.unwrap().iter().map(String::from).collect()).collect()
}

fn database_rows(path: &Path, table: &str) -> Rows {
    let database = Connection::open(path).unwrap();
    let mut select = database.prepare(&format!("SELECT * FROM {table}")).unwrap();
    let names: Vec<String> = select.column_names().into_iter().map(String::from).collect();
    let columns = names.len();
    let rows = select.query_map([], |row| {
        (0..columns).map(|column| Ok(row.get::<_, Option<String>>(column)?.unwrap_or_default())).collect()
    });
    std::iter::once(names).chain(rows.unwrap().map(Result::unwrap)).collect()
}

fn sheet_rows(path: &Path, sheet: &str, totals: usize) -> Rows {
    let mut book: Xlsx<_> = open_workbook(path).unwrap();
    let range = book.worksheet_range(sheet).unwrap();
    assert_eq!(range.start(), Some((0, 0)));
    let mut rows: Rows = range.rows().skip(4).map(|row| row.iter().map(text).collect()).collect();
    rows.truncate(rows.len() - totals);
    rows
}

/// The last rows of a worksheet, which hold its totals.
pub(super) fn totals(folder: &Path, table: Table, count: usize) -> Rows {
    let spec = table.spec();
    let mut book: Xlsx<_> = open_workbook(folder.join(spec.file)).unwrap();
    let rows: Rows =
        book.worksheet_range(spec.part).unwrap().rows().map(|row| row.iter().map(text).collect()).collect();
    rows[rows.len() - count..].to_vec()
}

fn text(cell: &Data) -> String {
    match cell {
        Data::Empty => String::new(),
        Data::String(text) => text.clone(),
        Data::Float(number) if number.fract() == 0.0 => format!("{number:.0}"),
        Data::Float(number) => format!("{number:.2}"),
        Data::Int(number) => number.to_string(),
        Data::DateTime(day) => {
            let first = NaiveDate::from_ymd_opt(1899, 12, 30).unwrap();
            (first + chrono::Days::new(day.as_f64() as u64)).to_string()
        }
        other => panic!("{other:?}"),
    }
}

/// Rows that can be loaded, by key: as many fields as the header, a key, and totals, dates and products where a line needs them.
pub(super) fn by_key(folder: &Path, table: Table) -> BTreeMap<String, Vec<String>> {
    let spec = table.spec();
    let header = header(folder, table);
    let keys: Vec<usize> = spec.key.iter().map(|key| header.iter().position(|name| name == key).unwrap()).collect();
    let mut found = BTreeMap::new();
    let mut product = String::new();
    for mut row in read(folder, table) {
        // Merged cells hold their value in the first of them.
        if table == Table::Profitability {
            if !row[0].is_empty() {
                product.clone_from(&row[0]);
            }
            row[0].clone_from(&product);
        }
        if !is_good(table, &header, &row, &keys) {
            continue;
        }
        let key = keys.iter().map(|place| row[*place].as_str()).collect::<Vec<_>>().join("/");
        assert_eq!(found.insert(key.clone(), row), None, "{} has {key} twice", spec.label());
    }
    found
}

fn is_good(table: Table, header: &[String], row: &[String], keys: &[usize]) -> bool {
    let at = |name: &str| header.iter().position(|column| column == name).unwrap();
    row.len() == header.len()
        && keys.iter().all(|place| !row[*place].is_empty())
        && table.spec().totals.iter().all(|(column, _)| cents(&row[at(column)]).is_some())
        && (table != Table::Order
            || row[at("order_date")].parse::<NaiveDate>().is_ok() && !row[at("product_code")].is_empty())
}

/// A number as hundredths: "12", "12.50", "$1,200", "1.234,50".
pub(super) fn cents(text: &str) -> Option<i64> {
    let european = text.rfind(',').is_some_and(|comma| text.len() - comma == 3);
    let plain = if european { text.replace('.', "").replace(',', ".") } else { text.replace([',', '$'], "") };
    let (negative, plain) = plain.strip_prefix('-').map_or((false, plain.as_str()), |rest| (true, rest));
    let (whole, part) = plain.split_once('.').unwrap_or((plain, "00"));
    let part = format!("{part:0<2}");
    (part.len() == 2).then_some(())?;
    let value = whole.parse::<i64>().ok()? * 100 + part.parse::<i64>().ok()?;
    Some(if negative { -value } else { value })
}
