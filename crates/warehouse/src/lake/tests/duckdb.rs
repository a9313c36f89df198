//! DuckDB as an independent reader: every release, every table, the same rows.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use arrow::array::*;
use arrow::datatypes::{DataType, Field, Schema, TimeUnit, TimestampMicrosecondType};
use arrow::util::display::{ArrayFormatter, FormatOptions};
use onefold_contract::publisher::TableChange;
use onefold_contract::table::{Layer, TableName};

use super::support::*;
use crate::lake::Lake;

/// A Python with DuckDB and its extensions, where there is one.
fn python() -> Option<String> {
    onefold_testkit::python("warehouse::lake::tests::duckdb").map(|path| path.display().to_string())
}

fn script() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scripts/duckdb_rows.py")
}

/// What the script prints, parsed line by line.
fn ask(python: &str, root: &Path, data: &str, release: u64, further: &[&str]) -> Vec<serde_json::Value> {
    let output = Command::new(python)
        .arg(script())
        .arg(root.join("lake/catalogue.sqlite"))
        .args([data, &release.to_string()])
        .args(further)
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "release {release} {further:?}: {told}");
    String::from_utf8(output.stdout).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Rows by table: for each row its values' texts by column.
type Rows = BTreeMap<String, Vec<BTreeMap<String, Option<String>>>>;

fn as_duckdb_reads(python: &str, root: &Path, release: u64, further: &[&str]) -> Rows {
    let data = root.join("lake/data/");
    let mut rows = Rows::new();
    for line in ask(python, root, data.to_str().unwrap(), release, further) {
        let table = line["table"].as_str().unwrap().to_string();
        rows.entry(table).or_default().push(serde_json::from_value(line["row"].clone()).unwrap());
    }
    for rows in rows.values_mut() {
        rows.sort();
    }
    rows
}

fn as_we_read(lake: &Lake, release: u64) -> Rows {
    let mut rows = Rows::new();
    for table in lake.tables(release).unwrap() {
        let mut read = duckdb_texts(&lake.read(release, &table.name).unwrap().unwrap());
        read.sort();
        if !read.is_empty() {
            rows.insert(table.name.to_string(), read);
        }
    }
    rows
}

/// Values as DuckDB casts them to text.
fn duckdb_texts(batch: &RecordBatch) -> Vec<BTreeMap<String, Option<String>>> {
    let options = FormatOptions::default().with_timestamp_format(Some("%Y-%m-%d %H:%M:%S%.f"));
    let schema = batch.schema();
    let cell = |place: usize, row: usize| {
        let values = batch.column(place);
        if values.is_null(row) {
            return None;
        }
        if let Some(bytes) = values.as_binary_opt::<i32>() {
            return Some(bytes.value(row).iter().fold(String::new(), |text, byte| format!("{text}\\x{byte:02X}")));
        }
        if let DataType::Timestamp(TimeUnit::Microsecond, Some(_)) = values.data_type() {
            let local = values.as_primitive::<TimestampMicrosecondType>().clone().with_timezone_opt(None::<String>);
            return Some(format!("{}+00", ArrayFormatter::try_new(&local, &options).unwrap().value(row)));
        }
        let text = ArrayFormatter::try_new(values.as_ref(), &options).unwrap().value(row).to_string();
        Some(if values.data_type().is_floating() { text.to_lowercase() } else { text })
    };
    let line = |row| (0..batch.num_columns()).map(|p| (schema.field(p).name().clone(), cell(p, row))).collect();
    (0..batch.num_rows()).map(line).collect()
}

