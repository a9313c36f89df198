//! Tests against real files, where they are present: the rows that come out are as many as another reader counts, and
//! every account closes.

use std::path::PathBuf;

use onefold_contract::change::CurrentHashes;
use rusqlite::Connection;

use crate::testing::{Bench, applied, column};

/// A folder of the shared data.
fn shared(name: &str) -> Option<PathBuf> {
    onefold_testkit::shared("sources::real_data", name)
}

fn none() -> CurrentHashes {
    CurrentHashes::new()
}

/// Columns of a CSV file by the crate `csv`, and its rows.
fn independent(path: &std::path::Path) -> Vec<csv::StringRecord> {
    let bytes = std::fs::read(path).unwrap();
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&bytes);
    csv::Reader::from_reader(bytes).records().map(Result::unwrap).collect()
}

#[test]
fn adventure_works_comes_out_row_for_row() {
    let Some(folder) = shared("adventure-works") else { return };
    let expected = [
        ("AdventureWorks_Customers.csv", 18_148),
        ("AdventureWorks_Products (unclean).csv", 293),
        ("AdventureWorks_Products.csv", 293),
        ("AdventureWorks_Sales_2017.csv", 2_630),
        ("AdventureWorks_Sales_2018.csv", 23_935),
        ("AdventureWorks_Sales_2019.csv", 29_481),
    ];
    for (name, count) in expected {
        let path = folder.join(name);
        let rows = independent(&path);
        assert_eq!(rows.len(), count, "{name}");
        let header = csv::Reader::from_path(&path).unwrap().headers().unwrap().clone();
        let columns: Vec<&str> = header.iter().map(|name| name.trim_start_matches('\u{FEFF}')).collect();
        let mut bench = Bench::csv("x.csv", &columns[..1]);
        bench.spec.location = path.to_str().unwrap().to_string();
        let ours = bench.table().unwrap();
        assert_eq!(ours.len(), count, "{name}");
        for (ours, theirs) in ours.iter().zip(&rows) {
            let theirs: Vec<&str> = theirs.iter().map(|v| if v.is_empty() { "∅" } else { v }).collect();
            assert_eq!(ours, &theirs, "{name}");
        }
    }
}

#[test]
fn three_years_of_sales_are_one_source() {
    let Some(folder) = shared("adventure-works") else { return };
    let columns = ["OrderNumber:identifier", "OrderLineItem:integer", "ProductKey:identifier", "OrderQuantity:integer"];
    let mut bench = Bench::csv("x.csv", &columns);
    bench.spec.location = folder.join("AdventureWorks_Sales_*.csv").to_str().unwrap().to_string();
    bench.spec.control_totals = vec!["orderquantity".into()];
    bench.spec.key = vec!["ordernumber".into(), "orderlineitem".into(), "productkey".into()];
    let staging = bench.stage("l", &none()).unwrap();
    let quantities: i64 = ["2017", "2018", "2019"]
        .iter()
        .flat_map(|year| independent(&folder.join(format!("AdventureWorks_Sales_{year}.csv"))))
        .map(|row| row[7].parse::<i64>().unwrap())
        .sum();
    assert_eq!((staging.delivered_rows, staging.read_rows, staging.counts.inserted), (56_046, 56_046, 56_046));
    assert!(staging.outcome.rejects.is_empty());
    let total = &staging.control_totals[0];
    assert_eq!([&total.delivered, &total.accounted], [&quantities.to_string(); 2]);
    let current = applied(&staging.outcome.accepted);
    assert!(bench.stage("l2", &current).unwrap().outcome.accepted.is_empty());
    // The key without the product repeats four times.
    bench.spec.key.pop();
    let staging = bench.stage("l", &none()).unwrap();
    assert_eq!(staging.outcome.rejects.iter().filter(|r| r.rule == "duplicate-key").count(), 4);
    assert_eq!(staging.control_totals[0].delivered, staging.control_totals[0].accounted);
}

#[test]
fn customers_come_out_as_they_are() {
    let Some(folder) = shared("adventure-works") else { return };
    let columns = ["CustomerKey:identifier", "AnnualIncome:money", "TotalChildren:integer", "HomeOwner:flag"];
    let mut bench = Bench::csv("x.csv", &columns);
    bench.spec.location = folder.join("AdventureWorks_Customers.csv").to_str().unwrap().to_string();
    let staging = bench.stage("l", &none()).unwrap();
    assert_eq!((staging.counts.inserted, staging.outcome.rejects.len()), (18_148, 0));
    assert_eq!(column(&staging.outcome.accepted, "annualincome")[0], "$90,000 ");
    assert_eq!(staging.unknown_columns.len(), 9);
}

fn counted(path: &std::path::Path, table: &str) -> u64 {
    let database = Connection::open_with_flags(path, rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
    database.query_row(&format!("SELECT count(*) FROM \"{table}\""), [], |row| row.get(0)).unwrap()
}

#[test]
fn chinook_comes_out_of_sqlite() {
    let Some(path) = shared("chinook/Chinook_Sqlite.sqlite") else { return };
    for (table, key, count) in
        [("Customer", "CustomerId", 59), ("Invoice", "InvoiceId", 412), ("InvoiceLine", "InvoiceLineId", 2_240)]
    {
        let mut bench = Bench::sqlite("x.db", table, &[key]);
        bench.spec.location = path.to_str().unwrap().to_string();
        let staging = bench.stage("l", &none()).unwrap();
        assert_eq!((staging.delivered_rows, staging.counts.inserted), (count, count), "{table}");
        assert_eq!(counted(&path, table), count);
    }
}

#[test]
fn northwind_comes_out_of_sqlite() {
    let Some(script) = shared("northwind/create.sql") else { return };
    let bench = Bench::sqlite("crm.db", "Employees", &["EmployeeID:identifier", "Photo", "LastName:family_name"]);
    let path = bench.path("crm.db");
    let script = std::fs::read_to_string(script).unwrap();
    let made = format!("PRAGMA synchronous = OFF; PRAGMA journal_mode = MEMORY; {script}");
    Connection::open(&path).unwrap().execute_batch(&made).unwrap();
    let staging = bench.stage("l", &none()).unwrap();
    let count = staging.counts.inserted;
    assert_eq!((count, staging.outcome.rejects.len()), (counted(&path, "Employees"), 0));
    let longest: usize = Connection::open(&path)
        .unwrap()
        .query_row("SELECT max(length(Photo)) FROM Employees", [], |row| row.get(0))
        .unwrap();
    let photos = column(&staging.outcome.accepted, "photo");
    assert_eq!(photos.iter().map(String::len).max(), Some(longest * 2 + 2));
    assert!(photos.iter().all(|photo| photo.starts_with("\\x")));
    for (table, key, count) in
        [("Customers", "CustomerID", 93), ("Orders", "OrderID", 830), ("Order Details", "OrderID", 2_155)]
    {
        let mut bench = Bench::sqlite("x.db", table, &[key]);
        bench.spec.location = path.to_str().unwrap().to_string();
        assert_eq!((bench.table().unwrap().len(), counted(&path, table)), (count, count as u64), "{table}");
    }
}
