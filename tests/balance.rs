//! One row lost inside each stage: the run is refused.

use super::support::Workshop;

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

#[test]
fn a_row_lost_on_a_later_night_keeps_the_release_before() {
    let shop = Workshop::tiny();
    shop.run_tiny(&[]).ok();
    let before = shop.digests();
    shop.write("data/orders.csv", format!("{}O3,1,2024-03-01,b,1,$1.00\n", super::support::ORDERS));
    for stage in ["raw", "staged", "standardized", "mart"] {
        let answer = shop.run_tiny(&["--lose-row", stage]);
        assert_eq!(answer.code, Some(1), "{stage}:\n{}\n{}", answer.out, answer.err);
        assert_eq!(shop.digests(), before, "{stage}");
    }
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
