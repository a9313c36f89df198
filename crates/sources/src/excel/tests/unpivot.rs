use onefold_contract::change::CurrentHashes;
use rust_xlsxwriter::Format;

use super::*;
use crate::testing::{column, rules};

const COLUMNS: [&str; 4] = ["Product", "Month:date", "Amount:decimal", "Group"];

#[allow(clippy::needless_pass_by_value)]
fn months(unpivot: Value) -> Value {
    let mut settings = json!({ "kind": "month", "names_to": "Month", "values_to": "Amount" });
    settings.as_object_mut().unwrap().extend(unpivot.as_object().unwrap().clone());
    json!({ "unpivot": settings })
}

fn keyed(bytes: &[u8], settings: Value, columns: &[&str]) -> Bench {
    let mut bench = source(bytes, settings, columns);
    bench.spec.key = vec!["product".into(), "month".into()];
    assert_eq!(bench.spec.mistakes(), vec![]);
    bench
}

fn sorted(bench: &Bench) -> Vec<Vec<String>> {
    let mut table = bench.table().unwrap();
    table.sort();
    table
}

fn analysis() -> Vec<Vec<Put>> {
    vec![
        row!["Profitability Analysis 2024"],
        row![""],
        row!["Group", "Product", "Jan", "Feb", "Mar", "Total"],
        row!["Bikes", "Road", 10, 11, 12.5, 33.5],
        row!["Bikes", "Mountain", 20, "", 22, 42],
        row!["Caps", "Cap", "", "", "", ""],
        row!["Total", "", 30, 11, 34.5, 75.5],
    ]
}

#[test]
fn months_across_become_rows() {
    let bench = keyed(&one(&analysis()), months(json!({})), &COLUMNS);
    assert_eq!(
        sorted(&bench),
        [
            ["Bikes", "Mountain", "2024-01-01", "20"],
            ["Bikes", "Mountain", "2024-03-01", "22"],
            ["Bikes", "Road", "2024-01-01", "10"],
            ["Bikes", "Road", "2024-02-01", "11"],
            ["Bikes", "Road", "2024-03-01", "12.5"],
        ]
    );
    let staging = bench.stage("l", &CurrentHashes::new()).unwrap();
    // Five figures, a product without one, and the totals.
    assert_eq!((staging.delivered_rows, staging.read_rows, staging.counts.inserted, staging.excluded), (7, 7, 5, 2));
    assert_eq!(staging.stated_totals.len(), 4);
    assert!(
        staging.notes.iter().any(|note| note.ends_with("columns F sum others and are no rows")),
        "{:?}",
        staging.notes
    );
    assert!(staging.notes.iter().any(|note| note.ends_with("rule row-without-figures leaves out row 6")));
}

#[test]
fn the_year_comes_from_the_settings_or_a_title_or_nowhere() {
    let rows = vec![row!["Group", "Product", "Jan"], row!["Bikes", "Road", 10]];
    let table = keyed(&one(&rows), months(json!({ "year": 2023 })), &COLUMNS).table().unwrap();
    assert_eq!(table, [["Bikes", "Road", "2023-01-01", "10"]]);
    let failure = keyed(&one(&rows), months(json!({})), &COLUMNS).table().unwrap_err();
    assert!(failure.message.contains("\"Jan\" in C1 does not say its year"), "{failure}");
    let named = book(&mut [("Plan 2022", &mut |sheet| fill(sheet, 0, &rows))]);
    assert_eq!(keyed(&named, months(json!({})), &COLUMNS).table().unwrap()[0][2], "2022-01-01");
}

#[test]
fn years_over_months() {
    let bytes = book(&mut [("Plan", &mut |sheet| {
        sheet.merge_range(0, 2, 0, 3, "2023", &Format::new()).unwrap();
        sheet.merge_range(0, 4, 0, 5, "2024", &Format::new()).unwrap();
        fill(sheet, 1, &[row!["Group", "Product", "Nov", "Dec", "Jan", "Feb"], row!["Bikes", "Road", 1, 2, 3, 4]]);
    })]);
    let table = keyed(&bytes, months(json!({})), &COLUMNS).table().unwrap();
    let labels: Vec<[&str; 2]> = table.iter().map(|row| [row[2].as_str(), row[3].as_str()]).collect();
    assert_eq!(labels, [["2023-11-01", "1"], ["2023-12-01", "2"], ["2024-01-01", "3"], ["2024-02-01", "4"]]);
}

