//! The pipeline `demo`: the generator's own books, the truth, and an independent reader.

use std::collections::BTreeMap;
use std::path::Path;

use super::support::{Workshop, root};

fn company(customers: &str) -> Workshop {
    let shop = Workshop::with_pipeline("demo");
    shop.onefold(&["demo", "generate", "--customers", customers, "--seed", "11", "--out", "demo/data"]).ok();
    shop.onefold(&["run", "demo", "--as-of", "2026-01-15"]).ok();
    shop
}

#[test]
fn clusters_hold_against_the_truth() {
    let shop = company("1000");
    let judged = shop.onefold(&["evaluate", "--truth", "demo/data/truth.csv", "--json"]).json();
    let figure = |name: &str| judged["evaluation"][name].as_f64().unwrap();
    assert!(figure("precision") > 0.95 && figure("recall") > 0.8, "{judged:#}");
    assert!(figure("b_cubed_f1") > 0.93, "{judged:#}");
}

#[test]
fn the_questions_are_answered() {
    let shop = company("300");
    let questions = std::fs::read_dir(root().join("pipelines/demo/questions")).unwrap();
    let mut asked = 0;
    for question in questions {
        let text = std::fs::read_to_string(question.unwrap().path()).unwrap();
        assert!(!shop.sql(&text).is_empty(), "no answer to {text}");
        asked += 1;
    }
    assert_eq!(asked, 10);
}

/// What DuckDB, which shares nothing with us, prints of a release: JSON lines.
fn duckdb(python: &Path, shop: &Workshop, further: &[&str]) -> Vec<serde_json::Value> {
    let output = std::process::Command::new(python)
        .arg(root().join("scripts/duckdb_rows.py"))
        .args([shop.path("state/lake/catalogue.sqlite"), shop.path("state/lake/data/")])
        .args(further)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

type Rows = Vec<BTreeMap<String, String>>;

/// DuckDB's rows of a table, every value as text and absent ones empty, in an order of their own.
fn theirs(lines: &[serde_json::Value]) -> Rows {
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_string();
    let row = |line: &serde_json::Value| {
        line["row"].as_object().unwrap().iter().map(|(name, value)| (name.clone(), text(value))).collect()
    };
    let mut rows: Rows = lines.iter().map(row).collect();
    rows.sort();
    rows
}

/// Our rows of a table, from CSV, in the same order.
fn ours(csv_text: &str) -> Rows {
    let mut rows: Rows = csv::Reader::from_reader(csv_text.as_bytes()).deserialize().map(Result::unwrap).collect();
    rows.sort();
    rows
}

#[test]
fn an_independent_reader_sees_the_same_rows_at_every_release() {
    let Some(python) = onefold_testkit::python("demo::an_independent_reader") else { return };
    let shop = company("300");
    shop.onefold(&["demo", "generate", "--customers", "300", "--seed", "11", "--night", "2", "--out", "demo/data"])
        .ok();
    shop.onefold(&["run", "demo", "--as-of", "2026-01-16"]).ok();
    let releases = shop.onefold(&["release", "list", "--json"]).json();
    let releases = releases.as_array().unwrap();
    assert_eq!(releases.len(), 2);
    for release in releases {
        let id = release["id"].to_string();
        let seen = duckdb(&python, &shop, &[&id]);
        let tables = release["tables"].as_array().unwrap();
        assert_eq!(seen.len(), tables.len());
        for table in tables {
            let duck = seen.iter().find(|line| line["table"] == table["name"]).unwrap();
            assert_eq!(duck["rows"], table["rows"], "release {id}, {}", table["name"]);
        }
        for table in ["dim_customer", "fact_sales", "dim_product", "customer_xref"] {
            let seen = theirs(&duckdb(&python, &shop, &[&id, &format!("mart.{table}")]));
            let query = format!("SELECT * FROM {table}");
            let shown = ours(&shop.onefold(&["sql", "--release", &id, "--format", "csv", "-c", &query]).ok());
            assert!(!seen.is_empty());
            assert!(seen == shown, "release {id}, {table}:\n{:?}\n{:?}", seen.first(), shown.first());
        }
    }
}
