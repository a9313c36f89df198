use onefold_contract::{Failure, FailureKind};

use super::*;

const COLUMNS: [&str; 2] = ["Id", "Name"];

fn people() -> Vec<Vec<Put>> {
    vec![row!["Id", "Name"], row![1, "Ann"]]
}

fn failure(bytes: &[u8], settings: Value) -> Failure {
    let bench = source(bytes, settings, &COLUMNS);
    let failure = bench.table().unwrap_err();
    assert_eq!(failure.kind, FailureKind::Source, "{failure}");
    assert!(failure.message.contains("leads.xlsx"), "{failure}");
    assert!(!failure.hints.is_empty(), "{failure}");
    failure
}

#[test]
fn files_that_are_no_workbooks() {
    let cases: [(&[u8], &str, &str); 6] = [
        (b"", "leads.xlsx is empty", "copied whole"),
        (b"Id,Name\n1,Ann\n", "leads.xlsx is text, not a workbook", "format csv"),
        (b"<html><table></table></html>", "leads.xlsx is an HTML page, not a workbook", "save it as a workbook"),
        (b"%PDF-1.7", "leads.xlsx is a PDF document, not a workbook", "check the source's location"),
        (b"PK\x03\x04 a", "a ZIP archive without a workbook in it", "check the source's location"),
        (
            b"\xD0\xCF\x11\xE0 E\0n\0c\0r\0y\0p\0t\0e\0d\0P\0a\0c\0k\0a\0g\0e\0",
            "under a password",
            "take the password away",
        ),
    ];
    for (bytes, message, hint) in cases {
        let failure = failure(bytes, json!({}));
        assert!(failure.message.contains(message), "{failure}");
        assert!(failure.hints[0].contains(hint), "{failure}");
    }
}

#[test]
fn a_workbook_that_is_cut_off_or_damaged() {
    let bytes = one(&people());
    for length in [100, bytes.len() / 2, bytes.len() - 30] {
        assert!(failure(&bytes[..length], json!({})).message.contains("is damaged or cut off"), "{length}");
    }
    let torn = patched_sheet(&bytes, "</sheetData>", "<row");
    assert!(failure(&torn, json!({})).message.contains("is damaged or cut off"));
    let mixed = patched_sheet(&bytes, "<row r=\"2\"", "<row r=\"1\"");
    let mixed = patched_sheet(&mixed, "r=\"A2\"", "r=\"A1\"");
    assert!(failure(&mixed, json!({})).message.contains("the cells of row 1 are out of order"));
}

#[test]
fn a_sheet_that_is_not_there() {
    let failure = failure(&one(&people()), json!({ "sheets": ["Lead"] }));
    assert!(failure.message.contains("has no sheet \"Lead\" that source crm reads"), "{failure}");
    assert_eq!(failure.hints, ["did you mean \"Leads\"?", "its sheets are \"Leads\""]);
}

#[test]
fn sheets_without_a_header_or_without_anything() {
    let empty = book(&mut [("Leads", &mut |_| {})]);
    assert!(failure(&empty, json!({})).message.ends_with("sheet 'Leads' is empty"));
    let strange = one(&[row!["a", "b"], row!["c", "d"]]);
    assert!(
        failure(&strange, json!({})).message.contains("no row of its first 100 names a column that source crm needs")
    );
    let two = book(&mut [
        ("A", &mut |sheet| fill(sheet, 0, &[row!["x"]])),
        ("B", &mut |sheet| fill(sheet, 0, &[row!["Id"]])),
    ]);
    let failure = failure(&two, json!({}));
    assert!(failure.message.contains("has no visible sheet with the columns of source crm"), "{failure}");
    assert_eq!(failure.details.len(), 2);
    assert!(failure.details[1].contains("sheet 'B' lacks column \"Name\""), "{failure}");
}

#[test]
fn a_column_that_is_missing() {
    let failure = failure(&one(&[row!["title"], row!["Id", "Nmae"], row![1, "Ann"]]), json!({}));
    assert!(
        failure
            .message
            .ends_with("sheet 'Leads' lacks column \"Name\" that source crm needs; its header stands in row 2")
    );
    assert!(failure.hints[0].contains("did you mean \"Nmae\"?"), "{failure}");
}

#[test]
fn two_columns_of_one_name() {
    let twice = failure(&one(&[row!["Id", "Name", "name *"], row![1, "Ann", "x"]]), json!({}));
    assert!(
        twice.message.contains("column \"Name\" more than once: the header cells B1 and C1 say \"Name\", \"name *\"")
    );
    let mut bench = source(&one(&[row!["Id", "Name", "Full name"], row![1, "A", "B"]]), json!({}), &COLUMNS);
    bench.spec.columns[1].also = vec!["Full name".into()];
    let both = bench.table().unwrap_err();
    assert!(both.message.contains("the header cells B1 and C1 say \"Name\", \"Full name\""), "{both}");
}

#[test]
fn a_header_without_rows() {
    let failure = failure(&one(&people()[..1]), json!({}));
    assert!(failure.message.ends_with("of source crm has a header and no rows"), "{failure}");
}

#[test]
fn what_is_landed_and_then_damaged_is_noticed() {
    let bench = source(&one(&people()), json!({}), &COLUMNS);
    let landing = bench.land("l").unwrap();
    assert!(landing.partitions[0].path.extension().is_some_and(|extension| extension == "xlsx"));
    let mut bytes = std::fs::read(&landing.partitions[0].path).unwrap();
    bytes.truncate(bytes.len() - 1);
    std::fs::write(&landing.partitions[0].path, bytes).unwrap();
    let extractor = bench.extractor();
    let none = onefold_contract::change::CurrentHashes::new();
    let failure = crate::stage(&bench.spec, extractor.as_ref(), &landing, "r", &none).unwrap_err();
    assert!(failure.message.contains("is damaged or cut off"), "{failure}");
}
