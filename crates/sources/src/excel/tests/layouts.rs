use onefold_contract::change::CurrentHashes;
use rust_xlsxwriter::Format;

use super::*;
use crate::testing::{column, rules};

const COLUMNS: [&str; 3] = ["Id:identifier", "Name:full_name", "Mail:email"];

fn people() -> Vec<Vec<Put>> {
    vec![row!["Id", "Name", "Mail"], row![1, "Ann", "ann@x.org"], row![2, "Bob", ""]]
}

const EXPECTED: [[&str; 3]; 2] = [["1", "Ann", "ann@x.org"], ["2", "Bob", "∅"]];

fn merge(sheet: &mut Worksheet, (top, left, bottom, right): (u32, u16, u32, u16), text: &str) {
    sheet.merge_range(top, left, bottom, right, text, &Format::new()).unwrap();
}

#[test]
fn a_plain_sheet() {
    assert_eq!(read(&one(&people()), &COLUMNS), EXPECTED);
}

#[test]
fn a_header_below_titles_remarks_and_blank_rows() {
    let bytes = book(&mut [("Leads", &mut |sheet| {
        merge(sheet, (0, 0, 0, 2), "Leads of the North, 2026");
        fill(sheet, 2, &[row!["as of", "3 March"], row!["", "", "confidential"]]);
        fill(sheet, 7, &people());
    })]);
    assert_eq!(read(&bytes, &COLUMNS), EXPECTED);
    let blocks = source(&bytes, json!({}), &COLUMNS).read().unwrap();
    assert_eq!(blocks[0].positions, [9, 10]);
    assert_eq!(blocks[0].part.as_ref().unwrap().name, "sheet 'Leads'");
    assert_eq!(blocks[0].part.as_ref().unwrap().places, ["A", "B", "C"]);
}

#[test]
fn a_sheet_that_begins_in_the_middle() {
    let bytes = book(&mut [("Leads", &mut |sheet| {
        for (at, cells) in people().iter().enumerate() {
            let shifted: Vec<Put> =
                [Put::Nothing, Put::Nothing, Put::Nothing].into_iter().chain(cells.clone()).collect();
            fill(sheet, 4 + at as u32, &[shifted]);
        }
    })]);
    assert_eq!(read(&bytes, &COLUMNS), EXPECTED);
}

#[test]
fn a_header_of_two_rows_with_merged_headings() {
    let bytes = book(&mut [("Leads", &mut |sheet| {
        merge(sheet, (0, 0, 1, 0), "Id");
        merge(sheet, (0, 1, 0, 2), "Person");
        merge(sheet, (0, 3, 0, 4), "Contact");
        fill(sheet, 1, &[row!["", "First", "Last", "Mail", "Phone"], row![1, "Ann", "Lee", "ann@x.org", "555"]]);
    })]);
    let whole = ["Id", "Person First", "Person Last", "Contact Mail", "Contact Phone"];
    assert_eq!(read(&bytes, &whole), [["1", "Ann", "Lee", "ann@x.org", "555"]]);
    // The lower name is enough where no other column bears it.
    assert_eq!(read(&bytes, &["Id", "Person First", "Phone"])[0][..2], ["1", "Ann"]);
}

#[test]
fn the_same_name_under_two_headings_is_told_apart() {
    let bytes = book(&mut [("Leads", &mut |sheet| {
        merge(sheet, (0, 0, 1, 0), "Id");
        merge(sheet, (0, 1, 0, 2), "Home");
        merge(sheet, (0, 3, 0, 4), "Work");
        fill(sheet, 1, &[row!["", "City", "Phone", "City", "Phone"], row![1, "Bonn", "1", "Köln", "2"]]);
    })]);
    assert_eq!(read(&bytes, &["Id", "Home City", "Work City"])[0][1..4], ["Bonn", "1", "Köln"]);
    let failure = source(&bytes, json!({}), &["Id", "City"]).table().unwrap_err();
    assert!(failure.message.contains("\"City\" more than once: the header cells B2 and D2"), "{failure}");
}

#[test]
fn a_header_that_is_given() {
    let rows = [people(), people()].concat();
    let bytes = one(&rows);
    let settings = json!({ "header_row": 4, "header_rows": 1 });
    assert_eq!(source(&bytes, settings, &COLUMNS).table().unwrap(), EXPECTED);
    let failure = source(&bytes, json!({ "header_row": 9 }), &COLUMNS).table().unwrap_err();
    assert!(failure.message.contains("has no header in row 9"), "{failure}");
}

#[test]
fn names_are_found_as_a_person_reads_them() {
    let bytes = one(&[row![" ID ", "E-mail *", "First\nname"], row![1, "a@x.org", "Ann"]]);
    assert_eq!(read(&bytes, &["Id", "e-mail", "First name"]), [["1", "a@x.org", "Ann"]]);
}

