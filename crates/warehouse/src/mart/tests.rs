#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use arrow::array::{Array, AsArray, BooleanArray, Date32Array, Decimal128Array, Int64Array, RecordBatch, StringArray};
use arrow::datatypes::{Date32Type, Int64Type};
use chrono::NaiveDate;
use onefold_contract::table::{Layer, TableName};
use onefold_contract::{Balance, FailureKind};

use super::*;
use crate::spec::{AccountsFor, ColumnMeaning, MartCheck, MartTableKind, TotalPair};

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn spec(name: &str, kind: MartTableKind, key: &[&str], columns: &[&str]) -> MartTableSpec {
    MartTableSpec {
        name: name.into(),
        kind,
        grain: "one row a thing".into(),
        description: "Things.".into(),
        key: key.iter().map(|k| (*k).to_string()).collect(),
        scd_type: None,
        surrogate_key: None,
        sort_by: Vec::new(),
        columns: columns.iter().map(|c| ColumnMeaning { name: (*c).into(), meaning: "What it is.".into() }).collect(),
        checks: Vec::new(),
        accounts_for: None,
    }
}

fn fact(name: &str, sql: &str) -> MartTable {
    MartTable { spec: spec(name, MartTableKind::Fact, &["id"], &["id"]), sql: sql.into() }
}

fn customer(scd_type: u8) -> MartTable {
    let mut spec = spec("dim_customer", MartTableKind::Dimension, &["customer_id"], &["customer_id", "city"]);
    spec.scd_type = Some(scd_type);
    spec.surrogate_key = Some("customer_key".into());
    MartTable { spec, sql: "SELECT customer_id, city FROM resolved.golden_record".into() }
}

/// Order lines with the version of the customer that held on the day of the order.
fn sales() -> MartTable {
    let columns = ["order_id", "line", "order_date", "customer_key", "quantity", "amount"];
    let mut spec = spec("fact_sales", MartTableKind::Fact, &["order_id", "line"], &columns);
    spec.sort_by = vec!["order_date".into()];
    spec.checks = vec![MartCheck {
        name: "every line has a customer".into(),
        sql: "SELECT order_id, line FROM fact_sales WHERE customer_key IS NULL".into(),
    }];
    spec.accounts_for = Some(AccountsFor {
        sources: vec!["shop_order".into()],
        control_totals: vec![TotalPair { fact: "amount".into(), source: "amount".into() }],
        excluded_sql: Some("SELECT count(*) AS excluded FROM standardized.shop_order WHERE quantity = 0".into()),
    });
    let sql = "
        SELECT o.order_id, o.line, o.order_date, c.customer_key, o.quantity, o.amount
        FROM standardized.shop_order o
        LEFT JOIN resolved.xref x ON x.source_key = o.buyer
        LEFT JOIN mart.dim_customer c ON c.customer_id = x.customer_id
          AND o.order_date >= CASE WHEN c.version = 1 THEN DATE '0001-01-01' ELSE c.valid_from END
          AND o.order_date < c.valid_to
        WHERE o.quantity > 0";
    MartTable { spec, sql: sql.into() }
}

fn text(values: &[&str]) -> Arc<dyn Array> {
    Arc::new(StringArray::from(values.to_vec()))
}

fn golden(rows: &[(&str, &str)]) -> RecordBatch {
    let (ids, cities): (Vec<&str>, Vec<&str>) = rows.iter().copied().unzip();
    RecordBatch::try_from_iter([("customer_id", text(&ids)), ("city", text(&cities))]).unwrap()
}

fn xref(rows: &[(&str, &str)]) -> RecordBatch {
    let (keys, ids): (Vec<&str>, Vec<&str>) = rows.iter().copied().unzip();
    RecordBatch::try_from_iter([("source_key", text(&keys)), ("customer_id", text(&ids))]).unwrap()
}