/// A column of every type the lake holds; the second row has no value at all.
fn every_type() -> RecordBatch {
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("flag", Arc::new(BooleanArray::from(vec![Some(true), None, Some(false)]))),
        ("i8", Arc::new(Int8Array::from(vec![Some(-128), None, Some(127)]))),
        ("i16", Arc::new(Int16Array::from(vec![Some(-1), None, Some(i16::MAX)]))),
        ("i32", Arc::new(Int32Array::from(vec![Some(1), None, Some(i32::MIN)]))),
        ("n", Arc::new(Int64Array::from(vec![Some(1), None, Some(i64::MAX)]))),
        ("u8", Arc::new(UInt8Array::from(vec![Some(0), None, Some(255)]))),
        ("u16", Arc::new(UInt16Array::from(vec![Some(0), None, Some(u16::MAX)]))),
        ("u32", Arc::new(UInt32Array::from(vec![Some(0), None, Some(u32::MAX)]))),
        ("u64", Arc::new(UInt64Array::from(vec![Some(0), None, Some(u64::MAX)]))),
        ("f32", Arc::new(Float32Array::from(vec![Some(1.5), None, Some(-0.25)]))),
        ("f64", Arc::new(Float64Array::from(vec![Some(0.1), None, Some(f64::NAN)]))),
        ("text with \"quotes\"", Arc::new(StringArray::from(vec![Some("Ölçü 😀 'x'"), None, Some("")]))),
        ("born", Arc::new(Date32Array::from(vec![Some(-25_567), None, Some(20_000)]))),
        ("clock", Arc::new(Time64MicrosecondArray::from(vec![Some(1_123_456), None, Some(86_399_999_999)]))),
        ("local", Arc::new(TimestampMicrosecondArray::from(vec![Some(-1_123_456), None, Some(1_700_000_000_000_000)]))),
        (
            "moment",
            Arc::new(
                TimestampMicrosecondArray::from(vec![Some(1_700_000_000_123_456), None, Some(0)]).with_timezone("UTC"),
            ),
        ),
        ("nanos", Arc::new(TimestampNanosecondArray::from(vec![Some(1_700_000_000_123_456_789), None, Some(0)]))),
        ("bytes", Arc::new(BinaryArray::from_opt_vec(vec![Some(b"\x00\xff".as_slice()), None, Some(b"")]))),
        ("money", Arc::new(decimals(&[Some(-900_000_001), None, Some(1_000)], 28, 4))),
        ("small", Arc::new(decimals(&[Some(-5), None, Some(999)], 3, 2))),
        ("wide", Arc::new(decimals(&[Some(i128::pow(10, 37)), None, Some(-1)], 38, 0))),
    ];
    RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(name, values)| (name, values, true))).unwrap()
}

fn decimals(values: &[Option<i128>], precision: u8, scale: i8) -> Decimal128Array {
    values.iter().copied().collect::<Decimal128Array>().with_precision_and_scale(precision, scale).unwrap()
}

/// Rows sorted by day, a thousand each, with a repeated text.
fn many(rows: i32) -> RecordBatch {
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("day", Arc::new(Date32Array::from_iter_values((0..rows).map(|n| 15_000 + n / 1_000)))),
        ("line", Arc::new(Int32Array::from_iter_values(0..rows))),
        ("channel", Arc::new((0..rows).map(|n| (n % 5 > 0).then(|| format!("c{}", n % 5))).collect::<StringArray>())),
    ];
    RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(name, values)| (name, values, true))).unwrap()
}

/// Six releases in which tables come, grow, gain columns, are replaced, change their columns and fall empty.
fn history(lake: &Lake, many: &RecordBatch) {
    use TableChange::{Append, Replace};
    let rejects = TableName::new(Layer::Quarantine, "rejects");
    let again = || Append(texts(&["x"], &[&["twice"]]));
    let wide = texts(&["x", "y"], &[&["2", "-"]]);
    let drafts = vec![
        vec![
            (staged("crm"), Append(changes("r1", &[("insert", "a", "1"), ("insert", "b", "2")], &[]))),
            (mart("types"), Replace(every_type())),
            (mart("empty"), Append(texts(&["x"], &[]))),
            (mart("again"), again()),
            (mart("many"), Replace(many.clone())),
            (mart("Ünïcode \"tablé\""), Replace(texts(&["Größe"], &[&["1"]]))),
        ],
        vec![
            (staged("crm"), Append(changes("r2", &[("update", "a", "3"), ("insert", "c", "é")], &["later"]))),
            (rejects, Append(texts(&["rule", "raw"], &[&["bad-date", "31.02.2020"], &["bad-email", "-"]]))),
            (mart("again"), again()),
        ],
        vec![
            (mart("types"), Replace(every_type().slice(1, 2))),
            (mart("many"), Replace(many.slice(0, 10))),
            (staged("crm"), Append(changes("r3", &[("delete", "b", "-")], &["later", "last"]))),
        ],
        vec![
            (mart("types"), Replace(texts(&["n", "other"], &[&["now text", "-"]]))),
            (mart("empty"), Append(wide)),
            (mart("again"), Replace(texts(&["x"], &[&["once"]]))),
        ],
        vec![
            (mart("types"), Replace(every_type())),
            (mart("many"), Replace(many.clone())),
            (mart("again"), Replace(texts(&["x"], &[]))),
        ],
        vec![
            (mart("again"), again()),
            (staged("crm"), Append(changes("r6", &[("insert", "z", "9")], &["later", "last"]))),
        ],
    ];
    for (number, tables) in (1..).zip(drafts) {
        publish(lake, draft(number, lake.head().unwrap(), tables));
    }
}

