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

/// A date of month/day/year as ISO writes it.
fn iso(text: &str) -> String {
    let parts: Vec<u32> = text.split('/').map(|part| part.parse().unwrap()).collect();
    format!("{:04}-{:02}-{:02}", parts[2], parts[0], parts[1])
}

#[test]
fn the_workbook_of_2017_is_mended_and_then_the_csv() {
    let Some(folder) = shared("adventure-works") else { return };
    let csv = independent(&folder.join("AdventureWorks_Sales_2017.csv"));
    let columns = [
        "OrderNumber:identifier",
        "OrderDate:date",
        "StockDate:date",
        "ProductKey:identifier",
        "CustomerKey:identifier",
        "TerritoryKey:identifier",
        "OrderLineItem:integer",
        "OrderQuantity:integer",
    ];
    let mut bench = Bench::excel("x.xlsx", &serde_json::json!({}), &columns);
    bench.spec.location = folder.join("AdventureWorks_Sales_2017.xlsx").to_str().unwrap().to_string();
    bench.spec.key = vec!["ordernumber".into(), "orderlineitem".into(), "productkey".into()];
    bench.spec.control_totals = vec!["orderquantity".into()];

    let told = bench.stage("l", &none()).unwrap();
    assert_eq!((told.delivered_rows, told.counts.inserted, told.outcome.rejects.len()), (2_630, 2_630, 0));
    for (note, name) in told.notes.iter().zip(["OrderDate", "StockDate"]) {
        assert!(note.contains(&format!("(\"{name}\") has a day above 12")), "{note}");
    }
    let swapped = |name: &str, place: usize| {
        let ours = column(&told.outcome.accepted, name);
        let differs =
            |(ours, theirs): (&String, &csv::StringRecord)| ours.contains('-') && *ours != iso(&theirs[place]);
        ours.iter().zip(&csv).filter(|pair| differs(*pair)).count()
    };
    assert_eq!((swapped("orderdate", 0), swapped("stockdate", 1)), (904, 944));

    for place in [1, 2] {
        bench.spec.columns[place].mend = Some(crate::spec::Mend::SwapDayAndMonth);
    }
    let mended = bench.stage("l", &none()).unwrap();
    assert_eq!(mended.notes, Vec::<String>::new());
    let changes = &mended.outcome.accepted;
    for (name, place, dated) in [
        ("orderdate", 0, true),
        ("stockdate", 1, true),
        ("ordernumber", 2, false),
        ("productkey", 3, false),
        ("customerkey", 4, false),
        ("territorykey", 5, false),
        ("orderlineitem", 6, false),
        ("orderquantity", 7, false),
    ] {
        let theirs: Vec<String> =
            csv.iter().map(|row| if dated { iso(&row[place]) } else { row[place].to_string() }).collect();
        assert_eq!(column(changes, name), theirs, "{name}");
    }
    let quantity: i64 = csv.iter().map(|row| row[7].parse::<i64>().unwrap()).sum();
    assert_eq!(mended.control_totals[0].delivered, quantity.to_string());
}

#[test]
fn other_workbooks_are_opened_as_they_are() {
    let Some(folder) = shared("adventure-works") else { return };
    for name in ["Calendar.xlsx", "Products.xlsx", "AdventureWorks_Sales_2017.xlsx"] {
        let mut file = crate::open_any(&folder.join(name), &crate::OpenOptions::default()).unwrap();
        let rows: usize = (&mut file).map(|block| block.unwrap().batch.num_rows()).sum();
        assert!(rows > 5 && !file.columns().is_empty(), "{name}: {rows} rows of {:?}", file.columns());
        let preview = crate::preview_workbook(&folder.join(name), None).unwrap();
        assert_eq!(preview.sheets[0].rows, rows as u64, "{name}");
        assert!(preview.sheets[0].chosen);
    }
}