#[test]
fn headings_that_are_not_merged_spread_to_their_right() {
    let rows = vec![
        row!["", "", 2023, "", 2024],
        row!["Group", "Product", "Nov", "Dec", "Jan"],
        row!["Bikes", "Road", 1, 2, 3],
    ];
    let table = keyed(&one(&rows), months(json!({})), &COLUMNS).table().unwrap();
    let labels: Vec<&str> = table.iter().map(|row| row[2].as_str()).collect();
    assert_eq!(labels, ["2023-11-01", "2023-12-01", "2024-01-01"]);
}

#[test]
fn headers_that_are_dates() {
    let bytes = book(&mut [("Plan", &mut |sheet| {
        fill(sheet, 0, &[row!["Group", "Product"], row!["Bikes", "Road", 1, 2]]);
        let format = Format::new().set_num_format("mmm yy");
        sheet.write_number_with_format(0, 2, 45_292.0, &format).unwrap();
        sheet.write_number_with_format(0, 3, 45_323.0, &format).unwrap();
    })]);
    let table = keyed(&bytes, months(json!({})), &COLUMNS).table().unwrap();
    assert_eq!([&table[0][2], &table[1][2]], ["2024-01-01", "2024-02-01"]);
}

const MEASURES: [&str; 5] = ["Product", "Month:date", "Sales:decimal", "Cost:decimal", "Group"];

fn measures() -> Value {
    json!({ "unpivot": { "kind": "month", "names_to": "Month", "measures": ["Sales", "Cost"] } })
}

#[test]
fn months_over_figures_and_figures_over_months() {
    let over = |upper: [&str; 2], lower: [&str; 4]| {
        book(&mut [("Plan", &mut |sheet| {
            sheet.merge_range(0, 2, 0, 3, upper[0], &Format::new()).unwrap();
            sheet.merge_range(0, 4, 0, 5, upper[1], &Format::new()).unwrap();
            let lower = lower.map(Put::from);
            fill(sheet, 1, &[[row!["Group", "Product"], lower.to_vec()].concat(), row!["Bikes", "Road", 1, 2, 3, ""]]);
        })])
    };
    let bytes = over(["Jan 2024", "Feb 2024"], ["Sales", "Cost", "Sales", "Cost"]);
    let table = keyed(&bytes, measures(), &MEASURES).table().unwrap();
    assert_eq!(table, [["Bikes", "Road", "2024-01-01", "1", "2"], ["Bikes", "Road", "2024-02-01", "3", "∅"]]);
    let bytes = over(["Sales", "Cost"], ["Jan 2024", "Feb 2024", "Jan 2024", "Feb 2024"]);
    let table = keyed(&bytes, measures(), &MEASURES).table().unwrap();
    assert_eq!(table, [["Bikes", "Road", "2024-01-01", "1", "3"], ["Bikes", "Road", "2024-02-01", "2", "∅"]]);
}

#[test]
fn columns_by_pattern_and_all_the_rest() {
    let rows = vec![row!["Group", "Product", "Plan A", "Plan B", "Remark"], row!["Bikes", "Road", 1, 2, "new"]];
    let of = |unpivot: Value| json!({ "unpivot": unpivot });
    let columns = ["Product", "Month", "Amount", "Group", "Remark"];
    let patterns = of(json!({ "columns": ["plan ?"], "names_to": "Month", "values_to": "Amount" }));
    let table = keyed(&one(&rows), patterns, &columns).table().unwrap();
    assert_eq!(table, [["Bikes", "Road", "new", "Plan A", "1"], ["Bikes", "Road", "new", "Plan B", "2"]]);
    let rest = of(json!({ "kind": "rest", "names_to": "Month", "values_to": "Amount" }));
    assert_eq!(keyed(&one(&rows), rest, &columns).table().unwrap(), table);
}

