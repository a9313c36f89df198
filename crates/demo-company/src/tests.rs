//! The company is read back from its files, by other code than wrote them, and held against the books.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use chrono::{Datelike, NaiveDate};
use rusqlite::Connection;

use super::*;

fn company(customers: u64, seed: u64, night: u32) -> (tempfile::TempDir, Summary, Books) {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("a").join("b");
    let summary = generate(&Options { customers, seed, night, out }).unwrap();
    let books = serde_json::from_str(&std::fs::read_to_string(summary.out.join("books.json")).unwrap()).unwrap();
    (folder, summary, books)
}

/// A CSV file's header and rows, ragged ones included.
fn table(folder: &Path, name: &str, delimiter: u8) -> (Vec<String>, Vec<Vec<String>>) {
    let bytes = std::fs::read(folder.join(name)).unwrap();
    let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(&bytes);
    let mut reader =
        csv::ReaderBuilder::new().has_headers(false).flexible(true).delimiter(delimiter).from_reader(bytes);
    let mut rows = reader.records().map(|row| row.unwrap().iter().map(String::from).collect::<Vec<_>>());
    let header = rows.next().unwrap();
    (header, rows.collect())
}

/// Rows with a key and as many fields as the header, by key.
fn by_key(folder: &Path, name: &str, key: &[usize]) -> BTreeMap<String, Vec<String>> {
    let (header, rows) = table(folder, name, b',');
    let good = rows.into_iter().filter(|row| row.len() == header.len() && key.iter().all(|k| !row[*k].is_empty()));
    let mut found = BTreeMap::new();
    for row in good {
        let key = key.iter().map(|k| row[*k].as_str()).collect::<Vec<_>>().join("/");
        assert_eq!(found.insert(key.clone(), row), None, "{name} has {key} twice");
    }
    found
}

fn crm_by_key(folder: &Path) -> BTreeMap<String, Vec<Option<String>>> {
    let database = Connection::open(folder.join("crm.sqlite")).unwrap();
    let mut select = database.prepare("SELECT * FROM customer WHERE CUST_NO IS NOT NULL").unwrap();
    let columns = select.column_count();
    let rows = select.query_map([], |row| (0..columns).map(|c| row.get(c)).collect::<Result<Vec<Option<String>>, _>>());
    let mut found = BTreeMap::new();
    for row in rows.unwrap().map(Result::unwrap) {
        assert_eq!(found.insert(row[0].clone().unwrap(), row), None);
    }
    found
}

fn cents(text: &str) -> Option<i64> {
    let (whole, part) = text.split_once('.')?;
    (part.len() == 2).then_some(())?;
    Some(whole.parse::<i64>().ok()? * 100 + part.parse::<i64>().ok()?)
}

/// An order line as the house would have to read it; `None` where it cannot.
struct ReadLine {
    order: String,
    year: i32,
    customer: String,
    product: String,
    quantity: i64,
    revenue: i64,
}

fn read_line(row: &[String]) -> Option<ReadLine> {
    let [order, line, date, customer, product, quantity, price, currency, total] = row else { return None };
    let date: NaiveDate = date.parse().ok()?;
    let (quantity, price, revenue) = (quantity.parse::<i64>().ok()?, cents(price)?, cents(total)?);
    line.parse::<u32>().ok()?;
    assert_eq!(quantity * price, revenue, "{order}/{line}");
    assert!(quantity > 0 && price > 0 && currency == "USD", "{order}/{line}");
    (!order.is_empty() && !product.is_empty()).then(|| ReadLine {
        order: order.clone(),
        year: date.year(),
        customer: customer.clone(),
        product: product.clone(),
        quantity,
        revenue,
    })
}

#[test]
fn the_same_options_give_the_same_bytes() {
    let (_a, first, _) = company(700, 3, 4);
    let (_b, second, _) = company(700, 3, 4);
    let (_c, other, _) = company(700, 4, 4);
    for name in ["crm.sqlite", "webshop_customers.csv", "webshop_orders.csv", "truth.csv", "books.json", "products.csv"]
    {
        let bytes = |summary: &Summary| std::fs::read(summary.out.join(name)).unwrap();
        assert_eq!(bytes(&first), bytes(&second), "{name}");
        assert!(name == "products.csv" || bytes(&first) != bytes(&other), "{name}");
    }
    assert!(
        std::fs::read_dir(&first.out).unwrap().all(|f| !f.unwrap().file_name().to_string_lossy().contains("partial"))
    );
}

#[test]
fn a_night_replaces_the_files_of_the_one_before() {
    let (folder, first, _) = company(300, 1, 1);
    generate(&Options { customers: 300, seed: 1, night: 2, out: first.out.clone() }).unwrap();
    let (_other, fresh, _) = company(300, 1, 2);
    for name in ["crm.sqlite", "webshop_orders.csv"] {
        assert_eq!(std::fs::read(first.out.join(name)).unwrap(), std::fs::read(fresh.out.join(name)).unwrap());
    }
    drop(folder);
}

