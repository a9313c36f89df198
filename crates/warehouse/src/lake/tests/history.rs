//! Histories of drafts against a model in memory.

use std::collections::BTreeMap;

use onefold_contract::FailureKind;
use onefold_contract::change::{LINEAGE, OPERATION, RECORD_HASH, SOURCE_KEY};
use onefold_contract::publisher::{Published, Publisher, TableChange};
use onefold_contract::table::TableName;
use proptest::prelude::*;

use super::support::*;
use crate::lake::{Lake, TableKind};

/// What a draft does to one table.
#[derive(Debug, Clone)]
enum Act {
    /// Appends changes or rows, with one column more than there are or not.
    Append { rows: Vec<(bool, u8, u8)>, wider: bool },
    /// Replaces all rows.
    Replace { rows: Vec<(bool, u8, u8)>, shape: u8 },
    /// Replaces the rows by themselves in another order.
    Restate,
}

/// A table: its columns and its rows, column to value where there is one.
#[derive(Debug, Clone, Default, PartialEq)]
struct Table {
    columns: Vec<String>,
    rows: Vec<BTreeMap<String, String>>,
}

type Tables = BTreeMap<TableName, Table>;

fn acts() -> impl Strategy<Value = Act> {
    let rows = || prop::collection::vec((prop::bool::weighted(0.25), 0u8..6, 0u8..4), 0..5);
    prop_oneof![
        3 => (rows(), prop::bool::weighted(0.2)).prop_map(|(rows, wider)| Act::Append { rows, wider }),
        2 => (rows(), 0u8..3).prop_map(|(rows, shape)| Act::Replace { rows, shape }),
        1 => Just(Act::Restate),
    ]
}

/// Drafts of acts over four tables, two of them tables of changes.
fn histories() -> impl Strategy<Value = Vec<BTreeMap<u8, Act>>> {
    prop::collection::vec(prop::collection::btree_map(0u8..4, acts(), 0..4), 1..6)
}

fn name(table: u8) -> TableName {
    match table {
        0 => staged("crm"),
        1 => TableName::new(onefold_contract::table::Layer::Standardized, "crm"),
        2 => mart("dim_customer"),
        _ => mart("Ünïcode \"tablé\""),
    }
}

fn columns(table: u8, shape: u8) -> Vec<String> {
    let lineage = LINEAGE.iter().filter(|_| table < 2).map(ToString::to_string);
    let content = ["value".to_string(), format!("shape {shape}")];
    lineage.chain(content.into_iter().take(if shape == 0 { 1 } else { 2 })).collect()
}

fn row(columns: &[String], run: u64, (removes, key, value): (bool, u8, u8)) -> BTreeMap<String, String> {
    let cell = |column: &String| match column.as_str() {
        "_operation" => Some(if removes { "delete" } else { "insert" }.to_string()),
        "_record_hash" => (!removes).then(|| format!("h{value}")),
        "_load_id" | "_run" => Some(format!("run-{run:04}")),
        "_source" => Some("crm".into()),
        "_source_key" => Some(format!("k{key}")),
        // Some values are absent, so that columns of nothing but absent values come up too.
        _ => (value > 0).then(|| format!("é{value}")),
    };
    columns.iter().filter_map(|column| cell(column).map(|value| (column.clone(), value))).collect()
}

fn batch(table: &Table) -> arrow::array::RecordBatch {
    let columns: Vec<&str> = table.columns.iter().map(String::as_str).collect();
    let rows: Vec<Vec<&str>> = table
        .rows
        .iter()
        .map(|row| columns.iter().map(|column| row.get(*column).map_or("-", String::as_str)).collect())
        .collect();
    texts(&columns, &rows.iter().map(Vec::as_slice).collect::<Vec<_>>())
}

/// What the act hands in, and what the table is afterwards.
fn apply(act: &Act, place: u8, run: u64, there: Option<&Table>) -> (TableChange, Table) {
    let filled = |columns: Vec<String>, rows: &[(bool, u8, u8)]| {
        let rows = rows.iter().map(|cells| row(&columns, run, *cells)).collect();
        Table { columns, rows }
    };
    match (act, there) {
        (Act::Replace { rows, shape }, _) => {
            let table = filled(columns(place, *shape), rows);
            (TableChange::Replace(batch(&table)), table)
        }
        (Act::Append { rows, wider }, _) => {
            let mut after = there.cloned().unwrap_or_else(|| filled(columns(place, 0), &[]));
            after.columns.extend(wider.then(|| format!("added in {run}")));
            let more = filled(after.columns.clone(), rows);
            after.rows.extend(more.rows.clone());
            (TableChange::Append(batch(&more)), after)
        }
        (Act::Restate, _) => {
            let after = there.cloned().unwrap_or_else(|| filled(columns(place, 0), &[]));
            let turned = Table { rows: after.rows.iter().rev().cloned().collect(), ..after.clone() };
            (TableChange::Replace(batch(&turned)), after)
        }
    }
}

