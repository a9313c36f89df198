//! Jaro-Winkler similarity: short names with typing errors (W. E. Winkler, 1990).

use arrow::array::RecordBatch;
use onefold_contract::Result;
use onefold_contract::comparison::{Comparison, PreparedComparison};
use rapidfuzz::distance::jaro_winkler::{Args, similarity_with_args};

use super::name_of;
use super::similarity::{Prepared, Similarity, bounds, coded_text, level_names};
use crate::records::CodedText;
use crate::spec::ComparisonSpec;

/// Compares texts by Jaro-Winkler similarity.
#[derive(Debug, Clone)]
pub struct JaroWinkler {
    name: String,
    column: String,
    bounds: Vec<f64>,
    levels: Vec<String>,
}

impl JaroWinkler {
    /// The bounds where a model writes none.
    pub const BOUNDS: [f64; 2] = [0.92, 0.8];

    /// The comparison of a model file.
    pub fn new(spec: &ComparisonSpec) -> Self {
        let bounds = bounds(&spec.thresholds, &Self::BOUNDS);
        let levels = level_names("Jaro-Winkler", &bounds);
        Self { name: name_of(spec).to_owned(), column: spec.column.clone(), bounds, levels }
    }
}

/// The Jaro-Winkler similarity of two coded values, where it reaches the bound.
pub(super) fn jaro_winkler(values: &CodedText, bound: f64, left: u32, right: u32) -> Option<f64> {
    if !values.sketch(left).may_reach(values.sketch(right), bound) {
        return None;
    }
    let cutoff = Args::default().score_cutoff(bound);
    let (a, b) = (values.value(left), values.value(right));
    if values.both_ascii(left, right) {
        similarity_with_args(a.bytes(), b.bytes(), &cutoff)
    } else {
        similarity_with_args(a.chars(), b.chars(), &cutoff)
    }
}

impl Similarity for CodedText {
    fn at_least(&self, bound: f64, left: u32, right: u32) -> Option<f64> {
        jaro_winkler(self, bound, left, right)
    }
}

impl Comparison for JaroWinkler {
    fn name(&self) -> &str {
        &self.name
    }

    fn levels(&self) -> &[String] {
        &self.levels
    }

    fn prepare(&self, records: &RecordBatch) -> Result<Box<dyn PreparedComparison>> {
        let values = coded_text(records, &self.column)?;
        Ok(Box::new(Prepared::new(values.codes().to_vec(), self.bounds.clone(), values)))
    }
}
