//! Tests of staging: the contract held against rows, and the account that closes whatever comes.

use std::collections::HashSet;

use onefold_contract::FailureKind;
use onefold_contract::change::{CurrentHashes, LOAD_ID, OPERATION, RUN, SOURCE, SOURCE_KEY};
use onefold_contract::reject::RejectScope;
use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::spec::{ExcludeSpec, UnknownColumns};
use crate::testing::{Bench, applied, column, rules};

fn none() -> CurrentHashes {
    CurrentHashes::new()
}

fn bench(text: &str, columns: &[&str]) -> Bench {
    let bench = Bench::csv("a.csv", columns);
    bench.write("a.csv", text);
    bench
}

/// What every staging must fulfil, whatever its rows.
fn closes(staging: &Staging) {
    let rejected = staging.outcome.rejects.iter().filter(|reject| reject.scope == RejectScope::Row).count() as u64;
    let counts = staging.counts;
    assert_eq!(staging.delivered_rows, staging.read_rows);
    assert_eq!(counts.read, counts.inserted + counts.updated + counts.unchanged);
    assert_eq!(staging.read_rows, counts.read + rejected + staging.excluded);
    for total in &staging.control_totals {
        assert_eq!(total.delivered, total.accounted, "{total:?}");
    }
}

#[test]
fn the_contract_types_numbers_and_flags_only() {
    let bench = bench("", &["id:identifier", "n:integer", "d:decimal", "f:flag", "born:birth_date", "income:money"]);
    let contract = staged_contract(&bench.spec);
    assert_eq!(contract.name.to_string(), "staged.crm");
    let types: Vec<String> =
        contract.columns.iter().map(|c| format!("{} {} {}", c.name, c.data_type, c.required)).collect();
    assert_eq!(
        types,
        [
            "id Utf8 true",
            "n Int64 false",
            "d Decimal128(28, 4) false",
            "f Boolean false",
            "born Utf8 false",
            "income Utf8 false"
        ]
    );
}

#[test]
fn rows_become_inserts_with_lineage() {
    let staging =
        bench("id,n,income\n 7 ,1,\"$90,000 \"\n8,,\n", &["id", "n:integer", "income:money"]).stage("load-1", &none());
    let staging = staging.unwrap();
    closes(&staging);
    let accepted = &staging.outcome.accepted;
    let lineage = |name| accepted.lineage(name).iter().flatten().collect::<Vec<_>>();
    assert_eq!(lineage(SOURCE_KEY), ["7", "8"]);
    assert_eq!(lineage(OPERATION), ["insert", "insert"]);
    assert_eq!((lineage(LOAD_ID)[0], lineage(RUN)[0], lineage(SOURCE)[0]), ("load-1", "run-1", "crm"));
    assert_eq!(
        (column(accepted, "id"), column(accepted, "income")),
        (vec![" 7 ".into(), "8".into()], vec!["$90,000 ".into(), String::new()])
    );
}

#[test]
fn bad_rows_are_rejected_with_column_rule_value_and_reason() {
    let text = "id,n,d,f,size\n1,x,1,y,S\n2,1,1.23456,y,S\n3,1,1,maybe,S\n4,1,1,y,XXL\n,1,1,y,S\n6,99999999999999999999,1,y,S\n7,,1,y,\n8,1,2,y,M\n";
    let mut bench = bench(text, &["id", "n:integer", "d:decimal", "f:flag", "size:category"]);
    bench.spec.columns[4].allowed = vec!["S".into(), "M".into()];
    bench.spec.columns[4].required = true;
    bench.spec.columns[1].required = true;
    let staging = bench.stage("l", &none()).unwrap();
    closes(&staging);
    let rejects = &staging.outcome.rejects;
    let expected = [
        (2, "not-an-integer"),
        (3, "decimal-too-fine"),
        (4, "not-a-flag"),
        (5, "value-not-allowed"),
        (6, "empty-key"),
        (7, "integer-too-large"),
        (8, "required-value-missing"),
    ];
    assert_eq!(rules(rejects), expected);
    let first = &rejects[0];
    assert_eq!((first.stage.as_str(), first.source_key.as_deref()), ("staged", Some("1")));
    assert_eq!((first.column.as_deref(), first.raw_value.as_deref()), (Some("n"), Some("x")));
    assert!(first.reason.starts_with("\"x\" in column n is not a whole number"), "{}", first.reason);
    assert_eq!(rejects[4].source_key, None);
    assert!(rejects[6].reason.contains("column n must have a value; also, column size must"), "{}", rejects[6].reason);
    assert_eq!(column(&staging.outcome.accepted, "id"), ["8"]);
}

