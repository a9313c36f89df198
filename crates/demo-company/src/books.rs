//! The generator's own books: what the files hold, counted while they are written. Only tests read them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::catalogue::Product;
use crate::finance::Ledger;
use crate::row::{Row, money};

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
    /// What is wrong with records beside that, by kind: values absent, abbreviated, outdated, mistyped.
    pub defects: BTreeMap<String, u64>,
    /// Control totals over rows that can be loaded, by column; money with two digits behind the point.
    pub totals: BTreeMap<String, String>,
    /// Since the night before.
    pub changes: Changes,
}

impl FileBooks {
    pub(crate) fn row(&mut self, row: &Row) {
        self.rows += 1;
        match row.bad {
            Some(kind) => *self.bad_rows.entry(kind.to_string()).or_default() += 1,
            None => self.good_rows += 1,
        }
        for flaw in row.flaws.iter().filter(|_| row.is_good()) {
            *self.flawed_values.entry((*flaw).to_string()).or_default() += 1;
        }
        for defect in &row.defects {
            *self.defects.entry((*defect).to_string()).or_default() += 1;
        }
    }

    /// Books a key by what it was before and what it is now.
    pub(crate) fn change(&mut self, before: Option<&Row>, now: Option<&Row>) {
        match (before, now) {
            (None, Some(_)) => self.changes.inserted += 1,
            (Some(_), None) => self.changes.deleted += 1,
            (Some(before), Some(now)) if before.cells != now.cells => self.changes.updated += 1,
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
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Books {
    /// The seed.
    pub seed: u64,
    /// The hardness.
    pub hardness: f64,
    /// The night, from 1.
    pub night: u32,
    /// The last day that the files know of, `YYYY-MM-DD`.
    pub as_of: String,
    /// The files by name; a table of a database or a sheet of a workbook by the file's name, a slash and its own.
    pub files: BTreeMap<String, FileBooks>,
    /// Persons with a record that can be loaded: in the CRM, in the shop, in both, in either of the two.
    pub persons_in_crm: u64,
    /// See [`Self::persons_in_crm`].
    pub persons_in_shop: u64,
    /// See [`Self::persons_in_crm`].
    pub persons_in_both: u64,
    /// See [`Self::persons_in_crm`].
    pub persons: u64,
    /// Persons with a record that can be loaded, by source.
    pub persons_by_source: BTreeMap<String, u64>,
    /// Persons with a record that can be loaded in any source, by trouble; one with several counts several times.
    pub persons_by_trouble: BTreeMap<String, u64>,
    /// Persons with a record that can be loaded in any source.
    pub persons_in_any_source: u64,
    /// Different orders with a line that can be loaded.
    pub orders: u64,
    /// All lines that can be loaded.
    pub sales: Sales,
    /// Lines that can be loaded, by year of the order.
    pub sales_by_year: BTreeMap<i32, Sales>,
    /// Lines that can be loaded, by product code.
    pub sales_by_product: BTreeMap<String, Sales>,
    /// Lines that can be loaded, by month of the order, `YYYY-MM`.
    pub sales_by_month: BTreeMap<String, Sales>,
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
    fn sales(self) -> Sales {
        Sales { lines: self.lines, quantity: self.quantity, revenue: money(self.cents) }
    }
}

impl Books {
    /// Writes the sums of a ledger into the books.
    pub(crate) fn close(&mut self, ledger: &Ledger, products: &[Product]) {
        let mut all = Sum::default();
        let mut years: BTreeMap<i32, Sum> = BTreeMap::new();
        let mut months: BTreeMap<String, Sum> = BTreeMap::new();
        let mut codes: BTreeMap<String, Sum> = BTreeMap::new();
        for (product, month, cell) in ledger.cells().filter(|(_, _, cell)| cell.lines > 0) {
            let name = format!("{}-{:02}", month.year(), month.month());
            for sum in [
                &mut all,
                years.entry(month.year()).or_default(),
                months.entry(name).or_default(),
                codes.entry(products[product].code.clone()).or_default(),
            ] {
                sum.lines += cell.lines;
                sum.quantity += cell.units;
                sum.cents += cell.revenue;
            }
        }
        self.sales = all.sales();
        self.sales_by_year = years.into_iter().map(|(year, sum)| (year, sum.sales())).collect();
        self.sales_by_month = months.into_iter().map(|(month, sum)| (month, sum.sales())).collect();
        self.sales_by_product = codes.into_iter().map(|(code, sum)| (code, sum.sales())).collect();
    }
}
