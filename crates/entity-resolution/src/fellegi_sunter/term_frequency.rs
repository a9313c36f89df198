//! Agreement on a rare value weighs more than on a common one.
//!
//! On the level of equal values, u (the chance that strangers agree on some value) is replaced by the frequency of the
//! value they agree on, as Splink does. The table is pinned with the model and capped: it names the values that are more
//! frequent than the average value, at most [`TermFrequencies::CAP`] of them, and one figure stands for all the others.
//! What is left out are values so rare that their frequencies hardly differ; a full table would make the epoch as large
//! as the column, and every new name a change of the model.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::model::rounded;
use crate::Bits;
use crate::records::{ABSENT, CodedText};

/// How frequent the values of a column are, as shares of the records that have one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TermFrequencies {
    /// The frequency of every value that is not named.
    pub others: f64,
    /// The frequencies of the values that are more frequent than the average.
    pub values: BTreeMap<String, f64>,
}

impl TermFrequencies {
    /// The most values that are named.
    pub const CAP: usize = 10_000;

    /// Counts the values of a column.
    pub(crate) fn of(values: &CodedText) -> Self {
        let mut counts = vec![0u64; values.distinct()];
        for code in values.codes().iter().filter(|code| **code != ABSENT) {
            counts[*code as usize] += 1;
        }
        let present: u64 = counts.iter().sum();
        let mean = present as f64 / counts.len().max(1) as f64;
        let mut frequent: Vec<u32> = (0..counts.len() as u32).filter(|c| counts[*c as usize] as f64 > mean).collect();
        frequent.sort_by(|a, b| counts[*b as usize].cmp(&counts[*a as usize]).then(a.cmp(b)));
        frequent.truncate(Self::CAP);
        let named: u64 = frequent.iter().map(|code| counts[*code as usize]).sum();
        let share = |count: f64| rounded(count / present.max(1) as f64);
        let unnamed = counts.len() - frequent.len();
        Self {
            others: share(if unnamed == 0 { 1.0 } else { (present - named) as f64 / unnamed as f64 }),
            values: frequent
                .iter()
                .map(|code| (values.value(*code).to_owned(), share(counts[*code as usize] as f64)))
                .collect(),
        }
    }

    /// What agreement on a value weighs more, or less, than agreement on any value, of which the chance is `u`.
    #[cfg(test)]
    fn adjustment(&self, value: &str, u: f64) -> Bits {
        let frequency = self.values.get(value).copied().unwrap_or(self.others);
        if frequency > 0.0 { Bits::from_ratio(u, frequency) } else { Bits::ZERO }
    }

    /// The adjustment of every row's value: what agreement on it weighs more, or less, than agreement on any value, of
    /// which the chance is `u`.
    pub(crate) fn adjustments(&self, values: &CodedText, u: f64) -> Vec<Bits> {
        let of = |frequency: f64| if frequency > 0.0 { Bits::from_ratio(u, frequency) } else { Bits::ZERO };
        let mut of_value = vec![of(self.others); values.distinct()];
        for (value, frequency) in &self.values {
            if let Some(code) = values.find(value) {
                of_value[code as usize] = of(*frequency);
            }
        }
        values.codes().iter().map(|code| if *code == ABSENT { Bits::ZERO } else { of_value[*code as usize] }).collect()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;
    use arrow::array::StringArray;

    #[test]
    fn rare_values_weigh_more() {
        let names: Vec<Option<&str>> =
            [vec![Some("Smith"); 90], vec![Some("Zyk"), Some("Abu"), None], vec![Some("Li"); 8]].concat();
        let terms = TermFrequencies::of(&CodedText::new(&StringArray::from(names)));
        assert_eq!(terms.values, BTreeMap::from([("Smith".to_owned(), 0.9)]));
        assert!((terms.others - 0.1 / 3.0).abs() < 1e-6, "{}", terms.others);
        assert!(terms.adjustment("Smith", 0.82) < Bits::ZERO);
        assert_eq!(terms.adjustment("Zyk", 0.82), terms.adjustment("never seen", 0.82));
        assert!(terms.adjustment("Zyk", 0.82) > Bits::new(4.0));
    }
}
