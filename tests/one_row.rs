//! From one CSV row to SQL, through every room.

use super::support::Workshop;

#[test]
fn a_row_walks_from_its_file_to_sql() {
    let shop = Workshop::tiny();
    shop.run_tiny(&[]).ok();
    let rows = shop.sql(
        "SELECT c.given_name, c.family_name, c.email, f.order_number, CAST(f.revenue AS VARCHAR) AS revenue FROM fact_sales f \
         JOIN dim_customer c USING (customer_key) WHERE f.order_number = 'O2'",
    );
    let expected = serde_json::json!([{
        "given_name": "Dora", "family_name": "Lake", "email": "dora@lake.example", "order_number": "O2", "revenue": "4001.0000",
    }]);
    assert_eq!(serde_json::Value::Array(rows), expected);
}

#[test]
fn records_of_two_sources_fold_into_one_customer() {
    let shop = Workshop::tiny();
    shop.run_tiny(&[]).ok();
    let rows = shop.sql("SELECT customer_id, given_name FROM dim_customer ORDER BY customer_id");
    assert_eq!(rows.len(), 4, "five records, two of them one person");
    assert_eq!(rows.iter().filter(|row| row["given_name"] == "Bob").count(), 1);
    assert!(rows.iter().all(|row| row["given_name"] != "Robert"), "the shop's value survives: {rows:?}");
}

#[test]
fn the_original_stands_beside_the_clean_value() {
    let shop = Workshop::tiny();
    shop.run_tiny(&[]).ok();
    let raw: Vec<_> = std::fs::read_dir(shop.path("state/raw/desk")).unwrap().map(|e| e.unwrap().path()).collect();
    let landed = raw.iter().find(|path| path.extension().is_some_and(|e| e == "csv")).unwrap();
    assert_eq!(
        std::fs::read(landed).unwrap(),
        std::fs::read(shop.path("data/desk.csv")).unwrap(),
        "landed as received"
    );
}
