//! Five nights of the whole demonstration company, held against the generator's own books.

use std::collections::{BTreeMap, BTreeSet};

use super::support::{Workshop, root};

type Record = (String, String);

/// What the generator wrote down of a night.
fn books(shop: &Workshop) -> serde_json::Value {
    serde_json::from_str(&shop.read("demo/data/books.json")).unwrap()
}

/// The sources of the pipeline, by name, as written.
fn sources() -> BTreeMap<String, toml::Table> {
    let files = std::fs::read_dir(root().join("pipelines/demo/sources")).unwrap();
    let read = |file: std::fs::DirEntry| std::fs::read_to_string(file.path()).unwrap().parse::<toml::Table>().unwrap();
    files.map(|file| read(file.unwrap())).map(|source| (source["name"].as_str().unwrap().to_string(), source)).collect()
}

/// The entries of the books that a source reads: a file, a table of a database, or the sheets of a workbook.
fn entries<'a>(source: &toml::Table, books: &'a serde_json::Value) -> Vec<&'a serde_json::Value> {
    let file = source["location"].as_str().unwrap().trim_start_matches("{data}/");
    let inner = |table: &str, key: &str| source.get(table).and_then(|t| t.get(key)).cloned();
    let names: Vec<String> = match (inner("sqlite", "table"), inner("excel", "sheets")) {
        (Some(table), _) if table.as_str() != Some("customer") => vec![format!("{file}/{}", table.as_str().unwrap())],
        (_, Some(sheets)) if sheets.as_array().unwrap().len() > 1 => {
            sheets.as_array().unwrap().iter().map(|sheet| format!("{file}/{}", sheet.as_str().unwrap())).collect()
        }
        _ => vec![file.to_string()],
    };
    names.iter().map(|name| &books["files"][name.as_str()]).collect()
}

/// A decimal as ten-thousandths.
fn exact(text: &str) -> i64 {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let units: i64 = format!("{whole}{fraction:0<4}").parse().unwrap();
    units
}

/// Rows and control totals of every source against the books.
fn sources_equal_the_books(shop: &Workshop, books: &serde_json::Value) {
    let run = shop.onefold(&["runs", "show", "--json"]).json();
    let balances = run["report"]["balances"].as_array().unwrap();
    let mut totals_seen = 0;
    for (name, source) in sources() {
        let balance = balances.iter().find(|b| b["table"] == format!("standardized.{name}")).unwrap();
        if source.get("excel").is_some_and(|excel| excel.get("unpivot").is_some()) {
            continue; // A cell a row: its sums are held against the worksheet's own totals when it is read.
        }
        let entries = entries(&source, books);
        let good: u64 = entries.iter().map(|entry| entry["good_rows"].as_u64().unwrap()).sum();
        assert_eq!(balance["after"].as_u64(), Some(good), "{name}: rows that can be loaded");
        for column in source.get("control_totals").and_then(|c| c.as_array()).into_iter().flatten() {
            let column = column.as_str().unwrap();
            let declared =
                source["columns"].as_array().unwrap().iter().find(|c| c["name"].as_str() == Some(column)).unwrap();
            let at_source = declared.get("from").and_then(|from| from.as_str()).unwrap_or(column);
            let wanted: i64 = entries.iter().map(|entry| exact(entry["totals"][at_source].as_str().unwrap())).sum();
            let totals = balance["control_totals"].as_array().unwrap();
            let total = totals.iter().find(|total| total["name"] == format!("sum of {column}")).unwrap();
            let written = total["written"].as_str().or(total["delivered"].as_str()).unwrap();
            assert_eq!(exact(written), wanted, "{name}.{column}");
            totals_seen += 1;
        }
    }
    assert!(totals_seen >= 9, "{totals_seen} control totals");
}

