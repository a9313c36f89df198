use onefold_contract::change::CurrentHashes;

use super::*;
use crate::staging::Staging;
use crate::testing::rules;

const COLUMNS: [&str; 3] = ["Customer", "City", "Amount:decimal"];

fn sales(more: &[Vec<Put>]) -> Vec<u8> {
    let rows = vec![row!["Customer", "City", "Amount"], row!["Ann", "Bonn", 10.1], row!["Bob", "Köln", 20.2]];
    one(&[rows, more.to_vec()].concat())
}

fn stage(bytes: &[u8], settings: Value, columns: &[&str]) -> Staging {
    source(bytes, settings, columns).stage("l", &CurrentHashes::new()).unwrap()
}

#[test]
fn a_row_of_totals_that_matches_is_left_out_and_kept_as_a_total() {
    let staging = stage(&sales(&[row!["Total", "", 30.3]]), json!({}), &COLUMNS);
    assert_eq!((staging.delivered_rows, staging.read_rows, staging.excluded, staging.counts.inserted), (3, 3, 1, 2));
    assert!(staging.outcome.rejects.is_empty());
    let total = &staging.stated_totals[0];
    assert!(total.name.starts_with("total of Amount that cell C4 of"), "{}", total.name);
    assert_eq!((total.delivered.as_str(), total.accounted.as_str()), ("30.3", "30.3"));
    assert!(staging.notes[0].ends_with("rule totals-row leaves out row 4"), "{:?}", staging.notes);
}

#[test]
fn a_total_that_does_not_match_is_a_reject() {
    let staging = stage(&sales(&[row!["Summe:", "", 31.3]]), json!({}), &COLUMNS);
    let reject = &staging.outcome.rejects[0];
    assert_eq!((reject.rule.as_str(), reject.column.as_deref()), ("total-does-not-match", Some("amount")));
    assert_eq!((reject.row, reject.raw_value.as_deref()), (Some(4), Some("31.3")));
    assert!(
        reject.reason.starts_with("cell C4 states a total of 31.3, but the 2 rows above it sum to 30.3"),
        "{}",
        reject.reason
    );
    assert_eq!((staging.delivered_rows, staging.excluded, staging.counts.inserted), (3, 0, 2));
    assert!(staging.stated_totals.is_empty());
}

#[test]
fn subtotals_and_a_grand_total() {
    let more = [
        row!["Subtotal", "", 30.3],
        row!["Cid", "Ulm", 5],
        row!["Dan", "Ulm", 6],
        row!["Total Ulm", "", 11],
        row!["Grand total", "", 41.3],
    ];
    let staging = stage(&sales(&more), json!({}), &COLUMNS);
    assert_eq!((staging.excluded, staging.counts.inserted, staging.outcome.rejects.len()), (3, 4, 0));
    let sums: Vec<&str> = staging.stated_totals.iter().map(|total| total.accounted.as_str()).collect();
    assert_eq!(sums, ["30.3", "11", "41.3"]);
}

#[test]
fn totals_without_a_label_are_known_by_their_figures() {
    let staging = stage(&sales(&[row!["", "", 30.3]]), json!({}), &COLUMNS);
    assert_eq!((staging.excluded, staging.counts.inserted), (1, 2));
    // Another figure without a label is a row that lost its key.
    let staging = stage(&sales(&[row!["", "", 30.4]]), json!({}), &COLUMNS);
    assert_eq!(rules(&staging.outcome.rejects), [(4, "empty-key")]);
}

#[test]
fn a_customer_called_total_is_a_customer() {
    let more = [row!["Total Wine", "Rome", 7], row!["Sum Ltd", "Oslo", 8], row!["Total", "Paris", 9]];
    let staging = stage(&sales(&more), json!({}), &COLUMNS);
    assert_eq!((staging.excluded, staging.counts.inserted), (0, 5));
}

#[test]
fn words_and_columns_that_are_no_sums_can_be_named() {
    let rows = [row!["Customer", "Amount", "Price"], row!["Ann", 10, 2], row!["Bob", 20, 4], row!["Ergebnis", 30, 3]];
    let columns = ["Customer", "Amount:integer", "Price:integer"];
    let settings = json!({ "totals_words": ["Ergebnis"], "unchecked_totals": ["price"] });
    let staging = stage(&one(&rows), settings, &columns);
    assert_eq!((staging.excluded, staging.counts.inserted, staging.outcome.rejects.len()), (1, 2, 0));
    let staging = stage(&one(&rows), json!({ "totals_words": ["Ergebnis"] }), &columns);
    assert!(staging.outcome.rejects[0].reason.contains("cell C4 states a total of 3"));
}

#[test]
fn totals_can_be_kept_as_rows() {
    let staging = stage(&sales(&[row!["Total", "", 30.3]]), json!({ "totals": "keep" }), &COLUMNS);
    assert_eq!((staging.excluded, staging.counts.inserted), (0, 3));
}

#[test]
fn totals_of_a_free_file_need_not_all_be_sums() {
    let rows = [row!["Customer", "Amount", "Price"], row!["Ann", 10, 2], row!["Bob", 20, 4], row!["Total", 30, 3]];
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.xlsx");
    std::fs::write(&path, one(&rows)).unwrap();
    let blocks: Vec<_> = crate::open_any(&path, &crate::OpenOptions::default()).unwrap().map(Result::unwrap).collect();
    assert_eq!((blocks[0].batch.num_rows(), blocks[0].left_out.len(), blocks[0].rejects.len()), (2, 1, 0));
}
