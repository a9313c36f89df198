use onefold_contract::change::CurrentHashes;
use rust_xlsxwriter::{Format, Formula};

use super::*;
use crate::testing::rules;

#[test]
fn numbers_are_written_without_what_nobody_typed() {
    let bytes = book(&mut [("Leads", &mut |sheet| {
        fill(
            sheet,
            0,
            &[row!["Id", "Postcode", "Price", "Member"], row!["007", 12345, 0.1 + 0.2], row![42, "01067", 1.5]],
        );
        let five = Format::new().set_num_format("00000");
        sheet.write_number_with_format(2, 1, 1067, &five).unwrap();
        sheet.write_boolean(1, 3, true).unwrap();
        fill(sheet, 3, &[row!["1e5", "", " 12 ", "no"]]);
    })]);
    assert_eq!(
        read(&bytes, &["Id", "Postcode", "Price", "Member"]),
        [["007", "12345", "0.3", "TRUE"], ["42", "01067", "1.5", "∅"], ["1e5", "∅", " 12 ", "no"]]
    );
}

#[test]
fn a_number_that_is_cut_holds_its_row_back() {
    let bytes = one(&[row!["Id", "Name"], row![1, "Ann"], row![2, "Bob"]]);
    let cut = patched_sheet(&bytes, "<c r=\"A3\"><v>2</v>", "<c r=\"A3\"><v>123456789012345678</v>");
    let staging = source(&cut, json!({}), &["Id", "Name"]).stage("l", &CurrentHashes::new()).unwrap();
    let reject = &staging.outcome.rejects[0];
    assert_eq!((reject.rule.as_str(), reject.row, reject.column.as_deref()), ("number-cut", Some(3), Some("id")));
    assert!(reject.reason.starts_with("cell A3 holds a number of more than 15 digits"), "{}", reject.reason);
    assert_eq!(reject.source_key, None);
    assert_eq!((staging.delivered_rows, staging.counts.inserted), (2, 1));
    // Nobody knows which record the row was, so none is deleted.
    let current: CurrentHashes = [("1", "x"), ("9", "y")].map(|(k, h)| (k.to_string(), h.to_string())).into();
    let staging = source(&cut, json!({}), &["Id", "Name"]).stage("l", &current).unwrap();
    assert_eq!(staging.counts.deleted, 0);
}

fn with_formulas() -> Vec<u8> {
    book(&mut [("Leads", &mut |sheet| {
        fill(sheet, 0, &[row!["Id", "Total", "Helper"]]);
        for row in 1..5u32 {
            fill(sheet, row, &[row![row as i32]]);
            sheet.write_formula(row, 1, Formula::new("=1+1").set_result("2")).unwrap();
            sheet.write_formula(row, 2, Formula::new("=1/0").set_result("#DIV/0!")).unwrap();
        }
    })])
}

#[test]
fn formulas_have_the_value_that_was_saved() {
    // The helper column is nobody's, so its errors hold nothing back.
    let bytes = with_formulas();
    let table = source(&bytes, json!({}), &["Id", "Total"]).table().unwrap();
    assert_eq!(table[0][..2], ["1", "2"]);
    assert_eq!(table.len(), 4);
}

#[test]
fn errors_and_formulas_without_a_value_hold_their_rows_back() {
    let bytes = with_formulas();
    let cell = |row: u32, inner: &str| format!("<c r=\"B{row}\"{inner}</c>");
    let was = "><f>1+1</f><v>2</v>";
    let bytes = patched_sheet(&bytes, &cell(2, was), &cell(2, "><f>1+1</f>"));
    let bytes = patched_sheet(&bytes, &cell(3, was), &cell(3, " t=\"e\"><f>1+1</f><v>#N/A</v>"));
    let bytes = patched_sheet(&bytes, &cell(4, was), &cell(4, " t=\"e\"><f>1+1</f><v>#SPILL!</v>"));
    let bench = source(&bytes, json!({}), &["Id", "Total"]);
    let staging = bench.stage("l", &CurrentHashes::new()).unwrap();
    let rejects = &staging.outcome.rejects;
    assert_eq!(rules(rejects), [(2, "formula-without-value"), (3, "error-cell"), (4, "error-cell")]);
    assert!(rejects[0].reason.starts_with("cell B2 holds a formula whose result was never saved"));
    assert!(rejects[1].reason.contains("cell B3 holds the error #N/A"));
    assert!(rejects[2].reason.contains("cell B4 holds the error #SPILL!"), "{}", rejects[2].reason);
    let keys: Vec<Option<&str>> = rejects.iter().map(|reject| reject.source_key.as_deref()).collect();
    assert_eq!(keys, [Some("1"), Some("2"), Some("3")]);
    assert_eq!((staging.delivered_rows, staging.read_rows, staging.counts.inserted), (4, 4, 1));
    // The key column in error leaves no key.
    let staging = source(&bytes, json!({}), &["Total", "Id"]).stage("l", &CurrentHashes::new()).unwrap();
    assert_eq!(staging.outcome.rejects[1].source_key, None);
}

#[test]
fn two_faults_of_a_row_are_one_reject() {
    let bytes = with_formulas();
    let staging = source(&bytes, json!({}), &["Id", "Helper"]).stage("l", &CurrentHashes::new()).unwrap();
    assert_eq!(staging.outcome.rejects.len(), 4);
    let bytes = patched_sheet(&bytes, "<c r=\"B2\"><f>1+1</f><v>2</v></c>", "<c r=\"B2\" t=\"e\"><v>#REF!</v></c>");
    let staging = source(&bytes, json!({}), &["Id", "Total", "Helper"]).stage("l", &CurrentHashes::new()).unwrap();
    let reason = &staging.outcome.rejects[0].reason;
    assert!(reason.contains("cell B2 holds the error #REF!") && reason.contains("; also, cell C2"), "{reason}");
}

#[test]
fn a_free_file_keeps_every_row() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.xlsx");
    let bytes = with_formulas();
    let bytes = patched_sheet(&bytes, "<v>4</v>", "<v>123456789012345678</v>");
    std::fs::write(&path, bytes).unwrap();
    let mut file = crate::open_any(&path, &crate::OpenOptions::default()).unwrap();
    let blocks: Vec<_> = (&mut file).map(Result::unwrap).collect();
    assert_eq!(file.format(), crate::FileFormat::Excel);
    assert_eq!(file.columns(), ["Id", "Total", "Helper"]);
    let table = crate::testing::table(&blocks[0]);
    assert_eq!(table[0], ["1", "2", "∅"]);
    assert_eq!(table[3][0], "123456789012345680");
    assert!(file.settings()[0].ends_with("sheet 'Leads', header in row 1"), "{:?}", file.settings());
    assert!(file.notes()[0].contains("5 cells have no value"), "{:?}", file.notes());
}