/// Order, line, buyer, day, quantity, amount in cents.
fn orders(rows: &[(&str, i64, &str, &str, i64, i128)]) -> RecordBatch {
    let dates = Date32Array::from_iter_values(rows.iter().map(|r| Date32Type::from_naive_date(day(r.3))));
    let amounts = rows.iter().map(|r| r.5).collect::<Decimal128Array>().with_precision_and_scale(28, 2).unwrap();
    let columns: [(&str, Arc<dyn Array>); 8] = [
        ("_source", text(&vec!["shop_order"; rows.len()])),
        ("_source_key", Arc::new(rows.iter().map(|r| Some(format!("{}-{}", r.0, r.1))).collect::<StringArray>())),
        ("order_id", text(&rows.iter().map(|r| r.0).collect::<Vec<_>>())),
        ("line", Arc::new(rows.iter().map(|r| r.1).collect::<Int64Array>())),
        ("buyer", text(&rows.iter().map(|r| r.2).collect::<Vec<_>>())),
        ("order_date", Arc::new(dates)),
        ("quantity", Arc::new(rows.iter().map(|r| r.4).collect::<Int64Array>())),
        ("amount", Arc::new(amounts)),
    ];
    RecordBatch::try_from_iter(columns).unwrap()
}

type Inputs = BTreeMap<TableName, RecordBatch>;
type Published = BTreeMap<String, RecordBatch>;

fn shop() -> Inputs {
    BTreeMap::from([
        (TableName::new(Layer::Resolved, "golden_record"), golden(&[("C2", "Kochi"), ("C1", "Pune")])),
        (TableName::new(Layer::Resolved, "xref"), xref(&[("a", "C1"), ("b", "C2")])),
        (
            TableName::new(Layer::Standardized, "shop_order"),
            orders(&[
                ("O2", 1, "b", "2024-02-01", 1, 1_050),
                ("O1", 2, "a", "2024-01-05", 2, 300),
                ("O1", 1, "a", "2024-01-05", 1, 995),
                ("O3", 1, "a", "2024-03-01", 0, 0),
            ]),
        ),
    ])
}

fn names(inputs: &Inputs) -> BTreeSet<TableName> {
    inputs.keys().cloned().collect()
}

async fn built(
    tables: &[MartTable],
    inputs: &Inputs,
    previous: &Published,
    as_of: &str,
) -> Result<MartBuild, onefold_contract::Failure> {
    let plan = plan(tables, &names(inputs)).unwrap();
    build(&plan, inputs.clone(), previous.clone(), day(as_of)).await
}

fn published(build: &MartBuild) -> Published {
    build.tables.iter().cloned().collect()
}

fn table<'a>(build: &'a MartBuild, name: &str) -> &'a RecordBatch {
    &build.tables.iter().find(|(table, _)| table == name).unwrap().1
}

fn shown(batch: &RecordBatch) -> Vec<String> {
    (0..batch.num_rows()).map(|row| rows::printed(batch, row).unwrap()).collect()
}

fn breaches(build: &MartBuild) -> Vec<String> {
    build.balances.iter().flat_map(Balance::breaches).collect()
}

fn told(mistakes: &[MartMistake]) -> Vec<String> {
    mistakes.iter().map(|m| format!("{m} [{}]", m.hint.as_deref().unwrap_or_default())).collect()
}

fn plan_of(tables: &[MartTable]) -> Result<MartPlan, Vec<MartMistake>> {
    plan(tables, &names(&shop()))
}

#[test]
fn tables_are_built_after_those_they_read() {
    let tables = [
        fact("c_top", "SELECT id FROM b_mid JOIN mart.a_base USING (id)"),
        fact("b_mid", "WITH c_top AS (SELECT * FROM mart.a_base) SELECT id FROM c_top"),
        fact("a_base", "SELECT buyer AS id FROM standardized.shop_order"),
        fact("a_other", "SELECT 1 AS id"),
    ];
    let plan = plan_of(&tables).unwrap();
    assert_eq!(plan.order().collect::<Vec<_>>(), ["a_base", "a_other", "b_mid", "c_top"]);
    assert_eq!(plan.inputs(), BTreeSet::from([TableName::new(Layer::Standardized, "shop_order")]));
    assert_eq!(plan.spec("b_mid").unwrap().name, "b_mid");
}

#[test]
fn a_ring_is_named_whole_and_once() {
    let tables = [
        fact("dim_b", "SELECT id FROM mart.fact_c"),
        fact("dim_a", "SELECT id FROM mart.dim_b"),
        fact("fact_c", "SELECT id FROM mart.dim_a"),
        fact("leaf", "SELECT id FROM mart.dim_a"),
        fact("own", "SELECT id FROM mart.own"),
    ];
    let mistakes = plan_of(&tables).unwrap_err();
    let messages: Vec<&str> = mistakes.iter().map(|m| m.message.as_str()).collect();
    let rings = ["dim_a reads dim_b reads fact_c reads dim_a", "own reads own"];
    assert_eq!(messages, rings.map(|ring| format!("the tables read one another in a ring: {ring}")));
}

