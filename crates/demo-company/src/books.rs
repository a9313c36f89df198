//! The generator's own books: what the files hold, counted while they are written. Only tests read them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::catalogue::Product;
use crate::orders::{Line, money};

/// What happened to the rows of a file since the night before, by key, rows that can be loaded only. All are 0 in the first
/// night, which has no night before.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Changes {
    /// Keys that were not there.
    pub inserted: u64,
    /// Keys that were there with other content.
    pub updated: u64,
    /// Keys that are no longer there.
    pub deleted: u64,
}

/// One file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileBooks {
    /// Rows, the header left out.
    pub rows: u64,
    /// Rows that can be loaded: as many fields as the header, a key, every required value, and that one readable.
    pub good_rows: u64,
    /// The other rows, by what is wrong with them.
    pub bad_rows: BTreeMap<String, u64>,
    /// Values that cannot be read, of rows that can be loaded.
    pub flawed_values: BTreeMap<String, u64>,
    /// Since the night before.
    pub changes: Changes,
}

impl FileBooks {
    pub(crate) fn row(&mut self, bad: Option<&'static str>, flaws: &[&'static str]) {
        self.rows += 1;
        match bad {
            Some(kind) => *self.bad_rows.entry(kind.to_string()).or_default() += 1,
            None => self.good_rows += 1,
        }
        for flaw in flaws.iter().filter(|_| bad.is_none()) {
            *self.flawed_values.entry((*flaw).to_string()).or_default() += 1;
        }
    }

    /// Books a key by what it was before and what it is now.
    pub(crate) fn change<T: PartialEq>(&mut self, before: Option<&T>, now: Option<&T>) {
        match (before, now) {
            (None, Some(_)) => self.changes.inserted += 1,
            (Some(_), None) => self.changes.deleted += 1,
            (Some(before), Some(now)) if before != now => self.changes.updated += 1,
            _ => {}
        }
    }
}

/// Sums over order lines that can be loaded.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sales {
    /// Lines.
    pub lines: u64,
    /// Pieces.
    pub quantity: i64,
    /// US dollars with two digits behind the point.
    pub revenue: String,
}

/// All books of one night.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Books {
    /// The seed.
    pub seed: u64,
    /// The night, from 1.
    pub night: u32,
    /// The last day that the files know of, `YYYY-MM-DD`.
    pub as_of: String,
    /// The files by name.
    pub files: BTreeMap<String, FileBooks>,
    /// Persons with a record that can be loaded: in the CRM, in the shop, in both, in either.
    pub persons_in_crm: u64,
    /// See [`Self::persons_in_crm`].
    pub persons_in_shop: u64,
    /// See [`Self::persons_in_crm`].
    pub persons_in_both: u64,
    /// See [`Self::persons_in_crm`].
    pub persons: u64,
    /// Different orders with a line that can be loaded.
    pub orders: u64,
    /// All lines that can be loaded.
    pub sales: Sales,
    /// Lines that can be loaded, by year of the order.
    pub sales_by_year: BTreeMap<i32, Sales>,
    /// Lines that can be loaded, by product code.
    pub sales_by_product: BTreeMap<String, Sales>,
    /// Lines that name no customer.
    pub guest_lines: u64,
    /// Lines that name an account whose row cannot be loaded.
    pub lines_of_unreadable_accounts: u64,
    /// Lines that name an account which is closed.
    pub lines_of_closed_accounts: u64,
    /// Lines that name a product which the product file does not have.
    pub lines_of_retired_products: u64,
}

/// Sums in cents, before they are written out.
#[derive(Debug, Clone, Copy, Default)]
struct Sum {
    lines: u64,
    quantity: i64,
    cents: i64,
}

impl Sum {
    fn add(&mut self, line: &Line) {
        self.lines += 1;
        self.quantity += line.quantity;
        self.cents += line.total();
    }

    fn sales(self) -> Sales {
        Sales { lines: self.lines, quantity: self.quantity, revenue: money(self.cents) }
    }
}

/// Adds up sales while order lines are written.
#[derive(Debug, Default)]
pub(crate) struct SalesLedger {
    all: Sum,
    years: BTreeMap<i32, Sum>,
    products: BTreeMap<usize, Sum>,
}

impl SalesLedger {
    pub(crate) fn add(&mut self, line: &Line) {
        self.all.add(line);
        self.years.entry(chrono::Datelike::year(&line.date)).or_default().add(line);
        self.products.entry(line.product).or_default().add(line);
    }

    pub(crate) fn close(self, products: &[Product], books: &mut Books) {
        books.sales = self.all.sales();
        books.sales_by_year = self.years.into_iter().map(|(year, sum)| (year, sum.sales())).collect();
        let by_product = self.products.into_iter().map(|(place, sum)| (products[place].code.clone(), sum.sales()));
        books.sales_by_product = by_product.collect();
    }
}
