//! Similarity by Damerau-Levenshtein distance: numbers and codes with typing errors (F. Damerau, 1964).
//!
//! The distance is the restricted one, optimal string alignment, in which no place is mended twice. The unrestricted one
//! differs only where letters were swapped and then parted by another error, and takes several times as long: it cannot
//! be computed a word of bits at a time.

use arrow::array::RecordBatch;
use onefold_contract::Result;
use onefold_contract::comparison::{Comparison, PreparedComparison};
use rapidfuzz::distance::osa::{Args, normalized_similarity_with_args};

use super::name_of;
use super::similarity::{Prepared, Similarity, bounds, coded_text, level_names};
use crate::records::CodedText;
use crate::spec::ComparisonSpec;

/// Compares texts by 1 - distance / length of the longer one; a swap of neighbours is one error.
#[derive(Debug, Clone)]
pub struct DamerauLevenshtein {
    name: String,
    column: String,
    bounds: Vec<f64>,
    levels: Vec<String>,
}

impl DamerauLevenshtein {
    /// The bounds where a model writes none.
    pub const BOUNDS: [f64; 2] = [0.85, 0.7];

    /// The comparison of a model file.
    pub fn new(spec: &ComparisonSpec) -> Self {
        let bounds = bounds(&spec.thresholds, &Self::BOUNDS);
        let levels = level_names("Damerau-Levenshtein", &bounds);
        Self { name: name_of(spec).to_owned(), column: spec.column.clone(), bounds, levels }
    }
}

struct Texts(CodedText);

impl Similarity for Texts {
    fn at_least(&self, bound: f64, left: u32, right: u32) -> Option<f64> {
        let cutoff = Args::default().score_cutoff(bound);
        let (a, b) = (self.0.value(left), self.0.value(right));
        if self.0.both_ascii(left, right) {
            // The difference in length alone is that many errors.
            let (shorter, longer) = if a.len() < b.len() { (a.len(), b.len()) } else { (b.len(), a.len()) };
            if (shorter as f64) < bound * longer as f64 - 1e-9 {
                return None;
            }
            normalized_similarity_with_args(a.bytes(), b.bytes(), &cutoff)
        } else {
            normalized_similarity_with_args(a.chars(), b.chars(), &cutoff)
        }
    }
}

impl Comparison for DamerauLevenshtein {
    fn name(&self) -> &str {
        &self.name
    }

    fn levels(&self) -> &[String] {
        &self.levels
    }

    fn prepare(&self, records: &RecordBatch) -> Result<Box<dyn PreparedComparison>> {
        let values = coded_text(records, &self.column)?;
        Ok(Box::new(Prepared::new(values.codes().to_vec(), self.bounds.clone(), Texts(values))))
    }
}