#[test]
fn every_mistake_of_every_table_is_told_at_once() {
    let mut checked = fact("checked", "SELECT buyer AS id FROM standardized.shop_order");
    checked.spec.checks = vec![MartCheck { name: "holds".into(), sql: "SELECT * FROM mart.chekced".into() }];
    checked.spec.accounts_for = Some(AccountsFor {
        sources: vec!["shop_orders".into()],
        control_totals: vec![],
        excluded_sql: Some("DROP TABLE x".into()),
    });
    let tables = [
        checked,
        fact("far", "SELECT id FROM staged.crm"),
        fact("near", "SELECT *\nFROM standardized.shop_ordr JOIN golden_record"),
        fact("old", "SELECT id FROM previous.old"),
        fact("two", "SELECT 1 AS id; SELECT 2 AS id"),
        fact("wrong", "SELECT id,\n  FROM mart.far WHERE )"),
        fact("writes", "INSERT INTO mart.far SELECT 1"),
    ];
    assert_eq!(
        told(&plan_of(&tables).unwrap_err()),
        [
            "checked.toml, check \"holds\", line 1, column 15: there is no table `mart.chekced` [did you mean `mart.checked`?]",
            "checked.toml, accounts_for.excluded_sql: this is DROP TABLE, not a SELECT [write one SELECT]",
            "checked.toml, accounts_for.sources[0]: there is no table `standardized.shop_orders` [did you mean `standardized.shop_order`?]",
            "far.sql, line 1, column 16: there is no table `staged.crm` [the tables are standardized.shop_order, resolved.golden_record, resolved.xref, mart.checked, mart.near, mart.old, mart.two, mart.writes, mart.wrong]",
            "near.sql, line 2, column 6: there is no table `standardized.shop_ordr` [did you mean `standardized.shop_order`?]",
            "near.sql, line 2, column 34: there is no table `golden_record` [did you mean `resolved.golden_record`?]",
            "old.sql, line 1, column 16: there is no table `previous.old` [a SELECT says what holds now; versions are kept by the warehouse]",
            "two.sql: there are 2 SQL statements [write one]",
            "wrong.sql, line 2, column 23: syntax error: expected an expression but found ) []",
            "writes.sql: this is INSERT INTO, not a SELECT [write one SELECT]",
        ]
    );
}

#[test]
fn functions_that_differ_from_run_to_run_are_refused() {
    for call in ["now()", "current_date", "CURRENT_TIMESTAMP", "current_time()", "random()", "uuid()", "today()"] {
        let mistakes = plan_of(&[fact("f", &format!("SELECT 1 AS id WHERE {call} IS NOT NULL"))]).unwrap_err();
        assert_eq!(mistakes.len(), 1, "{call}");
        assert!(mistakes[0].message.contains("gives another value on every run"), "{call}: {}", mistakes[0]);
    }
    let fine = "SELECT sum(id) OVER (ORDER BY id) AS id FROM (SELECT unnest([1, 2]) AS id) WHERE upper('a') = 'A'
                UNION ALL SELECT value FROM generate_series(1, 2) UNION ALL SELECT row_number() OVER () FROM resolved.xref";
    assert!(plan_of(&[fact("f", fine)]).is_ok());
    let unknown = plan_of(&[fact("f", "SELECT uper('a') AS id, nosuchthing(1) FROM rnge(3)")]).unwrap_err();
    assert_eq!(unknown.len(), 3, "{:?}", told(&unknown));
    assert!(told(&unknown)[0].contains("there is no function `uper` [did you mean `upper`?]"));
}

