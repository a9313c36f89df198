//! Similarity of the bags of pairs of characters: texts whose parts stand in any order, with errors in any of them.
//!
//! E. Ukkonen, "Approximate string-matching with q-grams and maximal matches" (1992); the similarity is L. Dice's (1945).

use arrow::array::RecordBatch;
use onefold_contract::Result;
use onefold_contract::comparison::{Comparison, PreparedComparison};

use super::name_of;
use super::similarity::{Prepared, Similarity, bounds, level_names};
use crate::records::{CodedText, folded_text};
use crate::spec::ComparisonSpec;

/// Compares texts by the share of their pairs of characters that both have.
#[derive(Debug, Clone)]
pub struct QGrams {
    name: String,
    column: String,
    bounds: Vec<f64>,
    levels: Vec<String>,
}

impl QGrams {
    /// The bounds where a model writes none.
    pub const BOUNDS: [f64; 3] = [0.85, 0.7, 0.5];

    /// The comparison of a model file.
    pub fn new(spec: &ComparisonSpec) -> Self {
        let bounds = bounds(&spec.thresholds, &Self::BOUNDS);
        let levels = level_names("pairs of characters", &bounds);
        Self { name: name_of(spec).to_owned(), column: spec.column.clone(), bounds, levels }
    }
}

/// The pairs of characters of every distinct value, sorted, each as often as it occurs.
struct Bags(Vec<Vec<u64>>);

fn bag(value: &str) -> Vec<u64> {
    let marked: Vec<char> = format!(" {value} ").chars().collect();
    let mut bag: Vec<u64> =
        marked.windows(2).map(|pair| u64::from(pair[0] as u32) << 32 | u64::from(pair[1] as u32)).collect();
    bag.sort_unstable();
    bag
}

/// How many elements two sorted lists have in common.
pub(super) fn common<T: Ord>(a: &[T], b: &[T]) -> usize {
    let (mut i, mut j, mut both) = (0, 0, 0);
    while i < a.len() && j < b.len() {
        match a[i].cmp(&b[j]) {
            std::cmp::Ordering::Equal => (i, j, both) = (i + 1, j + 1, both + 1),
            std::cmp::Ordering::Less => i += 1,
            std::cmp::Ordering::Greater => j += 1,
        }
    }
    both
}

impl Similarity for Bags {
    fn at_least(&self, bound: f64, left: u32, right: u32) -> Option<f64> {
        let (a, b) = (&self.0[left as usize], &self.0[right as usize]);
        let most = 2.0 * a.len().min(b.len()) as f64 / (a.len() + b.len()) as f64;
        if most < bound {
            return None;
        }
        let similarity = 2.0 * common(a, b) as f64 / (a.len() + b.len()) as f64;
        (similarity >= bound).then_some(similarity)
    }
}

impl Comparison for QGrams {
    fn name(&self) -> &str {
        &self.name
    }

    fn levels(&self) -> &[String] {
        &self.levels
    }

    fn prepare(&self, records: &RecordBatch) -> Result<Box<dyn PreparedComparison>> {
        let values = CodedText::new(&folded_text(records, &self.column)?);
        let bags = Bags(values.values().map(bag).collect());
        Ok(Box::new(Prepared::new(values.codes().to_vec(), self.bounds.clone(), bags)))
    }
}