#[test]
fn the_books_agree_with_an_independent_count_of_the_order_lines() {
    for night in [1, 3] {
        let (_folder, summary, books) = company(3000, 1, night);
        let (_, rows) = table(&summary.out, "webshop_orders.csv", b',');
        let lines: Vec<ReadLine> = rows.iter().filter_map(|row| read_line(row)).collect();
        let file = &books.files["webshop_orders.csv"];
        assert_eq!((file.rows, file.good_rows), (rows.len() as u64, lines.len() as u64));
        assert_eq!(file.rows, file.good_rows + file.bad_rows.values().sum::<u64>());
        let sum = |keep: &dyn Fn(&ReadLine) -> bool| {
            let kept = || lines.iter().filter(|line| keep(line));
            let revenue = kept().map(|line| line.revenue).sum::<i64>();
            Sales {
                lines: kept().count() as u64,
                quantity: kept().map(|line| line.quantity).sum(),
                revenue: format!("{}.{:02}", revenue / 100, revenue % 100),
            }
        };
        assert_eq!(books.sales, sum(&|_| true));
        assert_eq!(books.sales_by_year.keys().copied().collect::<Vec<_>>(), years(night));
        for (year, sales) in &books.sales_by_year {
            assert_eq!(*sales, sum(&|line| line.year == *year));
        }
        for (product, sales) in &books.sales_by_product {
            assert_eq!(*sales, sum(&|line| line.product == *product));
        }
        assert_eq!(books.orders, lines.iter().map(|line| &line.order).collect::<BTreeSet<_>>().len() as u64);
        count_strangers(&summary.out, &lines, &books);
    }
}

fn years(night: u32) -> Vec<i32> {
    if night == 1 { vec![2023, 2024, 2025] } else { vec![2023, 2024, 2025, 2026] }
}

/// Lines whose customer or product is in no file.
fn count_strangers(folder: &Path, lines: &[ReadLine], books: &Books) {
    let accounts = by_key(folder, "webshop_customers.csv", &[0]);
    let products: BTreeSet<String> =
        table(folder, "products.csv", b';').1.into_iter().map(|row| row[0].clone()).collect();
    let guests = lines.iter().filter(|line| line.customer.is_empty()).count() as u64;
    let unknown = lines.iter().filter(|l| !l.customer.is_empty() && !accounts.contains_key(&l.customer)).count() as u64;
    let retired = lines.iter().filter(|line| !products.contains(&line.product)).count() as u64;
    assert_eq!(guests, books.guest_lines);
    assert_eq!(unknown, books.lines_of_unreadable_accounts + books.lines_of_closed_accounts);
    assert_eq!(retired, books.lines_of_retired_products);
    assert!(guests > 0 && unknown > 0 && retired > 0);
}

#[test]
fn the_books_agree_with_an_independent_count_of_the_customers() {
    let (_folder, summary, books) = company(3000, 1, 1);
    let shop = by_key(&summary.out, "webshop_customers.csv", &[0]);
    let crm = crm_by_key(&summary.out);
    assert_eq!(shop.len() as u64, books.files["webshop_customers.csv"].good_rows);
    assert_eq!(crm.len() as u64, books.files["crm.sqlite"].good_rows);
    let file = &books.files["crm.sqlite"];
    assert!(file.bad_rows["missing-key"] > 0 && file.rows == file.good_rows + file.bad_rows["missing-key"]);
    let impossible = crm.values().filter(|row| row[5].as_ref().is_some_and(|date| date.starts_with("02/30"))).count();
    assert_eq!(impossible as u64, file.flawed_values["impossible-date"]);
    let text = summary.to_string();
    for file in summary.files {
        assert!(text.contains(&format!("{:>9} rows", file.rows)) && text.contains(file.name), "{text}");
        assert_eq!(file.rows, books.files[file.name].rows, "{}", file.name);
    }
}

#[test]
fn the_truth_names_every_record_that_can_be_loaded_once() {
    let (_folder, summary, books) = company(3000, 2, 3);
    let (header, rows) = table(&summary.out, "truth.csv", b',');
    assert_eq!(header, ["source", "source_key", "true_id", "trouble"]);
    let records: BTreeSet<(String, String)> = rows.iter().map(|row| (row[0].clone(), row[1].clone())).collect();
    assert_eq!(records.len(), rows.len());
    let shop = by_key(&summary.out, "webshop_customers.csv", &[0]).into_keys().map(|key| ("web_customers".into(), key));
    let crm = crm_by_key(&summary.out).into_keys().map(|key| ("crm".into(), key));
    assert_eq!(records, shop.chain(crm).collect::<BTreeSet<(String, String)>>());
    let mut persons: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for row in &rows {
        persons.entry(&row[2]).or_default().insert(&row[0]);
    }
    assert_eq!(persons.len() as u64, books.persons);
    assert_eq!(persons.values().filter(|sources| sources.len() == 2).count() as u64, books.persons_in_both);
    assert_eq!(persons.values().filter(|sources| sources.contains("crm")).count() as u64, books.persons_in_crm);
}