/// Content that equals for the lake: columns in order, rows in none, run-audit values left out.
fn bare(table: &Table) -> (Vec<String>, Vec<BTreeMap<String, String>>) {
    let without = |row: &BTreeMap<String, String>| {
        row.iter()
            .filter(|(column, _)| *column != "_run" && *column != "_load_id")
            .map(|(c, v)| (c.clone(), v.clone()))
            .collect()
    };
    let mut rows: Vec<BTreeMap<String, String>> = table.rows.iter().map(without).collect();
    rows.sort();
    (table.columns.clone(), rows)
}

/// The table as the model has it, read from the lake.
fn read(lake: &Lake, release: u64, name: &TableName) -> Table {
    let batch = lake.read(release, name).unwrap().unwrap();
    from_batch(&batch)
}

fn from_batch(batch: &arrow::array::RecordBatch) -> Table {
    use arrow::array::{Array, AsArray};
    let columns: Vec<String> = batch.schema().fields().iter().map(|f| f.name().clone()).collect();
    let cell = |row: usize, place: usize| {
        let values = batch.column(place).as_string::<i32>();
        (!values.is_null(row)).then(|| (columns[place].clone(), values.value(row).to_string()))
    };
    let rows = (0..batch.num_rows()).map(|row| (0..columns.len()).filter_map(|c| cell(row, c)).collect()).collect();
    Table { columns, rows }
}

/// The last change of each key, where it does not remove.
fn left(table: &Table) -> Vec<BTreeMap<String, String>> {
    let mut last = BTreeMap::new();
    for row in &table.rows {
        last.insert(row[SOURCE_KEY].clone(), row.clone());
    }
    last.into_values().filter(|row| row[OPERATION] != "delete").collect()
}

fn check_release(lake: &Lake, release: u64, tables: &Tables) {
    let names: Vec<TableName> = lake.tables(release).unwrap().into_iter().map(|t| t.name).collect();
    assert_eq!(names, tables.keys().cloned().collect::<Vec<_>>());
    for (place, table) in (0..4).filter_map(|place| tables.get(&name(place)).map(|table| (place, table))) {
        let name = name(place);
        let there = read(lake, release, &name);
        assert_eq!(bare(&there), bare(table), "{name} in release {release}");
        let current = from_batch(&lake.current(release, &name).unwrap().unwrap());
        if place < 2 {
            assert_eq!(there.rows, table.rows, "the order of changes in {name}");
            assert_eq!(current.rows, left(table));
            let hashes = lake.current_hashes(release, &name, Some("crm")).unwrap();
            let expected =
                left(table).into_iter().map(|row| (row[SOURCE_KEY].clone(), row[RECORD_HASH].clone())).collect();
            assert_eq!(hashes, expected);
            assert!(lake.current_hashes(release, &name, Some("shop")).unwrap().is_empty());
        } else {
            assert_eq!(current.rows, there.rows);
        }
    }
}

/// Publishes one draft and holds the lake against the model; gives the model afterwards.
fn step(lake: &Lake, root: &std::path::Path, number: u64, acts: &BTreeMap<u8, Act>, before: &Tables) -> Tables {
    let mut after = before.clone();
    let mut changes = Vec::new();
    for (place, act) in acts {
        let (change, table) = apply(act, *place, number, before.get(&name(*place)));
        changes.push((name(*place), change));
        // A replacement by the same content leaves the rows that are there, with their run-audit values.
        let same = before.get(&name(*place)).is_some_and(|there| bare(there) == bare(&table));
        if !same || !matches!(act, Act::Replace { .. }) {
            after.insert(name(*place), table);
        }
    }
    let base = lake.head().unwrap();
    let files = files_below(&root.join("lake/data"));
    let published = lake.publish(draft(number, base, changes)).unwrap();
    if &after == before {
        assert_eq!(published, Published::Unchanged(base));
        assert_eq!(lake.head().unwrap(), base);
        assert_eq!(files_below(&root.join("lake/data")), files, "something was written for no change");
    } else {
        assert_eq!(published, Published::Release(base.unwrap_or(0) + 1));
        let release = lake.release(base.unwrap_or(0) + 1).unwrap();
        for table in release.tables {
            let differs = before.get(&table.name) != after.get(&table.name);
            assert_eq!(table.changed, differs, "{} in release {}", table.name, release.id);
        }
    }
    after
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]
    #[test]
    fn every_release_reads_as_the_model_at_its_time(history in histories()) {
        let root = tempfile::tempdir().unwrap();
        let lake = open(root.path());
        let mut releases: BTreeMap<u64, Tables> = BTreeMap::new();
        let mut tables = Tables::new();
        for (number, acts) in (1..).zip(&history) {
            tables = step(&lake, root.path(), number, acts, &tables);
            if let Some(head) = lake.head().unwrap() {
                releases.insert(head, tables.clone());
            }
        }
        prop_assert_eq!(lake.releases().unwrap().len(), releases.len());
        drop(lake);
        if releases.is_empty() {
            prop_assert_eq!(open(root.path()).head().unwrap(), None);
        } else {
            let lake = Lake::open_read_only(root.path()).unwrap();
            for (release, tables) in &releases {
                check_release(&lake, *release, tables);
            }
        }
    }
}