/// The mart's sales and leads against the books.
fn the_mart_equals_the_books(shop: &Workshop, books: &serde_json::Value) {
    let sums = |query: &str| -> BTreeMap<String, (i64, i64, i64)> {
        let rows = shop.sql(query);
        let row = |r: &serde_json::Value| {
            let revenue = exact(r["revenue"].as_str().unwrap());
            (
                r["name"].as_str().unwrap().to_string(),
                (r["lines"].as_i64().unwrap(), r["quantity"].as_i64().unwrap(), revenue),
            )
        };
        rows.iter().map(row).collect()
    };
    let wanted = |of: &serde_json::Value| -> BTreeMap<String, (i64, i64, i64)> {
        let entry = |sales: &serde_json::Value| {
            (
                sales["lines"].as_i64().unwrap(),
                sales["quantity"].as_i64().unwrap(),
                exact(sales["revenue"].as_str().unwrap()),
            )
        };
        of.as_object().unwrap().iter().map(|(name, sales)| (name.clone(), entry(sales))).collect()
    };
    let figures =
        "count(*) AS lines, sum(f.quantity) AS quantity, CAST(sum(f.revenue) AS VARCHAR) AS revenue FROM fact_sales f";
    let by_year =
        format!("SELECT CAST(d.year AS VARCHAR) AS name, {figures} JOIN dim_date d USING (date_key) GROUP BY d.year");
    assert_eq!(sums(&by_year), wanted(&books["sales_by_year"]));
    let by_product = format!(
        "SELECT p.product_code AS name, {figures} JOIN dim_product p USING (product_key) GROUP BY p.product_code"
    );
    // What is no longer sold is in the books by its code, and in the mart the unknown product's.
    let (ours, mut theirs) = (sums(&by_product), wanted(&books["sales_by_product"]));
    let retired: Vec<String> = theirs.keys().filter(|code| !ours.contains_key(*code)).cloned().collect();
    let mut unknown = (0, 0, 0);
    for (lines, quantity, revenue) in retired.iter().filter_map(|code| theirs.remove(code)) {
        unknown = (unknown.0 + lines, unknown.1 + quantity, unknown.2 + revenue);
    }
    theirs.insert("unknown".to_string(), unknown);
    assert_eq!(ours, theirs);

    let sheets = books["files"].as_object().unwrap().iter().filter(|(name, _)| name.starts_with("sales_leads.xlsx/"));
    let (mut leads, mut value) = (0, 0);
    for (_, sheet) in sheets {
        leads += sheet["good_rows"].as_i64().unwrap();
        value += sheet["totals"].as_object().unwrap().values().map(|total| exact(total.as_str().unwrap())).sum::<i64>();
    }
    let query = "SELECT count(*) AS leads, CAST(sum(expected_value) AS VARCHAR) AS value FROM fact_lead";
    let ours = &shop.sql(query)[0];
    assert_eq!((ours["leads"].as_i64(), exact(ours["value"].as_str().unwrap())), (Some(leads), value));
}

/// Which records stand together, by customer id.
fn customers(shop: &Workshop) -> BTreeMap<String, BTreeSet<Record>> {
    let mut members: BTreeMap<String, BTreeSet<Record>> = BTreeMap::new();
    for row in shop.sql("SELECT source_name, source_key, customer_id FROM customer_xref") {
        let text = |name: &str| row[name].as_str().unwrap().to_string();
        members.entry(text("customer_id")).or_default().insert((text("source_name"), text("source_key")));
    }
    members
}

#[test]
fn five_nights_reconcile_with_the_generators_books() {
    let shop = Workshop::with_pipeline("demo");
    let mut before: BTreeMap<String, BTreeSet<Record>> = BTreeMap::new();
    for night in 1..=5 {
        let night = night.to_string();
        let generated = ["--customers", "2000", "--seed", "7", "--night", &night, "--out", "demo/data", "--json"];
        let company = shop.onefold(&[&["demo", "generate"], &generated[..]].concat()).json();
        let said = shop.onefold(&["run", "demo", "--as-of", company["as_of"].as_str().unwrap()]).ok();
        assert!(said.contains("published release"), "night {night}: {said}");
        let books = books(&shop);
        assert_eq!(books["night"].to_string(), night);
        sources_equal_the_books(&shop, &books);
        the_mart_equals_the_books(&shop, &books);

        let now = customers(&shop);
        let ids: BTreeMap<&BTreeSet<Record>, &String> = now.iter().map(|(id, members)| (members, id)).collect();
        for (id, members) in &before {
            if let Some(still) = ids.get(members) {
                assert_eq!(*still, id, "night {night}: records that stay together keep their id");
            }
        }
        let judged = shop.onefold(&["evaluate", "--truth", "demo/data/truth.csv", "--json"]).json();
        assert!(judged["evaluation"]["b_cubed_f1"].as_f64().unwrap() > 0.9, "night {night}: {judged:#}");
        before = now;
    }
}