#[test]
fn duckdb_reads_every_release_as_we_do() {
    let Some(python) = python() else { return };
    let root = tempfile::tempdir().unwrap();
    let lake = open(root.path());
    history(&lake, &many(2_000));
    let mut sums = BTreeMap::new();
    for release in lake.releases().unwrap() {
        let (theirs, ours) =
            (as_duckdb_reads(&python, root.path(), release.id, &["all"]), as_we_read(&lake, release.id));
        assert_eq!(theirs.keys().collect::<Vec<_>>(), ours.keys().collect::<Vec<_>>(), "release {}", release.id);
        for (table, rows) in &ours {
            assert!(rows == &theirs[table], "table {table} of release {}: {:?}", release.id, theirs[table].first());
        }
        // The tables without rows are there too, and the catalogue's path leads to the files.
        let summaries = ask(&python, root.path(), "-", release.id, &[]);
        let counted: BTreeMap<String, u64> =
            summaries.iter().map(|s| (s["table"].as_str().unwrap().into(), s["rows"].as_u64().unwrap())).collect();
        let held: BTreeMap<String, u64> = release.tables.iter().map(|t| (t.name.to_string(), t.rows)).collect();
        assert_eq!(counted, held, "release {}", release.id);
        for table in &release.tables {
            let summary = summaries.iter().find(|s| s["table"] == table.name.to_string().as_str()).unwrap();
            let seen: &mut Vec<_> = sums.entry((table.name.to_string(), table.digest.clone())).or_default();
            seen.push(summary["digest"].clone());
        }
    }
    for (table, digests) in sums {
        assert!(digests.iter().all(|d| d == &digests[0]), "{table:?}: DuckDB sees other content under one digest");
    }
}

#[test]
fn duckdb_filters_find_what_is_there() {
    let Some(python) = python() else { return };
    let root = tempfile::tempdir().unwrap();
    let lake = open(root.path());
    // Several row groups, so that footers can lead astray.
    history(&lake, &many(300_000));
    let questions = [
        (1, "mart.many", "line = 200000", 1),
        (1, "mart.many", "day = DATE '2011-01-27'", 1_000),
        (1, "mart.many", "day > DATE '2011-11-15' AND channel IS NULL", 1_200),
        (1, "mart.many", "channel IN ('c1', 'c2') AND line < 10", 4),
        (3, "mart.many", "line = 200000", 0),
        (5, "mart.many", "line = 200000", 1),
        (1, "mart.types", "n = 1", 1),
        (1, "mart.types", "n IS NULL", 1),
        (1, "mart.types", "n IS NOT NULL AND NOT flag", 1),
        (1, "mart.types", "money < 0", 1),
        (1, "mart.types", "money = 0.1", 1),
        (1, "mart.types", "born < DATE '1970-01-01'", 1),
        (1, "mart.types", "moment >= TIMESTAMPTZ '2023-01-01 00:00:00+00'", 1),
        (1, "mart.types", "f64 > 0 AND NOT isnan(f64)", 1),
        (1, "mart.types", "isnan(f64)", 1),
        (3, "mart.types", "n = 1", 0),
        (4, "mart.types", "n = 'now text' AND other IS NULL", 1),
        (5, "mart.types", "n = 1", 1),
        (6, "staged.crm", "later IS NULL", 3),
        (6, "staged.crm", "later = 'é'", 1),
        (6, "staged.crm", "last IS NULL AND later IS NOT NULL", 2),
        (2, "mart.again", "x = 'twice'", 2),
        (5, "mart.again", "x = 'twice'", 0),
        (6, "mart.again", "x = 'twice'", 1),
        (3, "mart.empty", "x IS NULL", 0),
        (4, "mart.empty", "y IS NULL AND x >= '2'", 1),
    ];
    for (release, table, condition, expected) in questions {
        let rows = as_duckdb_reads(&python, root.path(), release, &[table, condition]);
        assert_eq!(rows.get(table).map_or(0, Vec::len), expected, "{table} at {release} where {condition}");
    }
}

#[test]
fn every_type_comes_back_through_our_reader() {
    let root = tempfile::tempdir().unwrap();
    let lake = open(root.path());
    publish(&lake, draft(1, None, vec![(mart("types"), TableChange::Replace(every_type()))]));
    let read = lake.read(1, &mart("types")).unwrap().unwrap();
    assert_eq!(read, every_type());
    let moment = read.schema().field_with_name("moment").unwrap().data_type().clone();
    assert_eq!(moment, DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())));
    let schema = Schema::new(read.schema().fields().iter().map(|f| Field::clone(f)).collect::<Vec<_>>());
    assert_eq!(lake.tables(1).unwrap()[0].schema.as_ref(), &schema);
}