#[tokio::test]
async fn columns_are_judged_before_any_row_is_read() {
    let mut dimension = customer(2);
    dimension.sql =
        "SELECT customer_id, city, 1 AS version, NULL AS nothing, [1] AS list, upper(city) FROM resolved.golden_record"
            .into();
    let mut fact = sales();
    fact.sql = "SELECT order_id, line, order_date, 1 AS customer_key, quantity, ammount AS amount FROM standardized.shop_order".into();
    let mut other = sales();
    other.spec.name = "fact_other".into();
    other.spec.key = vec!["order".into()];
    other.spec.sort_by = vec!["order_day".into()];
    other.spec.columns.push(ColumnMeaning { name: "citty".into(), meaning: "No such.".into() });
    other.spec.columns.remove(0);
    other.spec.checks =
        vec![MartCheck { name: "sane".into(), sql: "SELECT * FROM resolved.xref WHERE custmer_id = ''".into() }];
    let accounts = other.spec.accounts_for.as_mut().unwrap();
    accounts.control_totals = vec![TotalPair { fact: "order_id".into(), source: "amont".into() }];
    accounts.excluded_sql = Some("SELECT count(*) FROM standardized.shop_order".into());
    other.sql =
        "SELECT order_id, line, order_date, 1 AS customer_key, quantity, amount FROM standardized.shop_order".into();
    let plan = plan(&[dimension, fact, other], &names(&shop())).unwrap();
    let schemas = shop().iter().map(|(name, rows)| (name.clone(), rows.schema())).collect();
    let mistakes = told(&check(&plan, &schemas).await.unwrap_err());
    let expected = [
        ("dim_customer.sql: the column `nothing` has no type", "CAST(NULL AS VARCHAR)"),
        ("dim_customer.sql: the column `list` holds lists", "single values"),
        ("dim_customer.sql: `upper(resolved.golden_record.city)` is no column name", "AS"),
        ("dim_customer.sql: the column `version` is added by the warehouse", ""),
        ("dim_customer.toml, columns: the column `list` has no meaning", "[[columns]]"),
        ("fact_sales.sql, line 1, column 65: there is no column `ammount`", "did you mean `amount`?"),
        ("fact_other.toml, key[0]: the table has no column `order`", "its columns are order_id, line"),
        ("fact_other.toml, sort_by[0]: the table has no column `order_day`", "did you mean `order_date`?"),
        ("fact_other.toml, columns[5].name: the table has no column `citty`", ""),
        ("fact_other.toml, columns: the column `order_id` has no meaning", "[[columns]]"),
        (
            "fact_other.toml, accounts_for.control_totals[0].fact: the column `order_id` of this table is no whole number",
            "DECIMAL",
        ),
        (
            "fact_other.toml, accounts_for.control_totals[0].source: the table has no column `amont`",
            "did you mean `amount`?",
        ),
        (
            "fact_other.toml, check \"sane\", line 1, column 35: there is no column `custmer_id`",
            "did you mean `customer_id`?",
        ),
        ("fact_other.toml, accounts_for.excluded_sql: the SELECT must give one whole number", "AS excluded"),
    ];
    for (message, hint) in expected {
        assert!(
            mistakes.iter().any(|m| m.starts_with(message) && m.contains(hint)),
            "missing: {message}\n{mistakes:#?}"
        );
    }
    assert!(!mistakes.iter().any(|m| m.contains("`version` has no meaning") || m.contains("city)` has no meaning")));
    assert!(!mistakes.iter().any(|m| m.contains("Utf8") || m.contains("DataFusion")), "{mistakes:#?}");
}

#[tokio::test]
async fn a_star_is_built_balanced_and_the_same_again() {
    let inputs = shop();
    let tables = [sales(), customer(2)];
    let first = built(&tables, &inputs, &Published::new(), "2024-06-01").await.unwrap();
    assert_eq!(first.tables.iter().map(|t| t.0.as_str()).collect::<Vec<_>>(), ["dim_customer", "fact_sales"]);
    assert_eq!(
        shown(table(&first, "dim_customer")),
        [
            "customer_key = 1, customer_id = C1, city = Pune, valid_from = 2024-06-01, valid_to = 9999-12-31, is_current = true, version = 1",
            "customer_key = 2, customer_id = C2, city = Kochi, valid_from = 2024-06-01, valid_to = 9999-12-31, is_current = true, version = 1",
        ]
    );
    assert_eq!(
        shown(table(&first, "fact_sales")),
        [
            "order_id = O1, line = 1, order_date = 2024-01-05, customer_key = 1, quantity = 1, amount = 9.95",
            "order_id = O1, line = 2, order_date = 2024-01-05, customer_key = 1, quantity = 2, amount = 3.00",
            "order_id = O2, line = 1, order_date = 2024-02-01, customer_key = 2, quantity = 1, amount = 10.50",
        ]
    );
    assert_eq!(breaches(&first), Vec::<String>::new());
    let balance = first.balances.iter().find(|b| b.table == "mart.fact_sales").unwrap();
    assert_eq!((balance.read, balance.inserted, balance.excluded, balance.after), (4, 3, 1, 3));
    assert_eq!(balance.control_totals[0].delivered, "23.45");
    assert_eq!(first.notes, ["dim_customer: 2 came"]);

    let schemas = inputs.iter().map(|(name, rows)| (name.clone(), rows.schema())).collect();
    let bound = check(&plan_of(&tables).unwrap(), &schemas).await.unwrap();
    for ((name, schema), (built, rows)) in bound.iter().zip(&first.tables) {
        assert_eq!((name, schema), (built, &rows.schema()), "the schema is known before the rows");
    }

    let again = built(&tables, &inputs, &published(&first), "2031-01-01").await.unwrap();
    assert_eq!(again.tables, first.tables);
    assert_eq!(breaches(&again), Vec::<String>::new());
    assert!(again.notes.is_empty() && again.balances.iter().all(|b| b.inserted + b.updated + b.deleted == 0));
}

