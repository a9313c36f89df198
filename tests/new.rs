//! `onefold new`: a pipeline made from a look at files, which runs as it is.

use super::support::{Answer, DESK, SHOP, Workshop};

fn made(shop: &Workshop, arguments: &[&str]) -> Answer {
    shop.onefold(&[&["new", "mine"], arguments].concat())
}

#[test]
fn a_pipeline_from_files_runs_and_folds() {
    let shop = Workshop::empty();
    // A ragged row must not make another delimiter likelier, and an order line takes two columns to tell apart.
    shop.write("desk.csv", format!("{DESK}4,Eva\n"));
    shop.write("shop.csv", SHOP);
    shop.write("lines.csv", "order,line,amount\nO1,1,$10.00\nO1,2,$5.50\nO2,1,$7.25\nO2,2,$10.00\n");
    let said = made(&shop, &["desk.csv", "shop.csv", "lines.csv"]).ok();
    assert!(said.contains("lines.csv: 4 rows, one row a order and line"), "{said}");
    let run = shop.onefold(&["run", "mine", "--as-of", "2026-01-15"]);
    assert_eq!(run.code, Some(1), "the ragged row is a tenth of the desk's: {}", run.err);
    let gates =
        shop.read("pipelines/mine/pipeline.toml").replace("max_rejected_share = 0.05", "max_rejected_share = 0.5");
    shop.write("pipelines/mine/pipeline.toml", gates);
    shop.onefold(&["run", "mine", "--as-of", "2026-01-15"]).ok();
    let records = shop.sql("SELECT count(*) AS n, count(DISTINCT source_name) AS sources FROM customer_xref");
    assert_eq!((&records[0]["n"], &records[0]["sources"]), (&5.into(), &2.into()));
    let lines = shop.sql("SELECT CAST(sum(amount) AS VARCHAR) AS total, count(*) AS n FROM fact_lines");
    assert_eq!((lines[0]["total"].as_str(), lines[0]["n"].as_i64()), (Some("32.7500"), Some(4)));
    let source = shop.read("pipelines/mine/sources/shop.toml");
    assert!(source.contains("# ") && source.contains("% sure") && source.contains("kind = \"birth_date\""), "{source}");
}

#[test]
fn a_sheet_found_below_its_title_is_pinned() {
    let shop = Workshop::with_pipeline("demo");
    shop.onefold(&["demo", "generate", "--customers", "400", "--out", "demo/data"]).ok();
    made(&shop, &["demo/data/sales_leads.xlsx", "demo/data/webshop_customers.csv"]).ok();
    let source = shop.read("pipelines/mine/sources/sales_leads.toml");
    assert!(source.contains("sheets = [\"Americas\"]"), "{source}");
    shop.onefold(&["run", "mine", "--as-of", "2026-01-15"]).ok();
    let sources = shop.sql("SELECT DISTINCT source_name FROM customer_xref ORDER BY 1");
    assert_eq!(sources.len(), 2);
}

#[test]
fn what_cannot_be_made_is_told() {
    let shop = Workshop::empty();
    shop.write("a.csv", "x,y\n1,1\n1,1\n");
    for (arguments, code, told) in [
        (&["new", "Mine", "a.csv"][..], 2, "is no name of a pipeline"),
        (&["new", "mine"][..], 2, "no source is named"),
        (&["new", "mine", "gone.csv"][..], 3, "there is no file gone.csv"),
        (&["new", "mine", "a.csv"][..], 2, "tell its rows apart"),
    ] {
        let answer = shop.onefold(arguments);
        assert_eq!(answer.code, Some(code), "{arguments:?}: {answer:?}");
        assert!(answer.err.contains(told), "{arguments:?}: {}", answer.err);
    }
    assert!(!shop.path("pipelines/mine").exists(), "nothing is written where something is wrong");
    shop.write("desk.csv", DESK);
    made(&shop, &["desk.csv"]).ok();
    let answer = made(&shop, &["desk.csv"]);
    assert!(answer.code == Some(2) && answer.err.contains("is there already"), "{answer:?}");
}