#[test]
fn null_words_mean_no_value() {
    let mut bench = bench("id,n,name\nn/a,1,a\n1,N/A,-\n2,5,b\n", &["id", "n:integer", "name"]);
    for column in &mut bench.spec.columns {
        column.null_words = vec!["n/a".into(), "-".into()];
    }
    bench.spec.control_totals = vec!["n".into()];
    let staging = bench.stage("l", &none()).unwrap();
    closes(&staging);
    assert_eq!(rules(&staging.outcome.rejects), [(2, "empty-key")]);
    assert_eq!(column(&staging.outcome.accepted, "n"), ["", "5"]);
    assert_eq!(column(&staging.outcome.accepted, "name"), ["-", "b"], "texts are kept as received");
    assert_eq!(staging.control_totals[0].delivered, "6");
    bench.spec.columns[2].required = true;
    let staging = bench.stage("l", &none()).unwrap();
    assert!(staging.outcome.rejects[1].reason.contains("\"-\" means that it has none"));
}

#[test]
fn of_rows_with_one_key_the_first_stays() {
    let text = "id,n\n1,a\n2,b\n 1 ,a\n1,a\n1,c\n3,d\n3,d\n";
    let staging = bench(text, &["id", "n"]).stage("l", &none()).unwrap();
    closes(&staging);
    let expected = [(4, "duplicate-key"), (5, "duplicate-row"), (6, "duplicate-key"), (8, "duplicate-row")];
    assert_eq!(rules(&staging.outcome.rejects), expected);
    assert!(staging.outcome.rejects[2].reason.contains("line 2 of"), "{}", staging.outcome.rejects[2].reason);
    assert_eq!(staging.outcome.rejects[3].source_key.as_deref(), Some("3"));
    assert_eq!(column(&staging.outcome.accepted, "n"), ["a", "b", "d"]);
}

#[test]
fn duplicates_are_found_across_blocks_and_files() {
    let bench = Bench::csv("*.csv", &["id", "n:integer", "f:flag", "d:decimal"]);
    let row = |i: u32| format!("{i},{i},{},{i}.5\n", if i.is_multiple_of(2) { "y" } else { "" });
    let rows: Vec<String> = (0..20_000).map(row).collect();
    let rows = rows.concat();
    bench.write("1.csv", format!("id,n,f,d\n{rows}19999,19999,,19999.5\n12,12,y,12.5\n13,13,n,13.5\n"));
    bench.write("2.csv", "id,n,f,d\n9000,9000,Y,9000.50\n9001,9001,,9001\n20000,1,,\n");
    let staging = bench.stage("l", &none()).unwrap();
    closes(&staging);
    let rejects = &staging.outcome.rejects;
    let expected = [
        (20_002, "duplicate-row"),
        (20_003, "duplicate-row"),
        (20_004, "duplicate-key"),
        (2, "duplicate-row"),
        (3, "duplicate-key"),
    ];
    assert_eq!(rules(rejects), expected);
    assert!(rejects[4].reason.contains("line 9003 of") && rejects[4].reason.contains("1.csv"), "{}", rejects[4].reason);
    assert_eq!(staging.counts.inserted, 20_001);
}

#[test]
fn a_bad_first_row_leaves_its_key_to_the_next() {
    let staging = bench("id,n\n1,x\n1,5\n", &["id", "n:integer"]).stage("l", &none()).unwrap();
    closes(&staging);
    assert_eq!((rules(&staging.outcome.rejects), staging.counts.inserted), (vec![(2, "not-an-integer")], 1));
}

#[test]
fn keys_of_several_columns_are_joined() {
    let mut bench = bench("order,line\nA|1,2\nA,1|2\nA,\n", &["order", "line"]);
    bench.spec.key = vec!["order".into(), "line".into()];
    let staging = bench.stage("l", &none()).unwrap();
    let keys: Vec<_> = staging.outcome.accepted.lineage(SOURCE_KEY).iter().flatten().map(String::from).collect();
    assert_eq!(keys, [r"A\|1|2", r"A|1\|2"]);
    assert_eq!(staging.outcome.rejects[0].column.as_deref(), Some("line"));
}

#[test]
fn rows_are_left_out_by_rule_and_counted() {
    let mut bench = bench("id,state,n\n1,test,bad\n2,live,5\n,test,7\n2,test,8\n4,,9\n", &["id", "state", "n:integer"]);
    let rule = |values: &[&str]| ExcludeSpec {
        column: "state".into(),
        values: values.iter().map(ToString::to_string).collect(),
        reason: "no customers".into(),
    };
    bench.spec.control_totals = vec!["n".into()];
    bench.spec.exclude = vec![rule(&["test"])];
    let staging = bench.stage("l", &none()).unwrap();
    closes(&staging);
    assert_eq!((staging.excluded, staging.outcome.rejects.len(), staging.counts.inserted), (3, 0, 2));
    let total = &staging.control_totals[0];
    assert_eq!((total.delivered.as_str(), total.accepted.as_str(), total.excluded.as_str()), ("29", "14", "15"));
    bench.spec.exclude = vec![rule(&["test", ""])];
    assert_eq!(bench.stage("l", &none()).unwrap().excluded, 4);
}