#[tokio::test]
async fn a_fact_meets_the_version_of_its_day() {
    let mut inputs = shop();
    let tables = [sales(), customer(2)];
    let first = built(&tables, &inputs, &Published::new(), "2024-01-20").await.unwrap();
    inputs.insert(TableName::new(Layer::Resolved, "golden_record"), golden(&[("C1", "Delhi"), ("C2", "Kochi")]));
    let orders = orders(&[
        ("O1", 1, "a", "2024-01-05", 1, 1),
        ("O2", 1, "a", "2024-01-25", 1, 1),
        ("O3", 1, "a", "2024-02-01", 1, 1),
        ("O4", 1, "b", "2024-02-02", 1, 1),
    ]);
    inputs.insert(TableName::new(Layer::Standardized, "shop_order"), orders);
    let second = built(&tables, &inputs, &published(&first), "2024-02-01").await.unwrap();
    let keys = table(&second, "fact_sales").column(3).as_primitive::<Int64Type>().values().to_vec();
    assert_eq!(keys, [1, 1, 3, 2]);
    assert_eq!(second.notes, ["dim_customer: 1 changed"]);
    assert_eq!(breaches(&second), Vec::<String>::new());

    let failure = {
        inputs.insert(TableName::new(Layer::Resolved, "golden_record"), golden(&[("C1", "Agra"), ("C2", "Kochi")]));
        built(&tables, &inputs, &published(&second), "2024-01-31").await.unwrap_err()
    };
    assert_eq!(failure.kind, FailureKind::Usage);
    assert!(failure.message.contains("as of 2024-01-31") && failure.message.contains("2024-02-01"), "{failure}");
}

#[tokio::test]
async fn a_row_lost_on_the_way_keeps_the_balance_open() {
    let inputs = shop();
    let mut dropping = sales();
    dropping.sql = dropping.sql.replace("WHERE o.quantity > 0", "WHERE o.quantity > 0 AND o.line < 2");
    let build = built(&[dropping, customer(2)], &inputs, &Published::new(), "2024-06-01").await.unwrap();
    let found = breaches(&build);
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(found[0].contains("mart.fact_sales: read 4 rows, but inserted 2"), "{found:?}");
    assert!(found[1].contains("sum of amount is 23.45 as delivered, but 20.45"), "{found:?}");
}

#[tokio::test]
async fn facts_that_change_or_go_are_counted() {
    let mut inputs = shop();
    let tables = [sales(), customer(1)].map(|mut table| {
        table.sql = table
            .sql
            .replace("c.version = 1", "true")
            .replace("o.order_date < c.valid_to", "true")
            .replace("ELSE c.valid_from", "");
        table
    });
    let first = built(&tables, &inputs, &Published::new(), "2024-06-01").await.unwrap();
    let orders = orders(&[
        ("O1", 1, "a", "2024-01-05", 1, 995),
        ("O2", 1, "b", "2024-02-01", 5, 1),
        ("O9", 1, "b", "2024-02-01", 1, 7),
    ]);
    inputs.insert(TableName::new(Layer::Standardized, "shop_order"), orders);
    inputs.insert(TableName::new(Layer::Resolved, "golden_record"), golden(&[("C2", "Kochi"), ("C3", "Agra")]));
    let second = built(&tables, &inputs, &published(&first), "2024-06-02").await.unwrap();
    assert_eq!(breaches(&second), Vec::<String>::new());
    let balance =
        |table: &str, grain: &str| second.balances.iter().find(|b| b.table == table && b.grain == grain).unwrap();
    let counts = |b: &Balance| [b.before, b.read, b.inserted, b.updated, b.unchanged, b.deleted, b.after];
    assert_eq!(counts(balance("mart.fact_sales", "one row a thing")), [3, 3, 1, 1, 1, 1, 3]);
    assert_eq!(counts(balance("mart.dim_customer", "one row a thing")), [2, 3, 1, 1, 1, 0, 3]);
    assert_eq!(counts(balance("mart.dim_customer", "one member that holds now")), [2, 2, 1, 0, 1, 1, 2]);
    assert_eq!(
        shown(table(&second, "dim_customer")),
        [
            "customer_key = 1, customer_id = C1, city = Pune, is_deleted = true",
            "customer_key = 2, customer_id = C2, city = Kochi, is_deleted = false",
            "customer_key = 3, customer_id = C3, city = Agra, is_deleted = false",
        ]
    );
    assert_eq!(table(&second, "fact_sales").column(3).as_primitive::<Int64Type>().values().to_vec(), [1, 2, 2]);
}

