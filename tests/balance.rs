//! One row lost inside each stage: the run is refused.

use super::support::{DESK, ORDERS, Workshop};

#[test]
fn a_row_lost_in_any_stage_refuses_the_run() {
    for stage in ["raw", "staged", "standardized", "resolved", "mart"] {
        let shop = Workshop::tiny();
        let answer = shop.run_tiny(&["--lose-row", stage]);
        assert_eq!(answer.code, Some(1), "{stage}:\n{}\n{}", answer.out, answer.err);
        assert!(answer.err.contains("the balance does not close"), "{stage}: {}", answer.err);
        let releases = shop.onefold(&["release", "list", "--json"]).json();
        assert_eq!(releases, serde_json::json!([]), "{stage}: nothing may be published");
        let run = shop.onefold(&["runs", "show", "--json"]).json();
        assert_eq!(run["status"], "refused");
        // The next run, which loses nothing, is none the worse for it.
        shop.run_tiny(&[]).ok();
        assert_eq!(shop.sql("SELECT count(*) AS n FROM fact_sales")[0]["n"], 3);
    }
}

/// A later night on which a stage loses a row: an insert, an update or a delete.
fn lost_later(what: &str, stages: &[&str], change: impl Fn(&Workshop)) {
    let shop = Workshop::tiny();
    shop.run_tiny(&[]).ok();
    let before = shop.digests();
    change(&shop);
    for stage in stages {
        let answer = shop.run_tiny(&["--lose-row", stage]);
        assert_eq!(answer.code, Some(1), "{what} in {stage}:\n{}\n{}", answer.out, answer.err);
        assert!(answer.err.contains("the balance does not close"), "{what} in {stage}: {}", answer.err);
        assert_eq!(shop.digests(), before, "{what} in {stage}");
    }
    shop.run_tiny(&[]).ok();
    assert_ne!(shop.digests(), before, "{what}: undisturbed, the change arrives");
}

#[test]
fn a_row_lost_on_a_later_night_keeps_the_release_before() {
    lost_later("an insert", &["raw", "staged", "standardized", "mart"], |shop| {
        shop.write("data/orders.csv", format!("{ORDERS}O3,1,2024-03-01,b,1,$1.00\n"));
    });
    lost_later("an update", &["staged", "standardized"], |shop| {
        shop.write("data/desk.csv", DESK.replace("anna@jones.example", "anna@new.example"));
    });
    lost_later("a delete", &["staged", "standardized", "resolved"], |shop| {
        let without = DESK.lines().filter(|line| !line.starts_with('3')).collect::<Vec<_>>().join("\n");
        shop.write("data/desk.csv", without + "\n");
    });
}

#[test]
fn the_balance_closes_for_every_table() {
    let shop = Workshop::tiny();
    shop.run_tiny(&[]).ok();
    let run = shop.onefold(&["runs", "show", "--json"]).json();
    let balances = run["report"]["balances"].as_array().unwrap();
    let names: Vec<&str> = balances.iter().map(|b| b["table"].as_str().unwrap()).collect();
    for table in [
        "staged.desk",
        "standardized.shop",
        "resolved.xref",
        "resolved.golden_record",
        "mart.fact_sales",
        "mart.dim_customer",
    ] {
        assert!(names.contains(&table), "{table} has no balance: {names:?}");
    }
    for balance in balances {
        let figure = |name: &str| balance[name].as_u64().unwrap();
        let explained = ["inserted", "updated", "unchanged", "delete_messages", "quarantined", "excluded"]
            .map(figure)
            .iter()
            .sum::<u64>();
        assert_eq!(figure("read"), explained, "{balance:#}");
        assert_eq!(
            figure("before") + figure("inserted"),
            figure("after") + figure("deleted") + figure("erased"),
            "{balance:#}"
        );
        for total in balance["control_totals"].as_array().unwrap() {
            assert_eq!(total["delivered"], total["accounted"], "{balance:#}");
        }
    }
}
