//! Real data, where it is at hand.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stderr)]

use std::collections::{BTreeMap, BTreeSet};

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::{Date32Type, Decimal128Type};
use onefold_contract::AttributeKind as Kind;
use onefold_contract::standardizer::{ColumnSettings, DateOrder};

use crate::laws::staged;
use crate::testing::SEED;
use crate::{ColumnPlan, StandardizePlan, decide, standardize};

/// The rows of a CSV file by their header, where the file is there.
fn csv_rows(path: &str) -> Option<Vec<BTreeMap<String, String>>> {
    let path = onefold_testkit::shared("standardize::real_data", path.trim_start_matches("data/"))?;
    let text = std::fs::read_to_string(path).unwrap();
    let mut reader = csv::Reader::from_reader(text.trim_start_matches('\u{FEFF}').as_bytes());
    Some(reader.deserialize().map(Result::unwrap).collect())
}

fn adventure_works() -> Option<(StandardizePlan, RecordBatch)> {
    let columns = [
        ("Prefix", Kind::Honorific),
        ("FirstName", Kind::GivenName),
        ("LastName", Kind::FamilyName),
        ("BirthDate", Kind::BirthDate),
        ("Gender", Kind::Gender),
        ("EmailAddress", Kind::Email),
        ("AnnualIncome", Kind::Money),
        ("HomeOwner", Kind::Flag),
    ];
    let column = |(name, kind): &(&str, Kind)| ColumnPlan {
        name: (*name).to_owned(),
        kind: *kind,
        settings: ColumnSettings { currency: Some("USD".to_owned()), ..ColumnSettings::default() },
        strict: true,
        by: None,
    };
    let plan = StandardizePlan { source: "customers".to_owned(), columns: columns.iter().map(column).collect() };
    let rows = csv_rows("data/adventure-works/AdventureWorks_Customers.csv")?;
    let rows: Vec<_> =
        rows.iter().map(|row| ("insert", columns.iter().map(|(name, _)| row.get(*name).cloned()).collect())).collect();
    let staged = staged(&plan, &rows);
    Some((plan, staged))
}

#[test]
fn every_customer_of_adventure_works_is_understood() {
    let Some((plan, staged)) = adventure_works() else { return };
    let decisions = decide(&plan, &staged, &SEED);
    let order = &decisions["BirthDate"];
    assert_eq!(order.date_order, Some(DateOrder::MonthDayYear), "{}", order.evidence);
    assert!(order.evidence.starts_with("month/day/year: of 18148 dates 10385 read only so"), "{}", order.evidence);
    assert_eq!(decisions.len(), 1, "no junk: no two customers share an e-mail");

    let outcome = standardize(&plan, &staged, &decisions, &SEED).unwrap();
    assert_eq!(outcome.rejects, []);
    assert_eq!(outcome.accepted.num_rows(), 18_148);
    let column = |name: &str| outcome.accepted.column_by_name(name).unwrap();
    for name in
        ["FirstName", "LastName", "BirthDate", "EmailAddress", "AnnualIncome", "AnnualIncome_currency", "HomeOwner"]
    {
        assert_eq!(column(name).null_count(), 0, "{name}");
    }
    // 130 customers have neither title nor gender.
    assert_eq!((column("Prefix").null_count(), column("Gender").null_count()), (130, 130));
    let words =
        |name: &str| column(name).as_string::<i32>().iter().flatten().map(str::to_owned).collect::<BTreeSet<_>>();
    assert_eq!(words("Prefix").into_iter().collect::<Vec<_>>(), ["Mr", "Mrs", "Ms"]);
    assert_eq!(words("Gender").into_iter().collect::<Vec<_>>(), ["female", "male"]);
    assert_eq!(words("EmailAddress").len(), 18_148);

    let born = column("BirthDate").as_primitive::<Date32Type>();
    assert_eq!(born.value_as_date(0).unwrap().to_string(), "1966-04-08");
    assert_eq!(column("FirstName").as_string::<i32>().value(0), "Jon");
    assert_eq!(column("FirstName_original").as_string::<i32>().value(0), "JON");
    let income = column("AnnualIncome").as_primitive::<Decimal128Type>();
    assert_eq!(income.value_as_string(0), "90000.0000");
    let total: i128 = income.iter().flatten().sum();
    let expected: i128 = incomes().iter().sum();
    assert_eq!(total, expected * 10_000);
}

/// The incomes by another way: the digits of the text.
fn incomes() -> Vec<i128> {
    let rows = csv_rows("data/adventure-works/AdventureWorks_Customers.csv").unwrap();
    let digits = |text: &String| text.chars().filter(char::is_ascii_digit).collect::<String>().parse().unwrap();
    rows.iter().map(|row| digits(&row["AnnualIncome"])).collect()
}

#[test]
fn order_dates_of_adventure_works_are_read_by_column() {
    let Some(rows) = csv_rows("data/adventure-works/AdventureWorks_Sales_2017.csv") else { return };
    let column = ColumnPlan {
        name: "OrderDate".to_owned(),
        kind: Kind::Date,
        settings: ColumnSettings::default(),
        strict: true,
        by: None,
    };
    let plan = StandardizePlan { source: "sales".to_owned(), columns: vec![column] };
    let values: Vec<_> = rows.iter().map(|row| ("insert", vec![row.get("OrderDate").cloned()])).collect();
    let staged = staged(&plan, &values);
    let outcome = standardize(&plan, &staged, &decide(&plan, &staged, &SEED), &SEED).unwrap();
    assert_eq!((outcome.accepted.num_rows(), outcome.rejects.len()), (rows.len(), 0));
    let dates = outcome.accepted.column_by_name("OrderDate").unwrap().as_primitive::<Date32Type>();
    let months: BTreeSet<String> =
        (0..dates.len()).map(|row| dates.value_as_date(row).unwrap().to_string()[..7].to_owned()).collect();
    let year: Vec<String> = (1..=12).map(|month| format!("2017-{month:02}")).collect();
    assert_eq!(months.into_iter().collect::<Vec<_>>(), year);
}