#[tokio::test]
async fn keys_must_name_one_row() {
    let mut inputs = shop();
    inputs.insert(TableName::new(Layer::Resolved, "xref"), xref(&[("a", "C1"), ("a", "C2"), ("b", "C2")]));
    let failure = built(&[sales(), customer(2)], &inputs, &Published::new(), "2024-06-01").await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Gate);
    assert!(failure.message.contains("fact_sales: 2 keys stand on more than one row"), "{failure}");
    assert_eq!(
        failure.details,
        ["order_id = O1, line = 1 stands on 2 rows", "order_id = O1, line = 2 stands on 2 rows"]
    );

    let mut keyless = customer(2);
    keyless.sql = "SELECT nullif(customer_id, 'C1') AS customer_id, city FROM resolved.golden_record".into();
    let failure = built(&[keyless], &inputs, &Published::new(), "2024-06-01").await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Gate);
    assert!(
        failure.message.contains("dim_customer: 1 rows have no value in the key column `customer_id`"),
        "{failure}"
    );
}

#[tokio::test]
async fn checks_that_find_rows_refuse_the_release_all_at_once() {
    let mut inputs = shop();
    inputs.insert(TableName::new(Layer::Resolved, "xref"), xref(&[("b", "C2")]));
    let mut dimension = customer(2);
    dimension.spec.checks = vec![
        MartCheck { name: "no city is Kochi".into(), sql: "SELECT city FROM dim_customer WHERE city = 'Kochi'".into() },
        MartCheck {
            name: "there are customers".into(),
            sql: "SELECT 1 AS x WHERE NOT EXISTS (SELECT 1 FROM dim_customer)".into(),
        },
    ];
    let failure = built(&[sales(), dimension], &inputs, &Published::new(), "2024-06-01").await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Gate);
    assert_eq!(failure.message, "2 checks of the mart failed, so nothing was published");
    assert_eq!(
        failure.details,
        [
            "dim_customer: \"no city is Kochi\" does not hold for 1 rows",
            "  city = Kochi",
            "fact_sales: \"every line has a customer\" does not hold for 2 rows",
            "  order_id = O1, line = 1",
            "  order_id = O1, line = 2",
        ]
    );
}

#[tokio::test]
async fn a_value_that_a_select_cannot_read_is_told_in_words() {
    let mut wrong = customer(1);
    wrong.sql = "SELECT customer_id, CAST(city AS INTEGER) AS city FROM resolved.golden_record".into();
    let failure = built(&[wrong], &shop(), &Published::new(), "2024-06-01").await.unwrap_err();
    assert_eq!(failure.message, "dim_customer.sql: Cannot cast string 'Pune' to value of INTEGER type");
}

#[tokio::test]
async fn columns_may_come_and_go_and_what_cannot_be_carried_on_is_refused() {
    let inputs = shop();
    let first = built(&[customer(2)], &inputs, &Published::new(), "2024-06-01").await.unwrap();
    let mut wider = customer(2);
    wider.spec.columns.push(ColumnMeaning { name: "region".into(), meaning: "Where.".into() });
    wider.sql =
        "SELECT customer_id, city, CASE WHEN city = 'Pune' THEN 'west' END AS region FROM resolved.golden_record"
            .into();
    let second = built(&[wider], &inputs, &published(&first), "2024-06-02").await.unwrap();
    assert_eq!(second.notes, ["dim_customer: 1 changed"], "an empty new column changes no member");
    assert_eq!(breaches(&second), Vec::<String>::new());

    let mut renamed = customer(2);
    renamed.spec.surrogate_key = Some("cust_key".into());
    let overwriting = customer(1);
    let mut rekeyed = customer(2);
    rekeyed.sql =
        "SELECT length(customer_id) AS customer_id, city FROM resolved.golden_record WHERE city = 'Pune'".into();
    for table in [renamed, overwriting, rekeyed] {
        let failure = built(&[table], &inputs, &published(&first), "2024-06-02").await.unwrap_err();
        assert_eq!(failure.kind, FailureKind::Usage, "{failure}");
    }
}

