//! Settings of format `excel`.
//!
//! All of them are optional: what is not said is found from the sheets, and what was found is told. A workbook that people
//! keep by hand changes its rows and columns; naming them here pins what must not be guessed.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Which cells of a workbook are the source's rows.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ExcelSpec {
    /// The sheets, by name, or by patterns of `*` and `?` over the visible ones; all of them are rows of this source. Where
    /// absent, the one visible sheet whose header names every needed column.
    #[serde(default)]
    pub sheets: Vec<String>,
    /// The name at the source of a column that holds the name of each row's sheet.
    #[serde(default)]
    pub sheet_column: Option<String>,
    /// The first row of the header, counted from 1; found where absent.
    #[serde(default)]
    pub header_row: Option<u32>,
    /// How many rows the header has, 1 to 3; found where absent. The names of several rows are joined by a space.
    #[serde(default)]
    pub header_rows: Option<u32>,
    /// What to do about rows of totals.
    #[serde(default)]
    pub totals: Totals,
    /// Further words that a row of totals begins with.
    #[serde(default)]
    pub totals_words: Vec<String>,
    /// Columns, by their names in the house, whose totals are no sums (an average, a share) and are not checked.
    #[serde(default)]
    pub unchecked_totals: Vec<String>,
    /// Turns columns into rows: a month a column becomes a month a row.
    #[serde(default)]
    pub unpivot: Option<UnpivotSpec>,
}

/// What to do about rows of totals.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Totals {
    /// Hold them against the sum of the rows above and leave them out; one that does not match is a reject.
    #[default]
    Check,
    /// Take them as rows like any other.
    Keep,
}

/// Columns that become rows. Exactly one of `columns` and `kind` says which.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct UnpivotSpec {
    /// The columns, by their names in the header or by patterns of `*` and `?`.
    #[serde(default)]
    pub columns: Vec<String>,
    /// The columns, by what their headers are.
    #[serde(default)]
    pub kind: Option<HeaderKind>,
    /// The name at the source of the column that takes the headers. With a `kind` of time they are written as dates.
    pub names_to: String,
    /// The name at the source of the column that takes the cells; for one figure a cell.
    #[serde(default)]
    pub values_to: Option<String>,
    /// The figures of a header of two rows (a month over sales and costs, or sales over months): each becomes a column.
    #[serde(default)]
    pub measures: Vec<String>,
    /// The year of months and quarters whose header does not say it.
    #[serde(default)]
    pub year: Option<i32>,
}

/// What the headers of columns are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum HeaderKind {
    /// Months: `Jan`, `January 2024`, `2024-01`, `01/2024`, or a date; written as the month's first day.
    Month,
    /// Quarters: `Q1`, `Q1 2024`, `2024 Q1`; written as the quarter's first day.
    Quarter,
    /// Years: `2024`; written as they are.
    Year,
    /// Every column that no one declared and that is no total.
    Rest,
}
