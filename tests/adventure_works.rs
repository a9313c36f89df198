//! The pipeline `adventure-works` over the real files, against figures computed independently of it.

use std::collections::BTreeMap;

use super::support::Workshop;

/// Revenue by year, and by year and product, in units of 0.0001 dollars: quantity times the product's price, computed
/// from the CSV files with nothing of Onefold.
fn expected(data: &std::path::Path) -> (BTreeMap<String, i128>, BTreeMap<String, i128>) {
    let rows = |file: &str| {
        csv::Reader::from_path(data.join(file)).unwrap().into_records().map(Result::unwrap).collect::<Vec<_>>()
    };
    let units = |text: &str| {
        let (whole, part) = text.split_once('.').unwrap_or((text, ""));
        format!("{whole}{part:0<4}").parse::<i128>().unwrap()
    };
    let prices: BTreeMap<String, i128> =
        rows("AdventureWorks_Products.csv").iter().map(|row| (row[0].to_string(), units(&row[10]))).collect();
    let (mut by_year, mut by_product) = (BTreeMap::new(), BTreeMap::new());
    for year in ["2017", "2018", "2019"] {
        for row in rows(&format!("AdventureWorks_Sales_{year}.csv")) {
            let revenue = prices[&row[3]] * row[7].parse::<i128>().unwrap();
            *by_year.entry(row[0].rsplit('/').next().unwrap().to_string()).or_insert(0) += revenue;
            *by_product.entry(row[3].to_string()).or_insert(0) += revenue;
        }
    }
    (by_year, by_product)
}

fn sums(rows: &[serde_json::Value]) -> BTreeMap<String, i128> {
    let units = |value: &serde_json::Value| value.as_str().unwrap().replace('.', "").parse().unwrap();
    rows.iter().map(|row| (row["name"].as_str().unwrap().to_string(), units(&row["revenue"]))).collect()
}

#[test]
fn the_real_files_give_the_known_figures() {
    let Some(data) = onefold_testkit::shared("adventure_works", "adventure-works") else { return };
    let shop = Workshop::with_pipeline("adventure-works");
    let parameter = format!("data={}", data.display());
    let said = shop.onefold(&["run", "adventure-works", "--param", &parameter]).ok();
    assert!(said.contains("published release 1"), "{said}");

    let count = |query: &str| shop.sql(query)[0]["n"].as_u64().unwrap();
    assert_eq!(
        count("SELECT count(DISTINCT customer_id) AS n FROM dim_customer WHERE customer_id <> 'unknown'"),
        18_148
    );
    assert_eq!(count("SELECT count(*) AS n FROM fact_sales"), 56_046);
    let (by_year, by_product) = expected(&data);
    let years = "SELECT CAST(d.year AS VARCHAR) AS name, CAST(CAST(sum(f.revenue) AS DECIMAL(28,4)) AS VARCHAR) AS revenue \
                 FROM fact_sales f JOIN dim_date d USING (date_key) GROUP BY d.year";
    assert_eq!(sums(&shop.sql(years)), by_year);
    let known = BTreeMap::from([("2017", 64_049_335_803), ("2018", 93_242_037_917), ("2019", 91_854_494_473)]);
    assert_eq!(by_year, known.into_iter().map(|(year, sum)| (year.to_string(), sum)).collect());
    let products = "SELECT p.product_number AS name, CAST(CAST(sum(f.revenue) AS DECIMAL(28,4)) AS VARCHAR) AS revenue \
                    FROM fact_sales f JOIN dim_product p USING (product_key) GROUP BY p.product_number";
    assert_eq!(sums(&shop.sql(products)), by_product);

    let run = shop.onefold(&["runs", "show", "--json"]).json();
    let notes = run["report"]["notes"].to_string();
    assert!(notes.contains("written"), "a base without duplicates keeps the written figures and says so: {notes}");
    assert_eq!(
        run["report"]["resolution"]["records"], run["report"]["resolution"]["entities"],
        "any merge is an error"
    );
    let staged = run["report"]["balances"].as_array().unwrap().iter().find(|b| b["table"] == "staged.sales").unwrap();
    assert_eq!(staged["read"], 56_046);
    assert!(!staged["control_totals"].as_array().unwrap().is_empty());
    let said = shop.onefold(&["check", "adventure-works", "--param", &parameter]).ok();
    assert!(said.contains("gap:") && said.to_lowercase().contains("territor"), "{said}");

    let again = shop.onefold(&["run", "adventure-works", "--param", &parameter]).ok();
    assert!(again.contains("found nothing new"), "{again}");
}
