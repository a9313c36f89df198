#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::fs::File;

use arrow::array::{AsArray, Int64Array, StringArray};
use arrow::datatypes::Int64Type;
use onefold_contract::FailureKind;
use parquet::arrow::ArrowWriter;

use super::*;

struct Release {
    folder: tempfile::TempDir,
    tables: Vec<QueryTable>,
}

impl Release {
    /// A release in a folder whose name a pattern would misread.
    fn new() -> Self {
        let folder = tempfile::Builder::new().prefix("lake [1] *% ").tempdir().unwrap();
        Self { folder, tables: Vec::new() }
    }

    fn table(mut self, layer: Layer, name: &str, parts: &[RecordBatch]) -> Self {
        let mut files = Vec::new();
        for (place, batch) in parts.iter().enumerate() {
            let path = self.folder.path().join(format!("{name}-{place}.parquet"));
            let mut writer = ArrowWriter::try_new(File::create(&path).unwrap(), batch.schema(), None).unwrap();
            writer.write(batch).unwrap();
            writer.close().unwrap();
            files.push(path);
        }
        let schema = parts.first().map_or_else(|| customers(&[]).schema(), RecordBatch::schema);
        self.tables.push(QueryTable { name: TableName::new(layer, name), schema, files });
        self
    }

    fn open(&self, limits: QueryLimits) -> QuerySession {
        QuerySession::open(&self.tables, limits).unwrap()
    }
}

fn customers(rows: &[(i64, &str)]) -> RecordBatch {
    RecordBatch::try_from_iter([
        ("customer_key", Arc::new(rows.iter().map(|r| r.0).collect::<Int64Array>()) as _),
        ("city", Arc::new(rows.iter().map(|r| Some(r.1)).collect::<StringArray>()) as _),
    ])
    .unwrap()
}

fn numbers(name: &str, values: impl IntoIterator<Item = i64>) -> RecordBatch {
    RecordBatch::try_from_iter([(name, Arc::new(values.into_iter().collect::<Int64Array>()) as _)]).unwrap()
}

fn shop() -> Release {
    Release::new()
        .table(Layer::Mart, "dim_customer", &[customers(&[(1, "Pune"), (2, "Kochi")]), customers(&[(3, "Pune")])])
        .table(Layer::Mart, "fact_empty", &[])
        .table(Layer::Standardized, "crm", &[customers(&[(9, "secret")])])
}

async fn text(session: &QuerySession, sql: &str) -> String {
    let result = session.query(sql).await.unwrap_or_else(|failure| panic!("{sql}: {failure}"));
    arrow::util::pretty::pretty_format_batches(&result.batches).unwrap().to_string()
}

#[tokio::test]
async fn the_mart_is_queried_with_and_without_its_schema() {
    let release = shop();
    let session = release.open(QueryLimits::default());
    for table in ["dim_customer", "mart.dim_customer", "onefold.mart.dim_customer", "DIM_Customer"] {
        let sql = format!("SELECT city, count(*) AS n FROM {table} GROUP BY city ORDER BY city");
        let found = text(&session, &sql).await;
        assert!(found.contains("| Kochi | 1 |") && found.contains("| Pune  | 2 |"), "{table}: {found}");
    }
    let result = session.query("SELECT city FROM dim_customer").await.unwrap();
    assert_eq!(result.schema.field(0).data_type(), &DataType::Utf8);
    assert_eq!((result.rows(), result.truncated), (3, false));
    assert_eq!(session.query("SELECT * FROM fact_empty").await.unwrap().rows(), 0);
}

#[tokio::test]
async fn the_catalogue_shows_the_mart_and_nothing_else() {
    let release = shop();
    let session = release.open(QueryLimits::default());
    let all = text(&session, "SELECT table_schema, table_name FROM information_schema.tables").await;
    assert!(all.contains("dim_customer") && all.contains("fact_empty") && !all.contains("crm"), "{all}");
    for sql in
        ["SHOW TABLES", "DESCRIBE dim_customer", "SHOW COLUMNS FROM dim_customer", "EXPLAIN SELECT * FROM dim_customer"]
    {
        assert!(session.query(sql).await.unwrap().rows() > 0, "{sql}");
    }
}

