//! Tests of SQLite, against databases made here.

use std::path::Path;

use onefold_contract::change::CurrentHashes;
use onefold_contract::extractor::ExtractorState;
use onefold_contract::{Failure, FailureKind};
use rusqlite::Connection;

use crate::testing::{Bench, column, contents, table};

fn bench(sql: &str, table: &str, columns: &[&str]) -> Bench {
    let bench = Bench::sqlite("crm.db", table, columns);
    make(&bench.path("crm.db"), sql);
    bench
}

fn make(path: &Path, sql: &str) {
    Connection::open(path).unwrap().execute_batch(sql).unwrap();
}

fn refused(bench: &Bench) -> Failure {
    let failure = bench.land("l").unwrap_err();
    assert_eq!(failure.kind, FailureKind::Source, "{failure}");
    assert!(failure.message.contains("crm.db") && failure.message.contains("crm"), "{failure}");
    failure
}

#[test]
fn values_keep_the_type_of_their_row() {
    let sql = "CREATE TABLE t(id INTEGER PRIMARY KEY, v);
        INSERT INTO t VALUES (3, 9223372036854775807), (1, 0.1), (2, 'text'), (4, x'00ff'), (5, NULL), (6, ''), (7, '1'),
            (8, 1e300), (9, -0.5), (10, 9e999), (11, 19.0), (12, 'a' || char(0) || 'b');
        INSERT INTO t SELECT 13, CAST(x'e9' AS TEXT);";
    let rows = bench(sql, "t", &["id", "v"]).table().unwrap();
    let values: Vec<&str> = rows.iter().map(|row| row[1].as_str()).collect();
    assert_eq!(values[..7], ["0.1", "text", "9223372036854775807", "\\x00ff", "∅", "", "1"]);
    assert_eq!(values[7].parse::<f64>().unwrap().to_bits(), 1e300f64.to_bits());
    assert_eq!(values[8..], ["-0.5", "Inf", "19", "a\0b", "\\xe9"]);
    assert_eq!(rows[0][0], "1");
}

#[test]
fn more_rows_than_a_block_holds() {
    let sql = "CREATE TABLE t(id INTEGER PRIMARY KEY, v TEXT);
        WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)
        INSERT INTO t SELECT i, 'value ' || i FROM n;";
    let bench = bench(sql, "t", &["id", "v"]);
    let blocks = bench.read().unwrap();
    assert_eq!(blocks.len(), 3);
    let positions: Vec<u64> = blocks.iter().flat_map(|block| block.positions.clone()).collect();
    assert_eq!(positions, (1..=20000).collect::<Vec<u64>>());
    let rows: Vec<_> = blocks.iter().flat_map(table).collect();
    assert!(rows.iter().enumerate().all(|(i, row)| row[1] == format!("value {}", i + 1)));
}

#[test]
fn rows_come_in_a_declared_order() {
    let sql = "CREATE TABLE \"odd \"\" na;me\"(\"a\"\"b\" TEXT, rowid TEXT);
        INSERT INTO \"odd \"\" na;me\" VALUES ('2', 'x'), ('1', 'y');
        CREATE TABLE w(a TEXT, b TEXT, v TEXT, PRIMARY KEY (b, a)) WITHOUT ROWID;
        INSERT INTO w VALUES ('2', '1', 'x'), ('1', '2', 'y'), ('1', '1', 'z');
        CREATE VIEW v AS SELECT upper(v) AS \"V v\", a FROM w ORDER BY v DESC;";
    let odd = bench(sql, "odd \" na;me", &["rowid"]);
    assert_eq!(odd.table().unwrap(), [["2", "x"], ["1", "y"]]);
    let of = |table: &str, columns: &[&str]| bench(sql, table, columns).table().unwrap();
    assert_eq!(of("W", &["v"]), [["1", "1", "z"], ["2", "1", "x"], ["1", "2", "y"]]);
    assert_eq!(of("v", &["V v"]), [["Z", "1"], ["Y", "1"], ["X", "2"]]);
}

#[test]
fn a_table_without_rows_is_a_load_without_rows() {
    let bench = bench("CREATE TABLE t(id, v);", "t", &["id", "v"]);
    let staging = bench.stage("l", &CurrentHashes::new()).unwrap();
    assert_eq!((staging.delivered_rows, staging.read_rows, staging.outcome.accepted.len()), (0, 0, 0));
}

#[test]
fn typed_columns_come_from_any_storage_class() {
    let sql = "CREATE TABLE t(id, n, d, f);
        INSERT INTO t VALUES (1, 5, 0.1, 1), ('2', '6', '2.50', 'no'), (3, 7.0, 3, NULL), (4, 7.5, x'01', 0);";
    let bench = bench(sql, "t", &["id:identifier", "n:integer", "d:decimal", "f:flag"]);
    let staging = bench.stage("l", &CurrentHashes::new()).unwrap();
    let accepted = &staging.outcome.accepted;
    assert_eq!(column(accepted, "n"), ["5", "6", "7"]);
    assert_eq!(column(accepted, "d"), ["0.1000", "2.5000", "3.0000"]);
    assert_eq!(column(accepted, "f"), ["true", "false", ""]);
    let reject = &staging.outcome.rejects[0];
    assert_eq!(
        (reject.rule.as_str(), reject.row, reject.raw_value.as_deref()),
        ("not-an-integer", Some(4), Some("7.5"))
    );
    assert!(reject.reason.contains("\\x01") && reject.location.ends_with("crm.db, table t"), "{reject:?}");
}

