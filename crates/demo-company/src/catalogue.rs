//! What the company sells, and at what price in which year.

use chrono::{Datelike, NaiveDate};

use crate::GenerateError;

/// A product; money in cents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Product {
    pub(crate) code: String,
    pub(crate) name: String,
    pub(crate) category: String,
    /// The list price of this year.
    pub(crate) price: i64,
    pub(crate) cost: i64,
    /// No longer in the shop's product file, though old orders name it.
    pub(crate) retired: bool,
}

impl Product {
    /// The list price on a day: prices went up by three percent each New Year, to full ten cents.
    pub(crate) fn price_on(&self, day: NaiveDate) -> i64 {
        let mut price = self.price;
        for _ in day.year()..2025 {
            price = price * 100 / 103 / 10 * 10;
        }
        price
    }
}

/// The last day on which a retired product was sold.
pub(crate) fn retirement() -> NaiveDate {
    NaiveDate::from_ymd_opt(2023, 12, 31).unwrap_or_default()
}

/// All products, those sold today first.
pub(crate) fn products() -> Result<Vec<Product>, GenerateError> {
    const LIST: &str = "products";
    let text = include_str!("../lists/products.csv");
    let mut reader = csv::ReaderBuilder::new().comment(Some(b'#')).from_reader(text.as_bytes());
    let mut products = Vec::new();
    for (at, row) in reader.records().enumerate() {
        let bad = || GenerateError::List { list: LIST, line: at + 3 };
        let row = row.map_err(|_| bad())?;
        let text = |column: usize| row.get(column).map(String::from).ok_or_else(bad);
        let cents = |column: usize| text(column)?.replace('.', "").parse::<i64>().map_err(|_| bad());
        products.push(Product {
            code: text(0)?,
            name: text(1)?,
            category: text(2)?,
            price: cents(3)?,
            cost: cents(4)?,
            retired: text(5)? == "retired",
        });
    }
    products.sort_by_key(|p| p.retired);
    Ok(products)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    #[test]
    fn prices_are_sane_and_never_fall() {
        let products = products().unwrap();
        assert!(products.iter().any(|p| p.retired) && products.len() > 40);
        let day = |year| NaiveDate::from_ymd_opt(year, 6, 1).unwrap();
        for product in &products {
            assert!(product.cost > 0 && product.cost < product.price, "{}", product.code);
            assert!(product.price_on(day(2023)) < product.price_on(day(2024)));
            assert!(product.price_on(day(2024)) < product.price_on(day(2026)));
            assert_eq!(product.price_on(day(2026)), product.price);
        }
    }
}