fn regions() -> Vec<u8> {
    book(&mut [
        ("Region North", &mut |sheet| fill(sheet, 0, &[row!["Id", "E-mail"], row![1, "a@x.org"]])),
        ("Region South", &mut |sheet| fill(sheet, 3, &[row!["Mail address", "Number"], row!["b@x.org", 2]])),
        ("Notes", &mut |sheet| fill(sheet, 0, &[row!["call them"]])),
        ("Region old", &mut |sheet| {
            fill(sheet, 0, &[row!["Id", "E-mail"], row![3, "c@x.org"]]);
            sheet.set_hidden(true);
        }),
    ])
}

#[allow(clippy::needless_pass_by_value)]
fn regional(sheets: Value) -> Bench {
    let mut bench =
        source(&regions(), json!({ "sheets": sheets, "sheet_column": "Sheet" }), &["Id", "E-mail", "Sheet"]);
    bench.spec.columns[0].also = vec!["Number".into()];
    bench.spec.columns[1].also = vec!["Mail address".into(), "Mail".into()];
    assert_eq!(bench.spec.mistakes(), vec![]);
    bench
}

#[test]
fn several_sheets_are_one_source_with_other_names_of_columns() {
    let staging = regional(json!(["Region *"])).stage("l", &CurrentHashes::new()).unwrap();
    assert_eq!((staging.delivered_rows, staging.read_rows, staging.counts.inserted), (2, 2, 2));
    let accepted = &staging.outcome.accepted;
    assert_eq!(column(accepted, "id"), ["1", "2"]);
    assert_eq!(column(accepted, "e_mail"), ["a@x.org", "b@x.org"]);
    assert_eq!(column(accepted, "sheet"), ["Region North", "Region South"]);
}

#[test]
fn a_hidden_sheet_is_read_by_its_name_only() {
    let table = regional(json!(["Region old"])).table().unwrap();
    assert_eq!(table, [["3", "c@x.org", "Region old"]]);
}

#[test]
fn the_one_fitting_sheet_is_found_and_two_are_not_chosen_between() {
    let mut bench = source(&regions(), json!({}), &["Id", "E-mail"]);
    assert_eq!(bench.table().unwrap(), [["1", "a@x.org"]]);
    bench.spec.columns[0].also = vec!["Number".into()];
    bench.spec.columns[1].also = vec!["Mail address".into()];
    let failure = bench.table().unwrap_err();
    assert!(failure.message.contains("several sheets"), "{failure}");
    assert!(failure.message.contains("\"Region North\", \"Region South\""), "{failure}");
    assert!(failure.hints[0].contains("sheets in [excel]"));
}

#[test]
fn several_workbooks_are_one_source() {
    let bench = Bench::excel("leads_*.xlsx", &json!({}), &COLUMNS);
    bench.write("leads_a.xlsx", one(&people()));
    bench.write("leads_b.xlsx", one(&[row!["Mail", "Name", "Id"], row!["c@x.org", "Cid", 3]]));
    let staging = bench.stage("l", &CurrentHashes::new()).unwrap();
    assert_eq!(column(&staging.outcome.accepted, "id"), ["1", "2", "3"]);
    assert_eq!(column(&staging.outcome.accepted, "name"), ["Ann", "Bob", "Cid"]);
}

#[test]
fn merged_cells_are_filled_and_headings_across_left_out() {
    let bytes = book(&mut [("Leads", &mut |sheet| {
        fill(sheet, 0, &[row!["Region", "Id", "Name"]]);
        merge(sheet, (1, 0, 1, 2), "Customers we know");
        merge(sheet, (2, 0, 4, 0), "North");
        fill(sheet, 2, &[row!["", 1, "Ann"], row!["", 2, "Bob"], row!["", 3, "Cid"], row!["South", 4, "Dan"]]);
        merge(sheet, (6, 0, 6, 2), "Customers we do not");
        fill(sheet, 7, &[row!["Region", "Id", "Name"], row!["South", 5, "Eve"]]);
    })]);
    let bench = source(&bytes, json!({}), &["Id", "Region", "Name"]);
    let staging = bench.stage("l", &CurrentHashes::new()).unwrap();
    assert_eq!(column(&staging.outcome.accepted, "region"), ["North", "North", "North", "South", "South"]);
    assert_eq!((staging.delivered_rows, staging.read_rows, staging.excluded), (8, 8, 3));
    let location = bench.path("leads.xlsx").display().to_string();
    assert_eq!(
        staging.notes,
        [
            format!("{location}, sheet 'Leads': rule banner-row leaves out rows 2, 7"),
            format!("{location}, sheet 'Leads': rule repeated-header leaves out row 8"),
        ]
    );
}

#[test]
fn blank_rows_and_remarks_beside_the_table_are_no_rows() {
    let mut rows = people();
    rows.insert(2, row!["", "", "", "", "", "call back"]);
    rows.insert(2, row![" ", "  "]);
    rows.push(row![""]);
    rows.push(row![3, "Cid", ""]);
    let bytes = one(&rows);
    let blocks = source(&bytes, json!({}), &COLUMNS).read().unwrap();
    assert_eq!(blocks[0].positions, [2, 5, 7]);
}