#[test]
fn control_totals_are_exact_and_split_by_what_became_of_the_row() {
    let text = "id,q,d\n1,3,0.1\n2,4,0.2\n3,x,0.3\n4,5,1.00001\n2,4,0.2\n5,-1,-0.7\n6,,\n";
    let mut bench = bench(text, &["id", "q:integer", "d:decimal"]);
    bench.spec.control_totals = vec!["d".into(), "q".into()];
    let staging = bench.stage("l", &none()).unwrap();
    closes(&staging);
    let sums = |place: usize| {
        let total = &staging.control_totals[place];
        [total.delivered.as_str(), total.accepted.as_str(), total.quarantined.as_str(), total.excluded.as_str()]
    };
    assert_eq!(sums(0), ["0.1", "-0.4", "0.5", "0"]);
    assert_eq!(sums(1), ["15", "6", "9", "0"]);
    assert_eq!(staging.control_totals[1].total().name, "sum of q");
}

#[test]
fn a_second_load_yields_only_what_changed() {
    let bench = bench("id,n\n1,a\n2,b\n3,c\n4,d\n", &["id", "n"]);
    let current = applied(&bench.stage("load-1", &none()).unwrap().outcome.accepted);
    let again = bench.stage("load-2", &current).unwrap();
    closes(&again);
    assert_eq!((again.outcome.accepted.len(), again.counts.unchanged), (0, 4));
    bench.write("a.csv", "id,n\n5,e\n3,c\n2,B\n1,a\n");
    let changed = bench.stage("load-3", &current).unwrap();
    closes(&changed);
    let lineage = |name| changed.outcome.accepted.lineage(name).iter().flatten().map(String::from).collect::<Vec<_>>();
    assert_eq!(lineage(OPERATION), ["insert", "update", "delete"]);
    assert_eq!(lineage(SOURCE_KEY), ["5", "2", "4"]);
}

#[test]
fn a_record_whose_row_is_bad_is_not_deleted() {
    let bench = bench("id,n\n1,5\n2,6\n3,7\n4,8\n", &["id", "n:integer"]);
    let current = applied(&bench.stage("load-1", &none()).unwrap().outcome.accepted);
    bench.write("a.csv", "id,n\n1,x\n2,6,7\n3,7\n");
    let staging = bench.stage("load-2", &current).unwrap();
    closes(&staging);
    assert_eq!(rules(&staging.outcome.rejects), [(3, "ragged-row"), (2, "not-an-integer")]);
    let gone: Vec<_> = staging.outcome.accepted.lineage(SOURCE_KEY).iter().flatten().collect();
    assert_eq!((gone, staging.counts.deleted), (vec!["4"], 1));
}

#[test]
fn a_row_without_a_readable_key_holds_every_delete() {
    let mut bench = bench("id,n\na,1\nb,2\nc,3\n", &["n", "id"]);
    bench.spec.key = vec!["n".into()];
    let current = applied(&bench.stage("load-1", &none()).unwrap().outcome.accepted);
    bench.write("a.csv", "id,n\na,1\njunk\n");
    let staging = bench.stage("load-2", &current).unwrap();
    closes(&staging);
    assert_eq!((staging.counts.deleted, staging.counts.unchanged), (0, 1));
    assert!(staging.notes.iter().any(|note| note.contains("2 records that are missing")), "{:?}", staging.notes);
}

#[test]
fn a_row_that_lost_its_key_holds_every_delete_and_an_empty_row_does_not() {
    let bench = bench("id,n\n1,5\n2,6\n", &["id", "n"]);
    let current = applied(&bench.stage("load-1", &none()).unwrap().outcome.accepted);
    for (row, deleted) in [(",6", 0), (",", 1), (" , ", 1), ("1,\"x\ny\"z", 0)] {
        bench.write("a.csv", format!("id,n\n1,5\n{row}\n"));
        let staging = bench.stage("load-2", &current).unwrap();
        closes(&staging);
        assert_eq!((staging.outcome.rejects.len(), staging.counts.deleted), (1, deleted), "{row:?}");
    }
}

#[test]
fn unknown_columns_are_reported_or_refused() {
    let mut bench = bench("id,zip,n,area\n1,x,2,y\n", &["id", "n"]);
    assert_eq!(bench.stage("l", &none()).unwrap().unknown_columns, ["area", "zip"]);
    bench.spec.unknown_columns = UnknownColumns::Refuse;
    let failure = bench.stage("l", &none()).unwrap_err();
    assert_eq!(failure.kind, FailureKind::Source);
    assert!(failure.message.contains("\"area\", \"zip\""), "{failure}");
}

