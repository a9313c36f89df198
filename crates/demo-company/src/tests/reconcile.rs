//! The files against the books, and against each other.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Datelike, NaiveDate};

use super::reading::{cents, header, totals};
use super::*;
use crate::files::Unit;
use crate::row::money;

/// A column of the rows that can be loaded, by name.
struct Columns {
    header: Vec<String>,
    rows: BTreeMap<String, Vec<String>>,
}

impl Columns {
    fn of(company: &Company, table: Table) -> Self {
        Self { header: header(&company.summary.out, table), rows: company.by_key(table) }
    }

    fn at(&self, name: &str) -> usize {
        self.header.iter().position(|column| column == name).unwrap()
    }

    fn get<'a>(&self, row: &'a [String], name: &str) -> &'a str {
        &row[self.at(name)]
    }

    fn all(&self, name: &str) -> BTreeSet<&str> {
        let place = self.at(name);
        self.rows.values().map(|row| row[place].as_str()).filter(|text| !text.is_empty()).collect()
    }
}

#[test]
fn rows_and_control_totals_of_every_table_are_those_of_the_books() {
    for (night, hardness) in [(1, 0.5), (3, 1.0)] {
        let company = company_of(&Options { hardness, ..options(2000, 1, night) });
        for spec in &SPECS {
            let (file, rows) = (company.file(spec.table), company.rows(spec.table));
            let good = Columns::of(&company, spec.table);
            assert_eq!(file.rows, rows.len() as u64, "{}", spec.label());
            assert_eq!(file.good_rows, good.rows.len() as u64, "{}", spec.label());
            assert_eq!(file.rows, file.good_rows + file.bad_rows.values().sum::<u64>());
            for (column, unit) in spec.totals {
                let sum: i64 = good.rows.values().map(|row| cents(good.get(row, column)).unwrap()).sum();
                let sum = if *unit == Unit::Dollars { money(sum) } else { (sum / 100).to_string() };
                assert_eq!(file.totals[*column], sum, "{} {column}", spec.label());
            }
        }
        let text = company.summary.to_string();
        for file in &company.summary.files {
            assert!(text.contains(&format!("{:>10} rows", file.rows)) && text.contains(file.name), "{text}");
            assert_eq!(file.rows, company.books.files[file.name].rows);
        }
    }
}

#[test]
fn sales_are_those_of_the_order_lines() {
    for night in [1, 3] {
        let company = company(2000, 1, night);
        let lines = Columns::of(&company, Table::Order);
        let day = |row: &[String]| lines.get(row, "order_date").parse::<NaiveDate>().unwrap();
        let sum = |keep: &dyn Fn(&[String]) -> bool| {
            let kept = || lines.rows.values().filter(|row| keep(row));
            let of = |name: &str| kept().map(|row| cents(lines.get(row, name)).unwrap()).sum::<i64>();
            Sales { lines: kept().count() as u64, quantity: of("quantity") / 100, revenue: money(of("line_total")) }
        };
        for row in lines.rows.values() {
            let [quantity, price, total] =
                ["quantity", "unit_price", "line_total"].map(|name| cents(lines.get(row, name)).unwrap());
            assert_eq!(quantity * price / 100, total);
        }
        let books = &company.books;
        assert_eq!(books.sales, sum(&|_| true));
        let years: Vec<i32> = if night == 1 { vec![2023, 2024, 2025] } else { vec![2023, 2024, 2025, 2026] };
        assert_eq!(books.sales_by_year.keys().copied().collect::<Vec<_>>(), years);
        for (year, sales) in &books.sales_by_year {
            assert_eq!(*sales, sum(&|row| day(row).year() == *year));
        }
        for (month, sales) in &books.sales_by_month {
            assert_eq!(*sales, sum(&|row| lines.get(row, "order_date").starts_with(month.as_str())));
        }
        for (product, sales) in &books.sales_by_product {
            assert_eq!(*sales, sum(&|row| lines.get(row, "product_code") == product));
        }
        assert_eq!(books.orders, lines.all("order_no").len() as u64);
        count_strangers(&company, &lines);
    }
}