#[test]
fn a_reject_names_sheet_row_and_cell() {
    let bytes = book(&mut [
        ("North", &mut |sheet| {
            fill(sheet, 0, &[row!["Id", "Name", "Price"], row![1, "Ann", "cheap"], row![2, "Bob", 5]]);
        }),
        ("South", &mut |sheet| fill(sheet, 0, &[row!["Id", "Name", "Price"], row![2, "Bea", 6], row!["", "Cid", 7]])),
    ]);
    let bench = source(&bytes, json!({ "sheets": ["*"] }), &["Id", "Name", "Price:decimal"]);
    let staging = bench.stage("l", &CurrentHashes::new()).unwrap();
    let rejects = &staging.outcome.rejects;
    assert_eq!(rules(rejects), [(2, "not-a-decimal"), (2, "duplicate-key"), (3, "empty-key")]);
    assert!(rejects[0].location.ends_with("leads.xlsx, sheet 'North'"));
    assert!(rejects[0].reason.ends_with("(cell C2)"), "{}", rejects[0].reason);
    assert_eq!(rejects[0].source_key.as_deref(), Some("1"));
    assert!(rejects[1].location.ends_with("leads.xlsx, sheet 'South'"));
    assert!(rejects[1].reason.contains("stands on row 3 of") && rejects[1].reason.contains("sheet 'North'"));
    assert!(rejects[2].reason.ends_with("(cell A3)"), "{}", rejects[2].reason);
    assert_eq!((staging.delivered_rows, staging.counts.inserted), (4, 1));
}

#[test]
fn columns_that_nobody_declared_are_told_each_by_a_name_of_its_own() {
    let bytes = one(&[row!["Id", "Note", "Note", "Id (column C)"], row![1, "a", "b", "c"]]);
    let staging = source(&bytes, json!({}), &["Id"]).stage("l", &CurrentHashes::new()).unwrap();
    assert_eq!(staging.unknown_columns, ["Id (column C)", "Note (column B)", "Note (column C)"]);
}

#[test]
fn nothing_new_is_found_in_the_same_workbook() {
    let bench = source(&one(&people()), json!({}), &COLUMNS);
    let first = bench.stage("l", &CurrentHashes::new()).unwrap();
    let again = bench.stage("m", &crate::testing::applied(&first.outcome.accepted)).unwrap();
    assert!(again.outcome.accepted.is_empty());
    assert_eq!(again.counts.unchanged, 2);
}

#[test]
fn an_open_document_is_a_workbook_too() {
    let content = r#"<?xml version="1.0" encoding="UTF-8"?><office:document-content
        xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"
        xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"
        xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><office:body><office:spreadsheet>
        <table:table table:name="Leads">
        <table:table-row><table:table-cell office:value-type="string"><text:p>Id</text:p></table:table-cell>
        <table:table-cell office:value-type="string"><text:p>Since</text:p></table:table-cell></table:table-row>
        <table:table-row><table:table-cell office:value-type="float" office:value="7"><text:p>7</text:p></table:table-cell>
        <table:table-cell office:value-type="date" office:date-value="2024-02-29"><text:p>29.02.24</text:p></table:table-cell>
        </table:table-row></table:table></office:spreadsheet></office:body></office:document-content>"#;
    let content: String = content.lines().map(str::trim).collect::<Vec<_>>().join(" ").replace("> <", "><");
    let mut out = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let stored = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    let mime = "application/vnd.oasis.opendocument.spreadsheet";
    let manifest = format!(
        r#"<?xml version="1.0"?><manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">
        <manifest:file-entry manifest:full-path="/" manifest:media-type="{mime}"/></manifest:manifest>"#
    );
    for (name, text) in [("mimetype", mime), ("content.xml", &content), ("META-INF/manifest.xml", &manifest)] {
        out.start_file(name, stored).unwrap();
        out.write_all(text.as_bytes()).unwrap();
    }
    let bytes = out.finish().unwrap().into_inner();
    assert_eq!(read(&bytes, &["Id", "Since:date"]), [["7", "2024-02-29"]]);
}

/// The fixture was written by xlwt 1.3: a title, merged regions, dates, and a total.
#[test]
fn a_workbook_of_the_old_format() {
    let bytes = include_bytes!("leads.xls");
    let staging = source(bytes, json!({}), &["Id", "Region", "Since:date", "Amount:decimal"])
        .stage("l", &CurrentHashes::new())
        .unwrap();
    let accepted = &staging.outcome.accepted;
    assert_eq!(column(accepted, "id"), ["1", "2", "3"]);
    assert_eq!(column(accepted, "region"), ["North", "North", "South"]);
    assert_eq!(column(accepted, "since"), ["2017-01-31", "2017-02-28", "2024-02-29"]);
    assert_eq!((staging.excluded, staging.stated_totals[0].accounted.as_str()), (1, "60.75"));
}