#[tokio::test]
async fn hostile_statements_are_refused_and_leave_nothing_behind() {
    let release = shop();
    let session = release.open(QueryLimits { max_rows: Some(10), ..QueryLimits::default() });
    let outside = release.folder.path().join("outside.csv");
    std::fs::write(&outside, "a\nsecret\n").unwrap();
    let target = release.folder.path().join("written");
    let file = release.tables[2].files[0].display().to_string();
    let (csv, written) = (outside.display(), target.display());
    let statements = [
        format!("CREATE EXTERNAL TABLE t STORED AS CSV LOCATION '{csv}'"),
        format!("COPY dim_customer TO '{written}.parquet'"),
        format!("COPY (SELECT 1) TO '{written}.csv' STORED AS CSV"),
        format!("EXPLAIN ANALYZE COPY dim_customer TO '{written}.parquet'"),
        "EXPLAIN ANALYZE INSERT INTO dim_customer VALUES (4, 'x')".into(),
        "INSERT INTO dim_customer VALUES (4, 'x')".into(),
        "DELETE FROM dim_customer".into(),
        "UPDATE dim_customer SET city = 'x'".into(),
        "DROP TABLE dim_customer".into(),
        "CREATE TABLE t AS SELECT 1".into(),
        "CREATE VIEW v AS SELECT 1".into(),
        "CREATE SCHEMA s".into(),
        "SET datafusion.execution.batch_size = 1".into(),
        "RESET datafusion.execution.batch_size".into(),
        "SHOW ALL".into(),
        "SELECT 1 INTO t".into(),
        "WITH c AS (SELECT 4 AS a, 'x' AS b) INSERT INTO dim_customer SELECT * FROM c".into(),
        "BEGIN".into(),
        "PREPARE p AS SELECT 1".into(),
        "EXECUTE p".into(),
        "TRUNCATE TABLE dim_customer".into(),
        "SELECT 1; DROP TABLE dim_customer".into(),
        format!("SELECT * FROM '{csv}'"),
        format!("SELECT * FROM \"{csv}\""),
        format!("SELECT * FROM \"{file}\""),
        format!("SELECT * FROM read_parquet('{file}')"),
        format!("SELECT * FROM read_csv('{csv}')"),
        "SELECT * FROM standardized.crm".into(),
        "SELECT * FROM onefold.standardized.crm".into(),
        "SELECT (SELECT max(city) FROM standardized.crm)".into(),
        "SELECT * FROM information_schema.df_settings".into(),
        "TABLE \"/etc/passwd\"".into(),
    ];
    for sql in &statements {
        let failure = session.query(sql).await.err().unwrap_or_else(|| panic!("answered: {sql}"));
        assert_eq!(failure.kind, FailureKind::Usage, "{sql}: {failure}");
        assert!(!failure.to_string().contains("DataFusion"), "{sql}: {failure}");
    }
    assert!(!target.with_extension("parquet").exists() && !target.with_extension("csv").exists());
    assert_eq!(session.query("SELECT * FROM dim_customer").await.unwrap().rows(), 3);
    assert_eq!(session.tables().collect::<Vec<_>>(), ["dim_customer", "fact_empty"]);
}

#[tokio::test]
async fn mistakes_are_told_in_plain_words() {
    let release = shop();
    let session = release.open(QueryLimits::default());
    let cases = [
        (
            "SELECT * FROM dim_custmer",
            "there is no table `dim_custmer` (line 1, column 15)",
            "did you mean `dim_customer`?",
        ),
        (
            "SELECT * FROM orders",
            "there is no table `orders` (line 1, column 15)",
            "the tables are dim_customer, fact_empty",
        ),
        ("SELECT ctiy FROM dim_customer", "there is no column `ctiy` (line 1, column 8)", "did you mean `city`?"),
        (
            "SELECT\n  \"City\" FROM dim_customer",
            "there is no column `City` (line 2, column 3)",
            "write `dim_customer.city`",
        ),
        ("SELECT city FROM dim_customer WHERE (city", "syntax error: expected )", ""),
        ("SELECT * FROM dim_customer WHERE", "syntax error: expected an expression but found the end of the text", ""),
        ("DROP TABLE dim_customer", "queries are read-only: DROP TABLE is refused", "SELECT, WITH"),
        ("", "there is no SQL statement", "write one SELECT"),
        ("SELECT 1; SELECT 2", "there are 2 SQL statements", "write one"),
        ("SELECT cty_of(city) FROM dim_customer", "Invalid function 'cty_of'", ""),
        ("SELECT city + 1 FROM dim_customer", "VARCHAR + BIGINT cannot be calculated", "CAST"),
        ("SELECT city FROM dim_customer GROUP BY customer_key", "", ""),
        (
            "SELECT c.city, d.city FROM dim_customer c, dim_customer d WHERE city = 'Pune'",
            "the column `city` is in more than one",
            "table's name",
        ),
        ("SELECT 1 / 0", "Divide by zero", ""),
    ];
    for (sql, message, hint) in cases {
        let failure = session.query(sql).await.err().unwrap_or_else(|| panic!("answered: {sql}"));
        assert_eq!(failure.kind, FailureKind::Usage, "{sql}: {failure}");
        assert!(failure.message.starts_with(message), "{sql}: {failure}");
        assert!(failure.hints.join(" ").contains(hint), "{sql}: {failure}");
        for word in ["DataFusion", "Error during", "Utf8", "Int64", "Some("] {
            assert!(!failure.to_string().contains(word), "{sql}: {failure}");
        }
    }
}