/// Lines whose customer or product is in no file.
fn count_strangers(company: &Company, lines: &Columns) {
    let accounts = company.by_key(Table::ShopCustomer);
    let products = company.by_key(Table::Product);
    let customers = || lines.rows.values().map(|row| lines.get(row, "customer_no"));
    let guests = customers().filter(|customer| customer.is_empty()).count() as u64;
    let unknown = customers().filter(|c| !c.is_empty() && !accounts.contains_key(*c)).count() as u64;
    let retired =
        lines.rows.values().filter(|row| !products.contains_key(lines.get(row, "product_code"))).count() as u64;
    let books = &company.books;
    assert_eq!(guests, books.guest_lines);
    assert_eq!(unknown, books.lines_of_unreadable_accounts + books.lines_of_closed_accounts);
    assert_eq!(retired, books.lines_of_retired_products);
    assert!(guests > 0 && retired > 0);
}

#[test]
fn finance_counts_what_the_shop_exports() {
    let company = company(1500, 4, 2);
    let sheet = Columns::of(&company, Table::Profitability);
    let lines = Columns::of(&company, Table::Order);
    let returns = Columns::of(&company, Table::Return);
    let title = |day: &str| day.parse::<NaiveDate>().unwrap().format("%b %Y").to_string();
    let mut expected: BTreeMap<(String, String, &str), i64> = BTreeMap::new();
    let mut products: BTreeMap<String, String> = BTreeMap::new();
    for (key, row) in &lines.rows {
        let get = |name: &str| lines.get(row, name);
        let (product, month) = (get("product_code").to_string(), title(get("order_date")));
        products.insert(key.clone(), product.clone());
        *expected.entry((product.clone(), month.clone(), "Units")).or_default() += cents(get("quantity")).unwrap();
        *expected.entry((product, month, "Revenue")).or_default() += cents(get("line_total")).unwrap();
    }
    for row in returns.rows.values() {
        let get = |name: &str| returns.get(row, name);
        let product = products[&format!("{}/{}", get("order_no"), get("line_no"))].clone();
        *expected.entry((product, title(get("returned_on")), "Refunds")).or_default() += cents(get("refund")).unwrap();
    }
    let mut seen = BTreeMap::new();
    for row in sheet.rows.values().filter(|row| row[3] != "Cost of sales") {
        let (cells, total) = row[4..].split_at(row.len() - 5);
        let mut sum = 0;
        for (month, cell) in sheet.header[4..].iter().zip(cells).filter(|(_, cell)| !cell.is_empty()) {
            let value = cents(cell).unwrap();
            sum += value;
            let measure = ["Units", "Revenue", "Refunds"].into_iter().find(|m| *m == row[3]).unwrap();
            seen.insert((row[0].clone(), month.clone(), measure), value);
        }
        assert_eq!(cents(&total[0]), Some(sum), "{row:?}");
    }
    assert_eq!(seen, expected);
    let all = totals(&company.summary.out, Table::Profitability, 4);
    assert_eq!(all[0][0], "Total");
    assert_eq!(cents(all[1].last().unwrap()), cents(&company.books.sales.revenue));
}

#[test]
fn leads_end_in_their_totals() {
    let company = company(1500, 4, 1);
    for table in [Table::LeadAmericas, Table::LeadEurope, Table::LeadIndia] {
        let rows = company.rows(table);
        let last = &totals(&company.summary.out, table, 1)[0];
        assert_eq!((last[0].as_str(), last[1].as_str()), ("Total", rows.len().to_string().as_str()));
        assert_eq!(cents(&last[13]).unwrap(), rows.iter().map(|row| cents(&row[13]).unwrap()).sum::<i64>());
        let text_dates = rows.iter().filter(|row| row[14].contains('/') || row[14].matches('-').count() == 2).count();
        assert!(text_dates > 0);
    }
    let lost = company.rows(Table::LeadAmericas).iter().filter(|row| (1..5).contains(&row[9].len())).count();
    assert!(lost > 0, "no leading zero is lost");
}

