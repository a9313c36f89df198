//! What a column looks like and what it may mean, before anybody has declared anything about it.
//!
//! A profile is plain data: `standardize` computes it, `entity-resolution` proposes a model from it, `runner` shows it.
//! The rejected alternative, each of them looking at the values anew, has three opinions of one column.
//!
//! Counts are of rows. What is estimated says so beside the figure ([`Distinct::error`], [`ColumnProfile::top_error`]), and
//! what was only looked at on a sample says on how many rows ([`ColumnProfile::examined`]).

use serde::{Deserialize, Serialize};

use crate::AttributeKind;
use crate::standardizer::DateOrder;

/// A table, column by column.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct TableProfile {
    /// The rows.
    pub rows: u64,
    /// The columns, in the order of the table.
    pub columns: Vec<ColumnProfile>,
    /// Columns that say again what others say.
    pub compounds: Vec<Compound>,
    /// The region whose conventions the values follow (ISO 3166-1 alpha-2), where they tell or somebody said so.
    pub region: Option<String>,
    /// Why that region, in one sentence; empty where there is none.
    pub region_reason: String,
}

impl TableProfile {
    /// A column by its name.
    pub fn column(&self, name: &str) -> Option<&ColumnProfile> {
        self.columns.iter().find(|column| column.name == name)
    }

    /// The columns that look like a key of the table, the likeliest first.
    pub fn keys(&self) -> impl Iterator<Item = &ColumnProfile> {
        let named = |named: bool| {
            let is = move |column: &&ColumnProfile| {
                column.looks_like_key && (column.guess.kind == AttributeKind::Identifier) == named
            };
            self.columns.iter().filter(is)
        };
        named(true).chain(named(false))
    }
}

/// A column whose values are put together of the values of others: a full name beside its parts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Compound {
    /// The column that says again what others say.
    pub column: String,
    /// The columns it is put together of, in the order of the table.
    pub parts: Vec<String>,
    /// The share of rows in which it holds, of those that have a value in all of these columns.
    pub share: f64,
}

/// One column.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ColumnProfile {
    /// The column's name.
    pub name: String,
    /// What it may mean.
    pub guess: KindGuess,
    /// All rows.
    pub rows: u64,
    /// Rows without any value.
    pub nulls: u64,
    /// Rows with nothing but white space.
    pub blanks: u64,
    /// Words for "no value" ("N/A", "unknown"), with the rows of [`Self::examined`] that they stand on.
    pub null_words: Vec<ValueCount>,
    /// How many values differ.
    pub distinct: Distinct,
    /// The most frequent values, most frequent first.
    pub top: Vec<ValueCount>,
    /// By how much each count of [`Self::top`] may be too low; 0 where they are exact.
    pub top_error: u64,
    /// The probability that two rows drawn at random, both with a value, have the same one; an estimate where
    /// [`Self::top_error`] is not 0.
    pub agreement: f64,
    /// The rows that everything below was counted on: all of them, or a sample.
    pub examined: u64,
    /// The shapes of values, most frequent first: `A` and `a` a letter, `9` a digit, `+` behind one "three and more".
    pub patterns: Vec<PatternCount>,
    /// How long values are, in characters.
    pub lengths: Option<LengthRange>,
    /// The range of the values, where they are numbers or amounts.
    pub numbers: Option<NumberRange>,
    /// The range of the values, where they are dates or moments.
    pub dates: Option<DateRange>,
    /// How values are spread: over years, over numbers, or over lengths.
    pub histogram: Option<Histogram>,
    /// Values that stand far from all others.
    pub outliers: Vec<Remark>,
    /// Values that stand on so many rows that they name nobody, or that people type where they have none.
    pub junk: Vec<Remark>,
    /// What cannot be read as a value of the guessed kind, by rule, most frequent first.
    pub defects: Vec<DefectCount>,
    /// Whether the column, by its name, tells of the record and not of whom it is about: its source, when it was written.
    pub of_record: bool,
    /// Whether no value stands on two rows.
    pub unique: bool,
    /// Whether the column looks like a key: unique, always there, and neither measured nor told by people.
    pub looks_like_key: bool,
}