#[test]
fn two_lakes_of_the_same_history_are_the_same_bytes() {
    let roots = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let written = roots.each_ref().map(|root| {
        let lake = open(root.path());
        let rows = changes("run-0001", &[("insert", "a", "1"), ("insert", "b", "2")], &[]);
        publish(&lake, draft(1, None, vec![(staged("crm"), TableChange::Append(rows))]));
        let rows = changes("run-0002", &[("update", "a", "3")], &["later"]);
        publish(&lake, draft(2, Some(1), vec![(staged("crm"), TableChange::Append(rows))]));
        let files = files_below(&root.path().join("lake/data"));
        let named = |path: &std::path::PathBuf| path.strip_prefix(root.path()).unwrap().to_path_buf();
        let bytes: Vec<_> = files.iter().map(|path| (named(path), std::fs::read(path).unwrap())).collect();
        (bytes, lake.releases().unwrap(), uuids(root.path()))
    });
    assert_eq!(written[0], written[1]);
    assert_eq!(written[0].0.len(), 2);
}

fn uuids(root: &std::path::Path) -> Vec<String> {
    let catalogue = rusqlite::Connection::open(root.join("lake/catalogue.sqlite")).unwrap();
    let sql = "SELECT schema_uuid FROM ducklake_schema UNION ALL SELECT table_uuid FROM ducklake_table";
    let mut statement = catalogue.prepare(sql).unwrap();
    statement.query_map([], |row| row.get(0)).unwrap().collect::<Result<_, _>>().unwrap()
}

#[test]
fn a_release_tells_what_it_pins_and_holds() {
    let root = tempfile::tempdir().unwrap();
    let lake = open(root.path());
    let rows = changes("run-0001", &[("insert", "a", "1"), ("insert", "b", "2")], &[]);
    publish(&lake, draft(1, None, vec![(staged("crm"), TableChange::Append(rows))]));
    let release = lake.release(1).unwrap();
    assert_eq!((release.run.as_str(), release.pipeline.as_str(), release.fencing_token), ("run-0001", "demo", 1));
    assert_eq!(release.published_at, "2023-11-14T22:13:21.000001Z");
    assert_eq!((release.pins.epoch.as_str(), release.pins.extractors["crm"].as_u64()), ("E0001", Some(1)));
    assert_eq!(release.balance[0]["table"], "staged.crm");
    let table = &release.tables[0];
    assert_eq!((table.kind, table.rows, table.files, table.changed), (TableKind::Changes, 2, 1, true));
    let bytes: u64 = files_below(&root.path().join("lake/data")).iter().map(|p| p.metadata().unwrap().len()).sum();
    assert_eq!(table.bytes, bytes);
    let json = serde_json::to_value(&release).unwrap();
    assert_eq!(
        (json["tables"][0]["name"].as_str(), json["tables"][0]["kind"].as_str()),
        (Some("staged.crm"), Some("changes"))
    );
}

#[test]
fn a_new_epoch_is_a_release_and_a_new_extractor_state_is_none() {
    let root = tempfile::tempdir().unwrap();
    let lake = open(root.path());
    let rows = || TableChange::Replace(texts(&["a"], &[&["1"]]));
    publish(&lake, draft(1, None, vec![(mart("t"), rows())]));
    assert_eq!(lake.publish(draft(2, Some(1), vec![(mart("t"), rows())])).unwrap(), Published::Unchanged(Some(1)));
    let mut adopted = draft(3, Some(1), vec![(mart("t"), rows())]);
    adopted.pins.epoch = "E0002".into();
    assert_eq!(lake.publish(adopted).unwrap(), Published::Release(2));
    let (one, two) = (lake.release(1).unwrap(), lake.release(2).unwrap());
    assert_eq!(one.digest, two.digest);
    assert!(!two.tables[0].changed);
    assert_eq!(files_below(&root.path().join("lake/data")).len(), 1, "the file is shared");
}