#[test]
fn what_a_file_names_stands_in_another() {
    let company = company(2000, 7, 3);
    let columns = |table| Columns::of(&company, table);
    let all = |table, name: &str| columns(table).all(name).into_iter().map(String::from).collect::<BTreeSet<_>>();
    let key = |table| columns(table).rows.into_keys().collect::<BTreeSet<_>>();
    // An order whose only line has lost its number is paid all the same.
    let lost = company.file(Table::Order).bad_rows.get("missing-key").copied().unwrap_or(0);
    let mut every = company.rows(Table::Order).into_iter().map(|row| row[0].clone()).collect::<BTreeSet<_>>();
    let paid = all(Table::Payment, "order_no");
    assert!(paid.difference(&every).count() as u64 <= lost && every.difference(&paid).count() < 10);
    every.extend(paid);
    for (table, column, known) in [
        (Table::Return, "order_no", every.clone()),
        (Table::Case, "order_no", every.clone()),
        (Table::Reward, "order_no", every.clone()),
        (Table::Response, "order_no", every),
        (Table::Interaction, "case_no", key(Table::Case)),
        (Table::Click, "message_no", key(Table::Message)),
        (Table::Message, "campaign_code", key(Table::Campaign)),
        (Table::Order, "campaign_code", key(Table::Campaign)),
        (Table::Consent, "contact_no", key(Table::Contact)),
        (Table::Subscription, "contract_no", key(Table::Contract)),
        (Table::Contract, "account_owner", key(Table::AccountOwner)),
        (Table::Customer, "OWNER_ID", key(Table::AccountOwner)),
        (Table::AccountOwner, "TERR_CD", key(Table::Territory)),
        (Table::Geography, "territory", key(Table::Territory)),
        (Table::Order, "product_code", all(Table::Price, "product_code")),
    ] {
        let named = all(table, column);
        assert!(named.is_subset(&known), "{table:?}.{column}: {:?}", named.difference(&known).next());
        assert!(!named.is_empty(), "{table:?}.{column}");
    }
    let old = all(Table::MergedNumber, "OLD_NO");
    assert!(old.is_disjoint(&all(Table::Customer, "CUST_NO")) && old.len() > 20);
    for table in [(Table::Contract, "customer_no"), (Table::Caller, "customer_ref")] {
        assert!(all(table.0, table.1).intersection(&old).count() > 0, "nobody uses an old number");
    }
}

#[test]
fn points_and_payments_add_up() {
    let company = company(2000, 7, 2);
    let rewards = Columns::of(&company, Table::Reward);
    let mut points: BTreeMap<&str, i64> = BTreeMap::new();
    let spoiled: BTreeSet<String> =
        company.rows(Table::Reward).into_iter().filter(|row| row[4] == "?").map(|row| row[1].clone()).collect();
    for row in rewards.rows.values() {
        *points.entry(rewards.get(row, "member_no")).or_default() += cents(rewards.get(row, "points")).unwrap() / 100;
    }
    let members = Columns::of(&company, Table::Member);
    for (member, row) in members.rows.iter().filter(|(member, _)| !spoiled.contains(*member)) {
        let balance: i64 = members.get(row, "points_balance").parse().unwrap();
        assert_eq!(points.get(member.as_str()).copied().unwrap_or(0), balance, "{member}");
        assert!(balance >= -20);
    }
    let lines = Columns::of(&company, Table::Order);
    let mut owed: BTreeMap<&str, i64> = BTreeMap::new();
    for row in lines.rows.values() {
        *owed.entry(lines.get(row, "order_no")).or_default() += cents(lines.get(row, "line_total")).unwrap();
    }
    // Orders with a line that cannot be loaded are paid for it too.
    let whole: BTreeMap<String, usize> =
        company.rows(Table::Order).into_iter().fold(BTreeMap::new(), |mut count, row| {
            *count.entry(row[0].clone()).or_default() += 1;
            count
        });
    let mut read: BTreeMap<&str, usize> = BTreeMap::new();
    lines.rows.values().for_each(|row| *read.entry(lines.get(row, "order_no")).or_default() += 1);
    let payments = Columns::of(&company, Table::Payment);
    let mut paid: BTreeMap<&str, i64> = BTreeMap::new();
    for row in payments.rows.values().filter(|row| payments.get(row, "status") != "refused") {
        *paid.entry(payments.get(row, "order_no")).or_default() += cents(payments.get(row, "amount")).unwrap();
    }
    let mut held = 0;
    let is_whole = |order: &str| whole.contains_key(order) && whole.get(order) == read.get(order);
    for (order, amount) in paid.iter().filter(|(order, _)| is_whole(order)) {
        assert_eq!(Some(amount), owed.get(order), "{order}");
        held += 1;
    }
    assert!(held > 1000, "{held}");
}