#[test]
fn what_is_no_database_is_said_to_be_none() {
    let bench = Bench::sqlite("crm.db", "customers", &["id"]);
    assert!(refused(&bench).message.contains("there is no file"));
    assert!(!bench.path("crm.db").exists());
    bench.write("crm.db", "");
    assert!(refused(&bench).message.contains("is empty"));
    bench.write("crm.db", "id,name\n1,a\n2,b\n3,c\n");
    assert!(refused(&bench).message.contains("no SQLite database, or it is encrypted"));
    bench.write("crm.db", [b"SQLite format 3\0".as_slice(), &[7; 4000]].concat());
    let failure = refused(&bench);
    assert!(failure.message.contains("no SQLite database") || failure.message.contains("damaged"), "{failure}");
}

#[test]
fn a_missing_table_or_column_is_named_with_its_like() {
    let sql = "CREATE TABLE customers(CustomerID, name); CREATE TABLE orders(id);";
    let failure = refused(&bench(sql, "custmers", &["CustomerID"]));
    assert_eq!(failure.hints, ["did you mean \"customers\"?"]);
    let failure = refused(&bench(sql, "xyz", &["CustomerID"]));
    assert_eq!(failure.hints, ["its tables are \"customers\", \"orders\""]);
    let failure = refused(&bench(sql, "customers", &["customer_id", "name"]));
    assert_eq!(failure.hints[0], "column \"customer_id\": did you mean \"CustomerID\"?");
}

#[test]
fn a_locked_database_is_said_to_be_locked() {
    let bench = bench("CREATE TABLE t(id); INSERT INTO t VALUES (1);", "t", &["id"]);
    let writer = Connection::open(bench.path("crm.db")).unwrap();
    writer.execute_batch("BEGIN EXCLUSIVE;").unwrap();
    assert!(refused(&bench).message.contains("is locked by a writer"));
    drop(writer);
    assert_eq!(bench.table().unwrap(), [["1"]]);
}

#[test]
fn reading_leaves_no_file_beside_the_database() {
    for mode in ["DELETE", "WAL"] {
        let sql = format!("PRAGMA journal_mode = {mode}; CREATE TABLE t(id); INSERT INTO t VALUES (1), (2);");
        let bench = bench(&sql, "t", &["id"]);
        let before = contents(bench.folder.path());
        assert_eq!(before.len(), 1, "{mode}");
        let extractor = bench.extractor();
        let plan = extractor.plan(&ExtractorState::default()).unwrap();
        let trailer = extractor.land(&plan.partitions[0], &plan.snapshot, &mut Vec::new()).unwrap();
        assert_eq!(trailer.rows, 2);
        drop(extractor);
        assert_eq!(contents(bench.folder.path()), before, "{mode}");
    }
}

#[test]
fn rows_in_the_write_ahead_log_are_read() {
    let bench = bench("PRAGMA journal_mode = WAL; CREATE TABLE t(id); INSERT INTO t VALUES (1);", "t", &["id"]);
    let writer = Connection::open(bench.path("crm.db")).unwrap();
    writer.execute_batch("PRAGMA wal_autocheckpoint = 0; INSERT INTO t VALUES (2);").unwrap();
    assert_eq!(bench.table().unwrap(), [["1"], ["2"]]);
    // A log without its index cannot be read without making one.
    let copy = Bench::sqlite("crm.db", "t", &["id"]);
    for name in ["crm.db", "crm.db-wal"] {
        std::fs::copy(bench.path(name), copy.path(name)).unwrap();
    }
    let before = contents(copy.folder.path());
    assert!(refused(&copy).message.contains("write-ahead log"));
    assert_eq!(contents(copy.folder.path()), before);
}

#[test]
fn a_hot_journal_is_left_alone() {
    let bench = bench("PRAGMA cache_size = 2; CREATE TABLE t(id, v);", "t", &["id"]);
    let copy = Bench::sqlite("crm.db", "t", &["id"]);
    let writer = Connection::open(bench.path("crm.db")).unwrap();
    let fill = "PRAGMA cache_size = 2; BEGIN IMMEDIATE;
        WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000) INSERT INTO t SELECT i, hex(randomblob(50)) FROM n;";
    writer.execute_batch(fill).unwrap();
    // As a crash would leave them: the pages are written, the journal is not yet gone.
    for name in ["crm.db", "crm.db-journal"] {
        std::fs::copy(bench.path(name), copy.path(name)).unwrap();
    }
    let before = contents(copy.folder.path());
    let failure = refused(&copy);
    assert!(failure.message.contains("unfinished transaction"), "{failure}");
    assert_eq!(contents(copy.folder.path()), before);
}