#[tokio::test]
async fn the_order_of_the_inputs_does_not_matter() {
    let inputs = shop();
    let ordered = fact(
        "f",
        "SELECT order_id || '-' || line AS id, row_number() OVER () AS place, sum(CAST(amount AS DOUBLE)) OVER () AS floating
         FROM standardized.shop_order",
    );
    let mut ordered = ordered;
    for name in ["place", "floating"] {
        ordered.spec.columns.push(ColumnMeaning { name: name.into(), meaning: "What it is.".into() });
    }
    let mut turned = inputs.clone();
    for rows in turned.values_mut() {
        let places = arrow::array::UInt32Array::from_iter_values((0..rows.num_rows() as u32).rev());
        *rows = arrow::compute::take_record_batch(rows, &places).unwrap();
    }
    let tables = [ordered, sales(), customer(2)];
    let one = built(&tables, &inputs, &Published::new(), "2024-06-01").await.unwrap();
    let other = built(&tables, &turned, &Published::new(), "2024-06-01").await.unwrap();
    assert_eq!(one.tables, other.tables);
}

mod histories {
    use proptest::prelude::*;

    use super::*;
    use crate::mart::dimension::{Grown, grow};
    use crate::mart::rows::sorted;

    /// What the SELECT gives at one run: member to attribute.
    type State = BTreeMap<u8, Option<i64>>;

    fn select(state: &State, backwards: bool) -> RecordBatch {
        let mut rows: Vec<_> = state.iter().collect();
        if backwards {
            rows.reverse();
        }
        let keys = rows.iter().map(|(key, _)| Some(format!("C{key}"))).collect::<StringArray>();
        let values = rows.iter().map(|(_, value)| **value).collect::<Int64Array>();
        let columns: [(&str, Arc<dyn Array>); 2] = [("customer_id", Arc::new(keys)), ("city", Arc::new(values))];
        RecordBatch::try_from_iter_with_nullable(columns.map(|(n, c)| (n, c, true))).unwrap()
    }

    fn date(day: u16) -> NaiveDate {
        NaiveDate::from_ymd_opt(2024, 1, 1).unwrap() + chrono::Days::new(day.into())
    }

    fn run(
        scd_type: u8,
        state: &State,
        previous: Option<&RecordBatch>,
        day: u16,
        backwards: bool,
    ) -> (RecordBatch, Grown) {
        let grown = grow(&customer(scd_type).spec, &select(state, backwards), previous, date(day)).unwrap();
        (sorted(&grown.batch, &[]).unwrap(), grown)
    }

    #[derive(Debug, Clone, PartialEq)]
    struct Row {
        surrogate: i64,
        member: u8,
        value: Option<i64>,
        from: i32,
        to: i32,
        current: bool,
        version: i64,
    }

    fn read(batch: &RecordBatch) -> Vec<Row> {
        let whole = |name: &str| batch.column_by_name(name).unwrap().as_primitive::<Int64Type>().clone();
        let days = |name: &str| batch.column_by_name(name).map(|c| c.as_primitive::<Date32Type>().clone());
        let flags = |name: &str| {
            batch.column_by_name(name).map(|c: &Arc<dyn Array>| -> BooleanArray { c.as_boolean().clone() })
        };
        let members = batch.column_by_name("customer_id").unwrap().as_string::<i32>().clone();
        let values = whole("city");
        (0..batch.num_rows())
            .map(|row| Row {
                surrogate: whole("customer_key").value(row),
                member: members.value(row)[1..].parse().unwrap(),
                value: values.is_valid(row).then(|| values.value(row)),
                from: days("valid_from").map_or(0, |d| d.value(row)),
                to: days("valid_to").map_or(0, |d| d.value(row)),
                current: flags("is_current").map_or_else(|| !flags("is_deleted").unwrap().value(row), |f| f.value(row)),
                version: batch.column_by_name("version").map_or(1, |_| whole("version").value(row)),
            })
            .collect()
    }

    fn state() -> impl Strategy<Value = State> {
        proptest::collection::btree_map(0u8..5, proptest::option::of(0i64..3), 0..5)
    }

