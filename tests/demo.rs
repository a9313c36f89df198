//! The pipeline `demo`: the generator's own books, the truth, and an independent reader.

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
    assert_eq!(asked, 5);
}

/// DuckDB, which shares nothing with us, sees the same rows at every release.
#[test]
fn an_independent_reader_sees_the_same_rows_at_every_release() {
    let Some(python) = onefold_testkit::python("an_independent_reader") else { return };
    let shop = company("300");
    shop.onefold(&["demo", "generate", "--customers", "300", "--seed", "11", "--night", "2", "--out", "demo/data"])
        .ok();
    shop.onefold(&["run", "demo", "--as-of", "2026-01-16"]).ok();
    let releases = shop.onefold(&["release", "list", "--json"]).json();
    let releases = releases.as_array().unwrap();
    assert_eq!(releases.len(), 2);
    for release in releases {
        let id = release["id"].to_string();
        let output = std::process::Command::new(&python)
            .arg(root().join("scripts/duckdb_rows.py"))
            .args([shop.path("state/lake/catalogue.sqlite"), shop.path("state/lake/data/")])
            .arg(&id)
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let seen = String::from_utf8(output.stdout).unwrap();
        for table in release["tables"].as_array().unwrap().iter().filter(|t| t["name"]["layer"] == "mart") {
            let name = table["name"]["name"].as_str().unwrap();
            let rows = table["rows"].to_string();
            assert!(
                seen.lines().any(|l| l.contains(&format!("mart.{name}")) && l.contains(&rows)),
                "{name} {rows} not in\n{seen}"
            );
        }
    }
}