#[test]
fn the_plan_and_the_landing_see_one_state() {
    let bench = bench("PRAGMA journal_mode = WAL; CREATE TABLE t(id); INSERT INTO t VALUES (1);", "t", &["id"]);
    let writer = Connection::open(bench.path("crm.db")).unwrap();
    writer.execute_batch("INSERT INTO t VALUES (2);").unwrap();
    let extractor = bench.extractor();
    let plan = extractor.plan(&ExtractorState::default()).unwrap();
    writer.execute_batch("INSERT INTO t VALUES (3);").unwrap();
    let mut raw = Vec::new();
    let trailer = extractor.land(&plan.partitions[0], &plan.snapshot, &mut raw).unwrap();
    assert_eq!(trailer.rows, 2);
    // The transaction of the plan is used up; a landing of its own no longer sees what was planned.
    let failure = extractor.land(&plan.partitions[0], &plan.snapshot, &mut Vec::new()).unwrap_err();
    assert!(failure.message.contains("changed while it was being landed"), "{failure}");
    let again = extractor.plan(&ExtractorState::default()).unwrap();
    assert_ne!(again.snapshot, plan.snapshot);
}

#[test]
fn equal_rows_give_equal_bytes_and_token() {
    let sql = "CREATE TABLE t(id, v); INSERT INTO t VALUES (1, 'a'), (2, NULL), (3, 0.5);";
    let (one, two) = (
        bench(sql, "t", &["id"]),
        bench(
            &format!("{sql} DELETE FROM t; INSERT INTO t VALUES (1, 'a'), (2, NULL), (3, 0.5); VACUUM;"),
            "t",
            &["id"],
        ),
    );
    let (one, two) = (one.land("l").unwrap(), two.land("l").unwrap());
    assert_eq!(one.snapshot, two.snapshot);
    assert_eq!(one.partitions[0].trailer, two.partitions[0].trailer);
    assert_eq!(one.partitions[0].path.file_name(), two.partitions[0].path.file_name());
}

#[test]
fn a_landed_table_is_an_arrow_file() {
    let bench = bench("CREATE TABLE t(id, v); INSERT INTO t VALUES (1, 'a'), (2, x'00');", "t", &["id"]);
    let landed = bench.land("l").unwrap().partitions.remove(0);
    assert_eq!(landed.path.extension().unwrap(), "arrow");
    let file = arrow::ipc::reader::FileReader::try_new(std::fs::File::open(&landed.path).unwrap(), None).unwrap();
    assert_eq!(file.map(|block| block.unwrap().num_rows()).sum::<usize>(), 2);
}

#[test]
fn a_cut_off_or_changed_copy_is_noticed() {
    let bench = bench("CREATE TABLE t(id, v); INSERT INTO t VALUES (1, 'a'), (2, 'b');", "t", &["id"]);
    let landed = bench.land("l").unwrap().partitions.remove(0);
    let bytes = std::fs::read(&landed.path).unwrap();
    let same = |bytes: Vec<u8>| -> bool {
        let stream = bench.extractor().read(&landed.partition, Box::new(std::io::Cursor::new(bytes)));
        let Ok(mut stream) = stream else { return false };
        stream.all(|block| block.is_ok()) && stream.trailer() == Some(landed.trailer.clone())
    };
    assert!(same(bytes.clone()));
    for length in (0..bytes.len()).step_by(7) {
        assert!(!same(bytes[..length].to_vec()), "{length} of {} bytes", bytes.len());
    }
}

#[test]
fn several_databases_are_partitions() {
    let bench = Bench::sqlite("branch_*.db", "t", &["id", "v"]);
    make(&bench.path("branch_b.db"), "CREATE TABLE t(id, v); INSERT INTO t VALUES (2, 'b');");
    make(&bench.path("branch_a.db"), "CREATE TABLE t(id, v); INSERT INTO t VALUES (1, 'a');");
    let landing = bench.land("l").unwrap();
    let names: Vec<&str> = landing.partitions.iter().map(|landed| landed.partition.name.as_str()).collect();
    assert_eq!(names, ["branch_a.db/t", "branch_b.db/t"]);
    assert_eq!(bench.table().unwrap(), [["1", "a"], ["2", "b"]]);
}

#[test]
fn a_column_may_go_by_another_name() {
    let mut bench = bench("CREATE TABLE t(no, mail); INSERT INTO t VALUES (1, 'a@x.org')", "t", &["id", "mail"]);
    bench.spec.columns[0].also = vec!["number".into(), "no".into()];
    let staging = bench.stage("l", &CurrentHashes::new()).unwrap();
    assert_eq!(column(&staging.outcome.accepted, "id"), ["1"]);
    assert_eq!(staging.unknown_columns, Vec::<String>::new());
}