#[test]
fn an_append_that_drops_or_retypes_a_column_is_refused_by_name() {
    let root = tempfile::tempdir().unwrap();
    let lake = open(root.path());
    publish(&lake, draft(1, None, vec![(mart("t"), TableChange::Append(texts(&["a", "b"], &[&["1", "2"]])))]));
    let narrow = TableChange::Append(texts(&["a"], &[&["1"]]));
    let failure = lake.publish(draft(2, Some(1), vec![(mart("t"), narrow)])).unwrap_err();
    assert_eq!(failure.kind, FailureKind::Usage);
    assert_eq!(failure.message, "the rows to append to table mart.t lack its column b (varchar)");
    let numbers = arrow::array::Int64Array::from(vec![1]);
    let batch = texts(&["a", "b"], &[&["1", "2"]]);
    let schema = arrow::datatypes::Schema::new(vec![
        batch.schema().field(0).clone(),
        arrow::datatypes::Field::new("b", arrow::datatypes::DataType::Int64, true),
    ]);
    let columns: Vec<arrow::array::ArrayRef> = vec![batch.column(0).clone(), std::sync::Arc::new(numbers)];
    let retyped = arrow::array::RecordBatch::try_new(std::sync::Arc::new(schema), columns).unwrap();
    let failure = lake.publish(draft(2, Some(1), vec![(mart("t"), TableChange::Append(retyped))])).unwrap_err();
    assert_eq!(failure.message, "column b of table mart.t is varchar and the rows to append have int64");
    assert_eq!(lake.head().unwrap(), Some(1));
}

#[test]
fn tables_that_sql_takes_for_one_are_refused() {
    let root = tempfile::tempdir().unwrap();
    let lake = open(root.path());
    let rows = || TableChange::Append(texts(&["a"], &[&["1"]]));
    assert!(lake.publish(draft(1, None, vec![(mart("t"), rows()), (mart("T"), rows())])).is_err());
    publish(&lake, draft(1, None, vec![(mart("t"), rows()), (staged("t"), rows())]));
    let failure = lake.publish(draft(2, Some(1), vec![(mart("T"), rows())])).unwrap_err();
    assert!(failure.message.contains("differ in case alone"), "{failure}");
}

#[test]
fn a_release_that_is_not_there_names_those_that_are() {
    let root = tempfile::tempdir().unwrap();
    let lake = open(root.path());
    let failure = lake.release(1).unwrap_err();
    assert_eq!(failure.kind, FailureKind::Usage);
    assert!(failure.hints[0].contains("nothing was published yet"), "{failure}");
    for number in 1..=3 {
        let rows = TableChange::Append(texts(&["a"], &[&["1"]]));
        publish(&lake, draft(number, lake.head().unwrap(), vec![(mart("t"), rows)]));
    }
    for failure in [
        lake.release(9).unwrap_err(),
        lake.tables(0).unwrap_err(),
        lake.read(4, &mart("t")).unwrap_err(),
        lake.current_hashes(4, &mart("t"), None).unwrap_err(),
    ] {
        assert_eq!(failure.kind, FailureKind::Usage);
        assert_eq!(failure.hints, ["the releases there are: 1-3"]);
    }
    assert!(lake.read(3, &mart("other")).unwrap().is_none());
}

#[test]
fn a_root_without_a_lake_cannot_be_read_and_stays_as_it_is() {
    let root = tempfile::tempdir().unwrap();
    let failure = Lake::open_read_only(root.path()).err().unwrap();
    assert_eq!(failure.kind, FailureKind::State);
    assert!(failure.hints[0].contains("onefold run"), "{failure}");
    assert_eq!(std::fs::read_dir(root.path()).unwrap().count(), 0);
}

#[test]
fn a_missing_or_damaged_data_file_is_named() {
    let root = tempfile::tempdir().unwrap();
    let lake = open(root.path());
    let rows = TableChange::Append(texts(&["a"], &[&["1"]]));
    publish(&lake, draft(1, None, vec![(mart("t"), rows)]));
    let file = files_below(&root.path().join("lake/data")).remove(0);
    let bytes = std::fs::read(&file).unwrap();
    std::fs::write(&file, &bytes[..bytes.len() / 2]).unwrap();
    let failure = lake.read(1, &mart("t")).unwrap_err();
    assert!(failure.kind == FailureKind::State && failure.message.contains(file.to_str().unwrap()), "{failure}");
    std::fs::remove_file(&file).unwrap();
    assert!(lake.read(1, &mart("t")).unwrap_err().message.contains("could not be read"));
}
