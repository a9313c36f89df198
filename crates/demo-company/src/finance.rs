//! What finance makes of it all: the worksheet "Profitability Analysis", products down and months across.
//!
//! It is added up from the same order lines and returns that the shop exports, those that can be loaded, so that it can be
//! held against them to the cent.

use std::collections::BTreeMap;

use chrono::{Datelike, NaiveDate};

use crate::catalogue::Product;
use crate::files::Table;
use crate::night::opening;
use crate::row::{Cell, Row};

/// A month, counted from that in which the shop opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Month(u32);

impl Month {
    pub(crate) fn of(day: NaiveDate) -> Self {
        Self(((day.year() - opening().year()).max(0) as u32) * 12 + day.month0())
    }

    pub(crate) fn year(self) -> i32 {
        opening().year() + (self.0 / 12) as i32
    }

    pub(crate) fn month(self) -> u32 {
        self.0 % 12 + 1
    }

    /// The months until a day, the first first.
    pub(crate) fn until(day: NaiveDate) -> Vec<Self> {
        (0..=Self::of(day).0).map(Self).collect()
    }

    /// As the header of the worksheet has it.
    pub(crate) fn title(self) -> String {
        let day = NaiveDate::from_ymd_opt(self.year(), self.month(), 1).unwrap_or_default();
        day.format("%b %Y").to_string()
    }
}

/// A product in a month; money in cents.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Figures {
    pub(crate) lines: u64,
    pub(crate) units: i64,
    pub(crate) revenue: i64,
    pub(crate) cost: i64,
    pub(crate) refunds: i64,
}

impl Figures {
    fn measures(self) -> [Cell; 4] {
        let money = |cents: i64| if cents == 0 { Cell::Empty } else { Cell::Cents(cents) };
        let units = if self.units == 0 { Cell::Empty } else { Cell::Number(self.units) };
        [units, money(self.revenue), money(self.cost), money(self.refunds)]
    }

    fn add(&mut self, other: Self) {
        self.lines += other.lines;
        self.units += other.units;
        self.revenue += other.revenue;
        self.cost += other.cost;
        self.refunds += other.refunds;
    }
}

/// The measures, in their order.
pub(crate) const MEASURES: [&str; 4] = ["Units", "Revenue", "Cost of sales", "Refunds"];

/// All products in all months.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    cells: BTreeMap<(usize, Month), Figures>,
}

impl Ledger {
    pub(crate) fn add(&mut self, product: usize, day: NaiveDate, figures: Figures) {
        self.cells.entry((product, Month::of(day))).or_default().add(figures);
    }

    pub(crate) fn cells(&self) -> impl Iterator<Item = (usize, Month, Figures)> {
        self.cells.iter().map(|((product, month), figures)| (*product, *month, *figures))
    }

    fn at(&self, product: usize, month: Month) -> Figures {
        self.cells.get(&(product, month)).copied().unwrap_or_default()
    }

    /// The rows of the worksheet as of a day: four a product, without the totals.
    pub(crate) fn rows(&self, products: &[Product], today: NaiveDate) -> Vec<Row> {
        let months = Month::until(today);
        let mut rows = Vec::new();
        for (place, product) in products.iter().enumerate() {
            let figures: Vec<[Cell; 4]> = months.iter().map(|month| self.at(place, *month).measures()).collect();
            for (at, measure) in MEASURES.iter().enumerate() {
                let mut cells: Vec<Cell> =
                    vec![(&product.code).into(), (&product.name).into(), (&product.category).into(), (*measure).into()];
                cells.extend(figures.iter().map(|month| month[at].clone()));
                rows.push(Row::new(Table::Profitability, format!("{}/{measure}", product.code), cells));
            }
        }
        rows
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    #[test]
    fn months_are_counted_from_the_opening() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        assert_eq!(Month::of(day("2023-01-31")), Month(0));
        assert_eq!(Month::until(day("2025-12-31")).len(), 36);
        let last = Month::of(day("2026-02-01"));
        assert_eq!((last.year(), last.month(), last.title()), (2026, 2, "Feb 2026".to_string()));
    }
}