impl ColumnProfile {
    /// The rows that have a value, words for "no value" counted as values.
    pub fn present(&self) -> u64 {
        self.rows.saturating_sub(self.nulls + self.blanks)
    }

    /// The share of rows that have a value, from 0 to 1.
    pub fn filled(&self) -> f64 {
        if self.rows == 0 { 0.0 } else { self.present() as f64 / self.rows as f64 }
    }

    /// Distinct values over rows with a value: 1 where no value repeats, 0 where there is none.
    pub fn distinctness(&self) -> f64 {
        if self.present() == 0 { 0.0 } else { (self.distinct.count as f64 / self.present() as f64).min(1.0) }
    }

    /// The share of the examined rows whose value cannot be read as one of the guessed kind.
    pub fn defect_share(&self) -> f64 {
        let flawed: u64 = self.defects.iter().map(|defect| defect.count).sum();
        if self.examined == 0 { 0.0 } else { flawed as f64 / self.examined as f64 }
    }
}

/// What a column may mean.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct KindGuess {
    /// The likeliest kind.
    pub kind: AttributeKind,
    /// How sure that is, from 0 to 1; 1 only where a person said so.
    pub confidence: f64,
    /// Why, one sentence a reason, for a person to check.
    pub reasons: Vec<String>,
    /// The next likely kinds with their confidence, likeliest first.
    pub others: Vec<(AttributeKind, f64)>,
    /// The order of day, month and year, where the values are dates that need one.
    pub date_order: Option<DateOrder>,
}

/// How many values differ.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Distinct {
    /// How many.
    pub count: u64,
    /// The relative standard error of the count; 0 where it is exact.
    pub error: f64,
}

impl Distinct {
    /// Whether the count is exact.
    pub fn is_exact(&self) -> bool {
        self.error <= 0.0
    }
}

/// A value and the rows that it stands on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ValueCount {
    /// The value as it came.
    pub value: String,
    /// The rows.
    pub count: u64,
}

/// A shape of values.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PatternCount {
    /// The shape.
    pub pattern: String,
    /// The rows with a value of it.
    pub count: u64,
    /// One such value.
    pub example: String,
}

/// How long values are, in characters.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct LengthRange {
    /// The shortest.
    pub shortest: u64,
    /// The longest.
    pub longest: u64,
    /// The mean.
    pub mean: f64,
}

/// The range of numbers.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct NumberRange {
    /// The smallest.
    pub smallest: f64,
    /// The largest.
    pub largest: f64,
    /// The mean.
    pub mean: f64,
    /// A quarter of the values are at most this; from a sample.
    pub lower_quartile: f64,
    /// Half of the values are at most this; from a sample.
    pub median: f64,
    /// Three quarters of the values are at most this; from a sample.
    pub upper_quartile: f64,
}

/// The range of dates.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DateRange {
    /// The first, as `2026-11-22`.
    pub first: String,
    /// The last.
    pub last: String,
}

/// What a histogram's bars stand for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HistogramOf {
    /// Years, or decades where they are many.
    Years,
    /// Numbers between two bounds.
    Numbers,
    /// Lengths in characters.
    Lengths,
}

/// How values are spread.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Histogram {
    /// What the bars stand for.
    pub of: HistogramOf,
    /// The bars in their order: a label and the rows.
    pub bars: Vec<(String, u64)>,
}

/// A value that somebody should look at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Remark {
    /// The value as it came.
    pub value: String,
    /// The rows that it stands on, where they were counted.
    pub count: u64,
    /// Why, in one sentence.
    pub reason: String,
}

/// Values that break a rule of the guessed kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DefectCount {
    /// The rule's code, in `kebab-case`.
    pub rule: String,
    /// The rows.
    pub count: u64,
    /// One such value.
    pub example: String,
    /// Why that one is no value of the kind, in one sentence.
    pub reason: String,
}
