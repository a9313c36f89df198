//! What the company sells, and at what price in which year.

use chrono::{Datelike, NaiveDate};

use crate::night::as_of;
use crate::{GenerateError, LAST_NIGHT};

/// A product; money in cents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Product {
    pub(crate) code: String,
    pub(crate) name: String,
    pub(crate) category: String,
    /// The department above the category, and who supplies it.
    pub(crate) department: &'static str,
    pub(crate) supplier: &'static str,
    /// The list price of this year.
    pub(crate) price: i64,
    pub(crate) cost: i64,
    /// No longer in the shop's product file, though old orders name it.
    pub(crate) retired: bool,
    /// Where it stands in the list.
    place: usize,
}

impl Product {
    /// The list price on a day: prices went up by three percent each New Year, to full ten cents; since the first night
    /// single prices go up by five percent.
    pub(crate) fn price_on(&self, day: NaiveDate) -> i64 {
        let mut price = self.price;
        for _ in day.year()..2025 {
            price = price * 100 / 103 / 10 * 10;
        }
        if day > as_of(1) {
            price = self.raises().take_while(|raised| *raised <= day).fold(price, |p, _| p * 105 / 100 / 10 * 10);
        }
        price
    }

    /// What a piece costs on a day: two percent more each New Year.
    pub(crate) fn cost_on(&self, day: NaiveDate) -> i64 {
        (day.year()..2025).fold(self.cost, |cost, _| cost * 100 / 102)
    }

    /// The days since the first night on which the list price went up, from the first on.
    fn raises(&self) -> impl Iterator<Item = NaiveDate> {
        let place = self.place as u32;
        let raised = (2..=LAST_NIGHT).filter(move |night| night % 3 == 2 && night / 3 * 7 % 50 == place);
        raised.map(as_of)
    }

    /// The days from which another price or cost holds, the first among them, until a day.
    pub(crate) fn changes(&self, until: NaiveDate) -> Vec<NaiveDate> {
        let years = (2023..=until.year()).filter_map(|year| NaiveDate::from_ymd_opt(year, 1, 1));
        let mut days: Vec<NaiveDate> = years.filter(|day| day.year() <= 2025).chain(self.raises()).collect();
        days.retain(|day| *day <= until && !(self.retired && *day > retirement()));
        days
    }
}

/// The last day on which a retired product was sold.
pub(crate) fn retirement() -> NaiveDate {
    NaiveDate::from_ymd_opt(2023, 12, 31).unwrap_or_default()
}

const SUPPLIERS: [&str; 7] = [
    "Tidewater Goods",
    "Alder & Sons",
    "Kaveri Crafts",
    "Hansen Metall",
    "Atelier Morel",
    "Pelagos Trading",
    "Rila Wool",
];

fn department(category: &str) -> &'static str {
    match category {
        "Kitchen" | "Home" => "House",
        "Garden" | "Outdoor" => "Open air",
        _ => "Wear and carry",
    }
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
            department: department(&text(2)?),
            supplier: SUPPLIERS[at % SUPPLIERS.len()],
            place: at,
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
            assert!(product.cost_on(day(2023)) < product.cost_on(day(2024)));
            assert_eq!(product.price_on(as_of(1)), product.price);
            assert_eq!(product.changes(as_of(1)).len(), if product.retired { 1 } else { 3 });
        }
    }
}
