//! Jaccard similarity of the sets of words: company names, streets, free text (P. Jaccard, 1901).

use std::collections::HashMap;

use arrow::array::RecordBatch;
use onefold_contract::Result;
use onefold_contract::comparison::{Comparison, PreparedComparison};

use super::name_of;
use super::similarity::{Prepared, Similarity, bounds, coded_text, level_names};
use crate::records::CodedText;
use crate::spec::ComparisonSpec;

/// Compares texts by the share of their words that both have. Order, case and punctuation do not count.
#[derive(Debug, Clone)]
pub struct Jaccard {
    name: String,
    column: String,
    bounds: Vec<f64>,
    levels: Vec<String>,
}

impl Jaccard {
    /// The bounds where a model writes none.
    pub const BOUNDS: [f64; 2] = [0.75, 0.5];

    /// The comparison of a model file.
    pub fn new(spec: &ComparisonSpec) -> Self {
        let bounds = bounds(&spec.thresholds, &Self::BOUNDS);
        let levels = level_names("Jaccard of words", &bounds);
        Self { name: name_of(spec).to_owned(), column: spec.column.clone(), bounds, levels }
    }
}

/// The words of every distinct value as sorted numbers.
struct Words(Vec<Vec<u32>>);

impl Words {
    fn new(values: &CodedText) -> Self {
        let mut numbers: HashMap<String, u32> = HashMap::new();
        let mut of_value = |value: &str| {
            let words = value.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
            let mut set: Vec<u32> = Vec::new();
            for word in words {
                let next = numbers.len() as u32;
                set.push(*numbers.entry(word.to_lowercase()).or_insert(next));
            }
            set.sort_unstable();
            set.dedup();
            set
        };
        Self(values.values().map(&mut of_value).collect())
    }
}

impl Similarity for Words {
    fn at_least(&self, bound: f64, left: u32, right: u32) -> Option<f64> {
        let (a, b) = (&self.0[left as usize], &self.0[right as usize]);
        let (mut i, mut j, mut both) = (0, 0, 0);
        while i < a.len() && j < b.len() {
            match a[i].cmp(&b[j]) {
                std::cmp::Ordering::Equal => (i, j, both) = (i + 1, j + 1, both + 1),
                std::cmp::Ordering::Less => i += 1,
                std::cmp::Ordering::Greater => j += 1,
            }
        }
        let either = a.len() + b.len() - both;
        // Two values of punctuation alone have no word to agree on.
        let similarity = if either == 0 { 0.0 } else { f64::from(both as u32) / either as f64 };
        (similarity >= bound).then_some(similarity)
    }
}

impl Comparison for Jaccard {
    fn name(&self) -> &str {
        &self.name
    }

    fn levels(&self) -> &[String] {
        &self.levels
    }

    fn prepare(&self, records: &RecordBatch) -> Result<Box<dyn PreparedComparison>> {
        let values = coded_text(records, &self.column)?;
        Ok(Box::new(Prepared::new(values.codes().to_vec(), self.bounds.clone(), Words::new(&values))))
    }
}