    /// Runs with the days since the run before; 0 is another run on the same day.
    fn history() -> impl Strategy<Value = Vec<(u16, State)>> {
        proptest::collection::vec((0u16..3, state()), 1..8)
    }

    proptest! {
        #[test]
        fn every_day_can_be_seen_again(history in history(), later in 0u16..9) {
            let mut table: Option<RecordBatch> = None;
            let mut held: BTreeMap<u16, State> = BTreeMap::new();
            let mut today = 0;
            for (days, state) in &history {
                today += days;
                held.insert(today, state.clone());
                let (next, grown) = run(2, state, table.as_ref(), today, false);
                let (backwards, _) = run(2, state, table.as_ref(), today, true);
                prop_assert_eq!(&backwards, &next);

                let before = table.as_ref().map(read).unwrap_or_default();
                let rows = read(&next);
                for old in &before {
                    let kept = rows.iter().find(|row| row.surrogate == old.surrogate);
                    prop_assert_eq!(kept.map(|r| (r.member, r.version, r.from)), Some((old.member, old.version, old.from)));
                }
                prop_assert_eq!(rows.len() as u64, state.len() as u64 + grown.history);
                table = Some(next);
            }
            let table = table.unwrap();
            let rows = read(&table);

            let surrogates: BTreeSet<i64> = rows.iter().map(|row| row.surrogate).collect();
            prop_assert_eq!(surrogates.into_iter().collect::<Vec<_>>(), (1..=rows.len() as i64).collect::<Vec<_>>());
            for row in &rows {
                let open = row.to == Date32Type::from_naive_date(NaiveDate::from_ymd_opt(9999, 12, 31).unwrap());
                prop_assert_eq!(open, row.current);
                prop_assert!(row.from < row.to || (row.from == row.to && !row.current));
                for other in rows.iter().filter(|other| other.member == row.member && other.version > row.version) {
                    prop_assert!(row.to <= other.from, "versions overlap: {:?} {:?}", row, other);
                }
                let numbers = rows.iter().filter(|other| other.member == row.member).map(|other| other.version);
                prop_assert!(numbers.clone().max() == Some(numbers.clone().count() as i64));
            }

            for (day, state) in &held {
                let day = Date32Type::from_naive_date(date(*day));
                let seen: State = rows.iter().filter(|r| r.from <= day && day < r.to).map(|r| (r.member, r.value)).collect();
                prop_assert_eq!(&seen, state);
            }
            let (_, last) = history.last().unwrap();
            let now: State = rows.iter().filter(|r| r.current).map(|r| (r.member, r.value)).collect();
            prop_assert_eq!(&now, last);

            // The same input again, on whatever day, is no change.
            prop_assert_eq!(run(2, last, Some(&table), later, false).0, table);
        }

        #[test]
        fn an_overwriting_dimension_forgets_values_and_no_member(history in history()) {
            let mut table: Option<RecordBatch> = None;
            let mut known: BTreeMap<u8, (i64, Option<i64>)> = BTreeMap::new();
            for (_, state) in &history {
                let (next, _) = run(1, state, table.as_ref(), 0, false);
                for row in read(&next) {
                    let first = known.entry(row.member).or_insert((row.surrogate, row.value));
                    prop_assert_eq!(first.0, row.surrogate);
                    if let Some(value) = state.get(&row.member) {
                        first.1 = *value;
                    }
                    prop_assert_eq!(first.1, row.value);
                    prop_assert_eq!(row.current, state.contains_key(&row.member));
                }
                prop_assert_eq!(next.num_rows(), known.len());
                prop_assert_eq!(&run(1, state, Some(&next), 5, true).0, &next);
                table = Some(next);
            }
        }

        #[test]
        fn a_day_before_the_latest_change_is_refused_only_if_something_changes(
            first in state(), second in state(), third in state(), back in 1u16..5
        ) {
            let (table, _) = run(2, &first, None, 5, false);
            let (table, grown) = run(2, &second, Some(&table), 10, false);
            prop_assume!(grown.members.inserted + grown.members.updated + grown.members.deleted > 0);
            let outcome = grow(&customer(2).spec, &select(&third, false), Some(&table), date(10 - back));
            match outcome {
                Ok(grown) => prop_assert_eq!(sorted(&grown.batch, &[]).unwrap(), table),
                Err(failure) => {
                    prop_assert_eq!(failure.kind, FailureKind::Usage);
                    prop_assert_ne!(third, second);
                }
            }
        }
    }
}
