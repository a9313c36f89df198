use std::path::PathBuf;

use ::parquet::arrow::ArrowWriter;
use arrow::array::{
    ArrayRef, BooleanArray, Date32Array, Decimal128Array, Float64Array, Int64Array, RecordBatch, StringArray,
    TimestampMicrosecondArray,
};
use onefold_contract::FailureKind;

use super::*;
use crate::testing::table;

fn write(folder: &tempfile::TempDir, name: &str, bytes: &[u8]) -> PathBuf {
    let path = folder.path().join(name);
    std::fs::write(&path, bytes).unwrap();
    path
}

fn rows(file: &mut AnyFile) -> Vec<Vec<String>> {
    let schema = file.schema();
    file.map(Result::unwrap)
        .flat_map(|block| {
            assert_eq!(block.batch.schema(), schema);
            table(&block)
        })
        .collect()
}

#[test]
fn delimited_text_is_opened_whatever_it_is_called() {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in
        [("a.csv", "id,name\n1,Ann\n2,\n"), ("a.tsv", "id\tname\n1\tAnn\n2\t\n"), ("a.xlsx", "id;name\n1;Ann\n2;\n")]
    {
        let mut file = open_any(&write(&folder, name, text.as_bytes()), &OpenOptions::default()).unwrap();
        assert_eq!((file.format(), file.columns()), (FileFormat::Csv, &["id".to_string(), "name".to_string()][..]));
        assert_eq!(rows(&mut file), [["1", "Ann"], ["2", "∅"]]);
    }
    let path = write(&folder, "b.txt", b"id|name\n1|M\xFCller\n");
    let mut file = open_any(&path, &OpenOptions::default()).unwrap();
    assert_eq!(rows(&mut file), [["1", "Müller"]]);
    assert!(file.settings()[0].contains("windows-1252"), "{:?}", file.settings());
    let options = OpenOptions { delimiter: Some(",".into()), ..OpenOptions::default() };
    assert_eq!(open_any(&path, &options).unwrap().columns(), ["id|name"]);
}

#[test]
fn parquet_is_written_out_as_text() {
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("id", Arc::new(Int64Array::from(vec![Some(1), None]))),
        ("price", Arc::new(Decimal128Array::from(vec![1050, -5]).with_precision_and_scale(10, 2).unwrap())),
        ("number", Arc::new(Float64Array::from(vec![12345.0, 0.1]))),
        ("born", Arc::new(Date32Array::from(vec![0, 17_167]))),
        ("seen", Arc::new(TimestampMicrosecondArray::from(vec![0, 1_500_000]))),
        ("member", Arc::new(BooleanArray::from(vec![true, false]))),
        ("name", Arc::new(StringArray::from(vec![Some("Ann"), Some("")]))),
    ];
    let batch = RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(n, c)| (n, c, true))).unwrap();
    let mut bytes = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut bytes, batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let mut file = open_any(&write(&folder, "x.dat", &bytes), &OpenOptions::default()).unwrap();
    assert_eq!(file.format(), FileFormat::Parquet);
    assert_eq!(
        rows(&mut file),
        [
            ["1", "10.50", "12345", "1970-01-01", "1970-01-01T00:00:00", "true", "Ann"],
            ["∅", "-0.05", "0.1", "2017-01-01", "1970-01-01T00:00:01.500", "false", ""],
        ]
    );
    let cut = write(&folder, "cut.parquet", &bytes[..bytes.len() / 2]);
    let failure = open_any(&cut, &OpenOptions::default()).unwrap_err();
    assert!(failure.message.contains("cut.parquet is damaged or cut off"), "{failure}");
}

#[test]
fn what_cannot_be_read_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let failure = |path: &Path| open_any(path, &OpenOptions::default()).unwrap_err();
    write(&folder, "customers.csv", b"a\n1\n");
    let missing = failure(&folder.path().join("custmers.csv"));
    assert_eq!(missing.kind, FailureKind::Source);
    assert!(missing.message.starts_with("there is no file"), "{missing}");
    assert_eq!(missing.hints, ["did you mean \"customers.csv\"?"]);
    assert!(failure(folder.path()).message.ends_with("is a folder"));
    assert!(failure(&write(&folder, "empty.csv", b"")).message.ends_with("is empty"));
    assert!(failure(&write(&folder, "x.csv", b"%PDF-1.7")).message.ends_with("is a PDF document"));
    let empty = |workbook: &mut rust_xlsxwriter::Workbook| {
        workbook.add_worksheet();
        workbook.save_to_buffer().unwrap()
    };
    let empty = write(&folder, "empty.xlsx", &empty(&mut rust_xlsxwriter::Workbook::new()));
    assert!(failure(&empty).message.ends_with("sheet 'Sheet1' is empty"));
    let options = OpenOptions { sheet: Some("Sheet2".into()), ..OpenOptions::default() };
    let other = open_any(&empty, &options).unwrap_err();
    assert!(other.message.ends_with("empty.xlsx has no sheet \"Sheet2\""), "{other}");
    assert_eq!(other.hints[0], "did you mean \"Sheet1\"?");
    let options = OpenOptions { encoding: Some("utf9".into()), ..OpenOptions::default() };
    let usage = open_any(&folder.path().join("customers.csv"), &options).unwrap_err();
    assert_eq!(usage.kind, FailureKind::Usage);
}

#[test]
fn shared_record_sets_are_read_to_the_end() {
    for (name, count) in [("fake_1000", 1000), ("historical_dev", 25_020), ("restaurants_fz", 864)] {
        let Some(path) = onefold_testkit::shared("sources::any", &format!("er/{name}.parquet")) else { return };
        let file = open_any(&path, &OpenOptions::default()).unwrap();
        assert_eq!(file.map(|block| block.unwrap().batch.num_rows()).sum::<usize>(), count, "{name}");
    }
}
