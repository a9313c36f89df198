//! How one kind of value is cleaned.

use std::collections::BTreeMap;

use arrow::array::{ArrayRef, StringArray};
use serde::{Deserialize, Serialize};

use crate::AttributeKind;

/// What configuration says about a column that a standardizer may need.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ColumnSettings {
    /// The region whose conventions hold where a value does not say (ISO 3166-1 alpha-2, upper case).
    pub region: Option<String>,
    /// The currency of amounts that do not name one (ISO 4217, upper case).
    pub currency: Option<String>,
    /// The order of day, month and year, where it is declared and not to be decided from the column.
    pub date_order: Option<DateOrder>,
    /// Further texts that mean "no value" in this column.
    pub null_words: Vec<String>,
}

/// The order of the parts of a date in text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DateOrder {
    /// 31/12/1999.
    DayMonthYear,
    /// 12/31/1999.
    MonthDayYear,
    /// 1999-12-31.
    YearMonthDay,
}

/// What a whole column tells that no single value can, decided once and pinned by the epoch, so that a night that
/// brings one changed row reads it as the first night did.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ColumnDecision {
    /// The order of dates.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date_order: Option<DateOrder>,
    /// The orders of dates of single parts, where the column is decided part by part: by the parts' names.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub date_orders: BTreeMap<String, DateOrder>,
    /// Clean values that stand on so many rows that they name nobody.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub junk: Vec<String>,
    /// Why, in one sentence with counts.
    #[serde(default)]
    pub evidence: String,
}

/// A value that could not be cleaned; its clean value is absent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Defect {
    /// The row in the column.
    pub row: usize,
    /// The rule's code, in `kebab-case`.
    pub rule: &'static str,
    /// Why, and what would be right, in one sentence.
    pub reason: String,
}

/// A clean column and what goes with it.
#[derive(Debug, Clone)]
pub struct Standardized {
    /// The clean values, of [`AttributeKind::clean_type`].
    pub clean: ArrayRef,
    /// The further columns, in the order of [`AttributeKind::derived`], the original left out.
    pub derived: Vec<ArrayRef>,
    /// The values that could not be cleaned, in the order of rows.
    pub defects: Vec<Defect>,
}

/// Cleans columns of one kind or of a few kin kinds. Pure: the same column, settings and decision give the same result.
pub trait Standardizer: Send + Sync {
    /// The kinds it cleans.
    fn kinds(&self) -> &'static [AttributeKind];

    /// What the whole column tells; asked once, when an epoch is trained.
    fn decide(&self, _column: &StringArray, _settings: &ColumnSettings) -> ColumnDecision {
        ColumnDecision::default()
    }

    /// Cleans a column.
    fn standardize(
        &self,
        kind: AttributeKind,
        column: &StringArray,
        settings: &ColumnSettings,
        decision: &ColumnDecision,
    ) -> Standardized;
}
