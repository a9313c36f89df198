//! What the comparisons by similarity share: coded values, lower bounds, names of levels.

use arrow::array::RecordBatch;
use arrow::datatypes::DataType;
use onefold_contract::Result;
use onefold_contract::comparison::{Level, NULL_LEVEL, PreparedComparison};

use super::EQUAL_LEVEL;
use crate::records::{ABSENT, CodedText, column, is_text, printed, wrong_type};

/// The name of the null level.
pub(super) const MISSING: &str = "missing";
/// The name of the level of equal values.
pub(super) const EQUAL: &str = "equal";
/// The name of the last level.
pub(super) const ALL_ELSE: &str = "all else";

/// A column of text, coded.
pub(super) fn coded_text(records: &RecordBatch, name: &str) -> Result<CodedText> {
    let found: &DataType = column(records, name)?.data_type();
    if !is_text(found) {
        return Err(wrong_type(name, found, "text"));
    }
    Ok(CodedText::new(&printed(records, name)?))
}

/// The bounds that are written, or the method's own.
pub(super) fn bounds(written: &[f64], own: &[f64]) -> Vec<f64> {
    if written.is_empty() { own.to_vec() } else { written.to_vec() }
}

/// The levels of a comparison by similarity: missing, equal, one for each bound, all else.
pub(super) fn level_names(method: &str, bounds: &[f64]) -> Vec<String> {
    let similar = bounds.iter().map(|bound| format!("{method} >= {bound}"));
    [MISSING, EQUAL].map(String::from).into_iter().chain(similar).chain([ALL_ELSE.to_owned()]).collect()
}

/// A similarity of two different values, from 0 to 1; `None` where it is below the bound.
pub(super) trait Similarity: Send + Sync {
    /// Compares the values of two codes, the smaller code first, so that the order of a pair cannot matter.
    fn at_least(&self, bound: f64, left: u32, right: u32) -> Option<f64>;
}

/// Coded values with a similarity.
pub(super) struct Prepared<S> {
    codes: Vec<u32>,
    bounds: Vec<f64>,
    similarity: S,
}

impl<S: Similarity> Prepared<S> {
    pub(super) fn new(codes: Vec<u32>, bounds: Vec<f64>, similarity: S) -> Self {
        Self { codes, bounds, similarity }
    }
}

/// The level after `before` that a similarity reaches: the first bound it is not below.
pub(super) fn level_of(similarity: Option<f64>, bounds: &[f64], before: Level) -> Level {
    let reached = similarity.and_then(|s| bounds.iter().position(|bound| s >= *bound));
    before + 1 + reached.unwrap_or(bounds.len()) as Level
}

impl<S: Similarity> PreparedComparison for Prepared<S> {
    fn level(&self, left: u32, right: u32) -> Level {
        let (left, right) = (self.codes[left as usize], self.codes[right as usize]);
        if left == ABSENT || right == ABSENT {
            return NULL_LEVEL;
        }
        if left == right {
            return EQUAL_LEVEL;
        }
        let lowest = self.bounds.last().copied().unwrap_or(1.0);
        let similarity = self.similarity.at_least(lowest, left.min(right), left.max(right));
        level_of(similarity, &self.bounds, EQUAL_LEVEL)
    }
}
