//! Street addresses: house numbers and words apart, because next-door neighbours differ in the number alone.

use arrow::array::RecordBatch;
use onefold_contract::Result;
use onefold_contract::comparison::{Comparison, Level, PreparedComparison};
use rapidfuzz::distance::jaro_winkler;

use super::relation::{Related, Relation};
use super::similarity::{ALL_ELSE, EQUAL, MISSING};
use super::{EQUAL_LEVEL, name_of};
use crate::records::{CodedText, folded_text};
use crate::spec::ComparisonSpec;

/// Jaro-Winkler similarity at and above which two words are one.
const SAME_WORD: f64 = 0.88;
/// The share of the shorter address's letters that must stand in words of the other.
const SAME_STREET: f64 = 0.7;

/// Compares addresses, or streets with their house numbers.
#[derive(Debug, Clone)]
pub struct Addresses {
    name: String,
    column: String,
    levels: Vec<String>,
}

impl Addresses {
    /// The comparison of a model file.
    pub fn new(spec: &ComparisonSpec) -> Self {
        let levels = [
            MISSING,
            EQUAL,
            "same number, same street but for its spelling",
            "same street, a number missing or added",
            "same street, another number",
            "same number, another street",
            ALL_ELSE,
        ];
        Self { name: name_of(spec).to_owned(), column: spec.column.clone(), levels: levels.map(String::from).to_vec() }
    }
}

/// An address taken apart: what has a digit, and what has none.
struct Parts {
    numbers: Vec<String>,
    words: Vec<String>,
}

impl Parts {
    fn of(address: &str) -> Self {
        let all = address.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
        let (numbers, words) = all.map(str::to_owned).partition(|word| word.chars().any(|c| c.is_ascii_digit()));
        Self { numbers, words }
    }

    /// Whether the words are the same but for their spelling, or one address has fewer of them.
    fn same_words(&self, other: &Self) -> bool {
        let letters = |words: &[String]| words.iter().map(String::len).sum::<usize>();
        let (shorter, longer) =
            if letters(&self.words) <= letters(&other.words) { (self, other) } else { (other, self) };
        let cutoff = jaro_winkler::Args::default().score_cutoff(SAME_WORD);
        let same =
            |a: &str, b: &str| a == b || jaro_winkler::similarity_with_args(a.bytes(), b.bytes(), &cutoff).is_some();
        let found = |word: &&String| longer.words.iter().any(|of_other| same(word, of_other));
        let shared: usize = shorter.words.iter().filter(found).map(String::len).sum();
        let all = letters(&shorter.words);
        all > 0 && shared as f64 >= SAME_STREET * all as f64
    }
}

struct Streets(Vec<Parts>);

impl Relation for Streets {
    fn level(&self, left: u32, right: u32) -> Level {
        let (a, b) = (&self.0[left as usize], &self.0[right as usize]);
        let same_number = a.numbers == b.numbers;
        let part_of_numbers =
            a.numbers.iter().all(|n| b.numbers.contains(n)) || b.numbers.iter().all(|n| a.numbers.contains(n));
        match (a.same_words(b), same_number, part_of_numbers) {
            (true, true, _) => EQUAL_LEVEL + 1,
            (true, _, true) => EQUAL_LEVEL + 2,
            (true, _, _) => EQUAL_LEVEL + 3,
            (false, true, _) if !a.numbers.is_empty() => EQUAL_LEVEL + 4,
            _ => EQUAL_LEVEL + 5,
        }
    }
}

impl Comparison for Addresses {
    fn name(&self) -> &str {
        &self.name
    }

    fn levels(&self) -> &[String] {
        &self.levels
    }

    fn prepare(&self, records: &RecordBatch) -> Result<Box<dyn PreparedComparison>> {
        let values = CodedText::new(&folded_text(records, &self.column)?);
        let parts = values.values().map(Parts::of).collect();
        Ok(Box::new(Related::new(&values, Streets(parts))))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_differ_in_the_number() {
        let level = |a: &str, b: &str| Streets(vec![Parts::of(a), Parts::of(b)]).level(0, 1) - EQUAL_LEVEL;
        assert_eq!(level("24 mcintyre street", "24 mcintire st"), 1);
        assert_eq!(level("24 mcintyre street", "mcintyre street 24"), 1);
        assert_eq!(level("24 mcintyre street apt 198", "24 mcintyre street"), 2);
        assert_eq!(level("24 mcintyre street", "26 mcintyre street"), 3);
        assert_eq!(level("24 mcintyre street", "24 oak lane"), 4);
        assert_eq!(level("24 mcintyre street", "7 oak lane"), 5);
    }
}