#[test]
fn quarters_and_years() {
    let rows = vec![row!["Product", "Q1 2024", "Q2 2024"], row!["Road", 1, 2]];
    let of = |kind: &str| json!({ "unpivot": { "kind": kind, "names_to": "Month", "values_to": "Amount" } });
    let columns = ["Product", "Month", "Amount"];
    let table = keyed(&one(&rows), of("quarter"), &columns).table().unwrap();
    assert_eq!(table, [["Road", "2024-01-01", "1"], ["Road", "2024-04-01", "2"]]);
    let rows = vec![row!["Product", 2023, 2024], row!["Road", 1, 2]];
    let table = keyed(&one(&rows), of("year"), &columns).table().unwrap();
    assert_eq!(table, [["Road", "2023", "1"], ["Road", "2024", "2"]]);
}

#[test]
fn a_bad_figure_holds_back_its_month_and_a_bad_name_all_of_them() {
    let mut rows = analysis();
    rows[3] = row!["Bikes", "Road", 10, "n/a", 12.5, 33.5];
    rows.pop();
    let bytes = one(&rows);
    let staging = keyed(&bytes, months(json!({})), &COLUMNS).stage("l", &CurrentHashes::new()).unwrap();
    let reject = &staging.outcome.rejects[0];
    assert_eq!(rules(&staging.outcome.rejects), [(4, "not-a-decimal")]);
    assert!(reject.reason.ends_with("(cell D4)"), "{}", reject.reason);
    assert_eq!(reject.source_key.as_deref(), Some("Road|2024-02-01"));
    let bytes = patched_sheet(&bytes, "<c r=\"C4\"><v>10</v></c>", "<c r=\"C4\" t=\"e\"><v>#N/A</v></c>");
    let staging = keyed(&bytes, months(json!({})), &COLUMNS).stage("l", &CurrentHashes::new()).unwrap();
    let reject = &staging.outcome.rejects.iter().find(|reject| reject.rule == "error-cell").unwrap();
    assert!(reject.reason.starts_with("cell C4 holds the error #N/A"));
    assert_eq!((reject.source_key.as_deref(), reject.column.as_deref()), (Some("Road|2024-01-01"), Some("amount")));
    assert_eq!((staging.delivered_rows, staging.read_rows), (6, 6));
    let in_name = patched_sheet(&bytes, "<c r=\"B5\" t=\"s\">", "<c r=\"B5\" t=\"e\">");
    let staging = keyed(&in_name, months(json!({})), &COLUMNS).stage("l", &CurrentHashes::new()).unwrap();
    assert_eq!(staging.outcome.rejects.iter().filter(|reject| reject.row == Some(5)).count(), 2);
    assert_eq!((staging.delivered_rows, staging.read_rows), (6, 6));
}

#[test]
fn totals_down_and_across_are_checked() {
    let mut rows = analysis();
    rows[6] = row!["Total", "", 30, 12, 34.5, 75.5];
    rows[4] = row!["Bikes", "Mountain", 20, "", 22, 43];
    let staging = keyed(&one(&rows), months(json!({})), &COLUMNS).stage("l", &CurrentHashes::new()).unwrap();
    let reject = &staging.outcome.rejects[0];
    assert_eq!(reject.rule, "total-does-not-match");
    assert!(
        reject.reason.contains("cell D7 states a total of 12, but the 3 rows above it sum to 11"),
        "{}",
        reject.reason
    );
    assert!(reject.reason.contains("cell F7"));
    assert!(
        staging
            .notes
            .iter()
            .any(|note| note.contains("1 totals across do not match the cells beside them, the first of them in F5"))
    );
    assert_eq!(column(&staging.outcome.accepted, "amount").len(), 5);
}

#[test]
fn the_same_month_twice_is_refused() {
    let rows = vec![row!["Group", "Product", "Jan 2024", "2024-01"], row!["Bikes", "Road", 1, 2]];
    let failure = keyed(&one(&rows), months(json!({})), &COLUMNS).table().unwrap_err();
    assert!(failure.message.contains("\"2024-01-01\" more than once: the header cells C1 and D1"), "{failure}");
    let rows = vec![row!["Group", "Product", "Spring"], row!["Bikes", "Road", 1]];
    let failure = keyed(&one(&rows), months(json!({})), &COLUMNS).table().unwrap_err();
    assert!(failure.message.contains("no column that [excel.unpivot] turns into rows"), "{failure}");
}