#[test]
fn bad_rows_stay_well_below_the_loss_threshold_at_any_size() {
    for customers in [1, 10, 100, 240, 251, 312, 500, 1001, 5000] {
        let (_folder, _, books) = company(customers, 1, 1);
        for (name, file) in &books.files {
            let bad = file.rows - file.good_rows;
            assert!(bad * 200 <= file.rows, "{name} of {customers} customers: {bad} bad rows of {}", file.rows);
        }
    }
    let (_folder, _, books) = company(5000, 1, 1);
    for name in ["crm.sqlite", "webshop_customers.csv", "webshop_orders.csv"] {
        assert!(books.files[name].rows > books.files[name].good_rows, "{name} has no bad row");
    }
}

#[test]
fn rows_without_a_readable_key_are_mended_after_the_first_night() {
    let (_first, before, _) = company(3000, 1, 1);
    let (_second, after, books) = company(3000, 1, 2);
    for name in ["crm.sqlite", "webshop_customers.csv"] {
        assert_eq!(books.files[name].rows, books.files[name].good_rows, "{name}");
    }
    let shop = |summary: &Summary| by_key(&summary.out, "webshop_customers.csv", &[0]);
    let (before, after) = (shop(&before), shop(&after));
    // The persons in whose rows the key was spoiled: 450, 950 and so on; each has an account or has none.
    let mended = after.keys().filter(|key| !before.contains_key(*key)).count() as u64;
    assert!(mended > growth_of_accounts(&after, &books), "{mended}");
}

/// The accounts registered on the night itself.
fn growth_of_accounts(accounts: &BTreeMap<String, Vec<String>>, books: &Books) -> u64 {
    accounts.values().filter(|row| row[12].starts_with(&books.as_of)).count() as u64
}

/// The keys that came, changed and went between two states of a table.
fn difference<T: PartialEq>(before: &BTreeMap<String, T>, after: &BTreeMap<String, T>) -> Changes {
    let there = |key: &String| before.contains_key(key);
    Changes {
        inserted: after.keys().filter(|key| !there(key)).count() as u64,
        updated: after.iter().filter(|(key, row)| before.get(*key).is_some_and(|b| b != *row)).count() as u64,
        deleted: before.keys().filter(|key| !after.contains_key(*key)).count() as u64,
    }
}

#[test]
fn a_night_changes_what_its_books_say_and_nothing_else() {
    let mut seen = [0; 3];
    let (mut held, mut before, books) = company(2000, 1, 1);
    assert_eq!(books.files["crm.sqlite"].changes, Changes::default());
    for night in 2..=5 {
        let (folder, after, books) = company(2000, 1, night);
        let shop = |summary: &Summary| by_key(&summary.out, "webshop_customers.csv", &[0]);
        let lines = |summary: &Summary| by_key(&summary.out, "webshop_orders.csv", &[0, 1]);
        let crm = difference(&crm_by_key(&before.out), &crm_by_key(&after.out));
        assert_eq!(crm, books.files["crm.sqlite"].changes, "night {night}");
        let changes = difference(&shop(&before), &shop(&after));
        assert_eq!(changes, books.files["webshop_customers.csv"].changes, "night {night}");
        let ordered = difference(&lines(&before), &lines(&after));
        assert_eq!(ordered, books.files["webshop_orders.csv"].changes, "night {night}");
        assert!(ordered.inserted > 0 && ordered.updated == 0 && ordered.deleted == 0);
        late_orders_are_dated_back(&lines(&before), &lines(&after));
        for (place, changes) in
            [crm.inserted + changes.inserted, crm.updated + changes.updated, crm.deleted + changes.deleted]
                .into_iter()
                .enumerate()
        {
            seen[place] += changes;
        }
        (held, before) = (folder, after);
    }
    drop(held);
    assert!(seen.iter().all(|changes| *changes > 0), "{seen:?}");
}

fn late_orders_are_dated_back(before: &BTreeMap<String, Vec<String>>, after: &BTreeMap<String, Vec<String>>) {
    let new: Vec<&str> =
        after.iter().filter(|(key, _)| !before.contains_key(*key)).map(|(_, row)| row[2].as_str()).collect();
    let newest = new.iter().max().unwrap();
    assert!(new.iter().any(|date| date == newest) && new.iter().any(|date| date < newest), "{new:?}");
}

#[test]
fn options_out_of_range_are_the_users_to_mend() {
    let out = std::env::temp_dir();
    let refused = |customers, night| generate(&Options { customers, seed: 1, night, out: out.clone() }).unwrap_err();
    assert_eq!(refused(0, 1).to_string(), "customers is 0, but must be from 1 to 10000000");
    assert_eq!(refused(1, 0).to_string(), "night is 0, but must be from 1 to 365");
    assert_eq!(Failure::from(refused(0, 1)).kind.exit_code(), 2);
}

#[test]
fn a_place_that_cannot_be_written_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("taken");
    std::fs::write(&file, "").unwrap();
    let error = generate(&Options { customers: 1, seed: 1, night: 1, out: file.clone() }).unwrap_err();
    assert!(error.to_string().starts_with(&format!("{} could not be written", file.display())), "{error}");
    assert_eq!(Failure::from(error).kind.exit_code(), 4);
}