#[test]
fn one_column_may_be_declared_twice() {
    let mut bench = bench("id,n\n1,2\n", &["id", "n:integer"]);
    let twin: crate::spec::ColumnSpec =
        serde_json::from_value(json!({ "name": "text", "from": "n", "kind": "free_text" })).unwrap();
    bench.spec.columns.push(twin);
    let staging = bench.stage("l", &none()).unwrap();
    assert_eq!((column(&staging.outcome.accepted, "text"), staging.unknown_columns.len()), (vec!["2".to_string()], 0));
}

#[test]
fn a_landed_file_that_is_not_what_was_landed_fails_the_load() {
    let bench = bench("id,n\n1,a\n2,b\n3,c\n", &["id", "n"]);
    let landing = bench.land("l").unwrap();
    let path = &landing.partitions[0].path;
    let whole = std::fs::read(path).unwrap();
    let failure = || stage(&bench.spec, bench.extractor().as_ref(), &landing, "r", &none()).unwrap_err();
    for damaged in [&whole[..whole.len() - 4], b"id,n\n1,a\n2,b\n3,d\n"] {
        std::fs::write(path, damaged).unwrap();
        assert_eq!(failure().kind, FailureKind::Source);
    }
    std::fs::write(path, &whole).unwrap();
    let mut fewer = landing.clone();
    fewer.partitions[0].trailer.rows = 4;
    let failure = stage(&bench.spec, bench.extractor().as_ref(), &fewer, "r", &none()).unwrap_err();
    assert!(failure.message.contains("4 rows were delivered, but 3 came out"), "{failure}");
    std::fs::remove_file(path).unwrap();
    let failure = stage(&bench.spec, bench.extractor().as_ref(), &landing, "r", &none()).unwrap_err();
    assert_eq!(failure.kind, FailureKind::State);
}

/// Rows of a hostile export: good and bad numbers, repeated, empty and padded keys, rows of the wrong width.
fn hostile() -> impl Strategy<Value = Vec<String>> {
    let key =
        prop_oneof![6 => (0u8..12).prop_map(|k| k.to_string()), 1 => Just(String::new()), 1 => Just(" 3 ".to_string())];
    let number = prop_oneof![
        5 => (-500i32..500).prop_map(|n| n.to_string()),
        3 => (-5000i32..5000).prop_map(|n| format!("{}{}.{:04}", if n < 0 { "-" } else { "" }, n.abs() / 100, n.abs() % 100 * 7)),
        1 => Just(String::new()),
        1 => "[x0-9.,+ -]{0,6}",
    ];
    let row = (key, number.clone(), number, "[yn]?", 0u8..12).prop_map(|(key, a, b, flag, shape)| {
        let row = [key.as_str(), &a, &b, &flag].map(|v| format!("\"{v}\"")).join(",");
        match shape {
            0 => format!("{row},\"more\""),
            1 => format!("\"{key}\""),
            _ => row,
        }
    });
    proptest::collection::vec(row, 1..30)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn the_account_closes_whatever_comes(first in hostile(), second in hostile()) {
        let mut bench = Bench::csv("a.csv", &["id", "q:integer", "d:decimal", "f:flag"]);
        bench.spec.control_totals = vec!["q".into(), "d".into()];
        bench.spec.exclude = vec![ExcludeSpec { column: "f".into(), values: vec!["n".into()], reason: "r".into() }];
        let write = |rows: &[String]| bench.write("a.csv", format!("id,q,d,f\n{}\n", rows.join("\n")));
        write(&first);
        let one = bench.stage("load-1", &none()).unwrap();
        closes(&one);
        let before = applied(&one.outcome.accepted);
        prop_assert_eq!(before.len() as u64, one.counts.inserted);
        write(&second);
        let two = bench.stage("load-2", &before).unwrap();
        closes(&two);
        let held: HashSet<_> = two.outcome.rejects.iter().filter_map(|r| r.source_key.clone()).collect();
        let accepted = &two.outcome.accepted;
        for row in 0..accepted.len() {
            let key = accepted.lineage(SOURCE_KEY).value(row);
            let deleted = accepted.lineage(OPERATION).value(row) == "delete";
            prop_assert_eq!(deleted && held.contains(key), false, "{} is in quarantine and deleted", key);
            prop_assert_eq!(before.contains_key(key), accepted.lineage(OPERATION).value(row) != "insert");
        }
        // The same load again finds nothing to do but what quarantine held back.
        write(&first);
        prop_assert_eq!(bench.stage("load-3", &before).unwrap().outcome.accepted.len(), 0);
    }
}