#[tokio::test]
async fn rows_are_capped_and_the_cap_is_told() {
    let release = shop();
    let session = release.open(QueryLimits { max_rows: Some(2), ..QueryLimits::default() });
    let result = session.query("SELECT customer_key FROM dim_customer ORDER BY customer_key DESC").await.unwrap();
    assert!(result.truncated);
    let keys: Vec<i64> =
        result.batches.iter().flat_map(|b| b.column(0).as_primitive::<Int64Type>().values().to_vec()).collect();
    assert_eq!(keys, [3, 2]);
    let exact = session.query("SELECT customer_key FROM dim_customer LIMIT 2").await.unwrap();
    assert_eq!((exact.rows(), exact.truncated), (2, false));
    assert!(session.query("EXPLAIN SELECT * FROM dim_customer").await.unwrap().rows() > 0);
}

#[tokio::test]
async fn a_query_ends_on_time_and_within_its_memory() {
    let release = shop();
    let brief = release.open(QueryLimits { timeout: Some(Duration::from_millis(50)), ..QueryLimits::default() });
    let endless = "SELECT count(*) FROM generate_series(1, 90000000) a, generate_series(1, 90000000) b WHERE a.value % 7 = b.value";
    let failure = brief.query(endless).await.unwrap_err();
    assert!(failure.message.contains("stopped after 0.05 seconds"), "{failure}");

    let small = release.open(QueryLimits { max_memory: Some(1 << 20), ..QueryLimits::default() });
    let failure =
        small.query("SELECT value FROM generate_series(1, 5000000) ORDER BY value % 1000, value").await.unwrap_err();
    assert!(failure.message.contains("needs more memory"), "{failure}");
}

#[tokio::test]
async fn a_file_that_is_gone_is_no_mistake_of_the_user() {
    let release = shop();
    let session = release.open(QueryLimits::default());
    std::fs::remove_file(&release.tables[0].files[0]).unwrap();
    let failure = session.query("SELECT * FROM dim_customer").await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::State, "{failure}");
}

/// The engine loses rows of these joins when it may spill under a memory limit (apache/datafusion#24745). The session
/// never spills: with ample memory the rows are right, and under a limit the query fails or is right, never short.
#[tokio::test]
async fn joins_on_an_inequality_lose_no_rows() {
    let left: Vec<i64> = (0..200).map(|n| n * 37 % 21).collect();
    let right: Vec<i64> = (0..90).map(|n| n * 53 % 21).collect();
    let wide = |values: &[i64]| values.iter().flat_map(|v| std::iter::repeat_n(*v, 8)).collect::<Vec<_>>();
    let (left, right) = (wide(&left), wide(&right));
    let matches = |l: i64| right.iter().filter(|r| l > **r + 1).count();
    let inner: usize = left.iter().map(|l| matches(*l)).sum();
    let lonely_left = left.iter().filter(|l| matches(**l) == 0).count();
    let lonely_right = right.iter().filter(|r| !left.iter().any(|l| *l > **r + 1)).count();
    assert!(lonely_left > 0 && lonely_right > 0);

    let chunks = |name: &str, values: &[i64]| values.chunks(100).map(|c| numbers(name, c.to_vec())).collect::<Vec<_>>();
    let release =
        Release::new().table(Layer::Mart, "l", &chunks("v", &left)).table(Layer::Mart, "r", &chunks("w", &right));
    let cases = [
        ("SELECT l.v FROM l WHERE NOT EXISTS (SELECT 1 FROM r WHERE l.v > r.w + 1)", lonely_left),
        ("SELECT l.v, r.w FROM l LEFT JOIN r ON l.v > r.w + 1", inner + lonely_left),
        ("SELECT l.v, r.w FROM l RIGHT JOIN r ON l.v > r.w + 1", inner + lonely_right),
        ("SELECT l.v, r.w FROM l FULL JOIN r ON l.v > r.w + 1", inner + lonely_left + lonely_right),
        ("SELECT l.v, r.w FROM l JOIN r ON l.v > r.w + 1", inner),
    ];
    for (sql, expected) in cases {
        let ample = release.open(QueryLimits::default());
        assert_eq!(ample.query(sql).await.unwrap().rows(), expected, "{sql}");
        for limit in [64, 1_024, 8_192, 65_536] {
            let tight = release.open(QueryLimits { max_memory: Some(limit), ..QueryLimits::default() });
            match tight.query(sql).await {
                Ok(result) => assert_eq!(result.rows(), expected, "{sql} within {limit} bytes"),
                Err(failure) => assert!(failure.message.contains("needs more memory"), "{sql}: {failure}"),
            }
        }
    }
}
