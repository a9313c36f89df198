//! Street addresses: house numbers and words apart, because next-door neighbours differ in the number alone.

use arrow::array::RecordBatch;
use onefold_contract::Result;
use onefold_contract::comparison::{Comparison, Level, PreparedComparison};
use rapidfuzz::distance::jaro_winkler;

use super::relation::{Related, Relation};
use super::similarity::{ALL_ELSE, EQUAL, MISSING};
use super::word_lists::WordLists;
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

/// Addresses taken apart: what has a digit, and what has none.
struct Streets {
    numbers: WordLists,
    words: WordLists,
}

fn has_digit(word: &str) -> bool {
    word.bytes().any(|byte| byte.is_ascii_digit())
}

impl Streets {
    fn new<'a>(addresses: impl Iterator<Item = &'a str> + Clone) -> Self {
        let apart = |numbers: bool| {
            move |address: &str| -> Vec<String> {
                let all = address.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
                all.filter(|word| has_digit(word) == numbers).map(str::to_owned).collect()
            }
        };
        Self { numbers: WordLists::new(addresses.clone(), apart(true)), words: WordLists::new(addresses, apart(false)) }
    }

    fn same_word(&self, a: u32, b: u32) -> bool {
        if a == b {
            return true;
        }
        let cutoff = jaro_winkler::Args::default().score_cutoff(SAME_WORD);
        let similar = |a: &str, b: &str| jaro_winkler::similarity_with_args(a.bytes(), b.bytes(), &cutoff).is_some();
        self.words.sketch(a).may_reach(self.words.sketch(b), SAME_WORD)
            && similar(self.words.text(a), self.words.text(b))
    }

    /// Whether the words are the same but for their spelling, or one address has fewer of them.
    fn same_words(&self, left: u32, right: u32) -> bool {
        let (left, right) = (self.words.of(left), self.words.of(right));
        let letters = |words: &[u32]| self.words.letters(words.iter().copied());
        let (of_left, of_right) = (letters(left), letters(right));
        let (shorter, longer, all) = if of_left <= of_right { (left, right, of_left) } else { (right, left, of_right) };
        let found = |word: &u32| longer.iter().any(|of_other| self.same_word(*word, *of_other));
        let shared = self.words.letters(shorter.iter().copied().filter(found));
        all > 0 && shared as f64 >= SAME_STREET * all as f64
    }
}

impl Relation for Streets {
    fn level(&self, left: u32, right: u32) -> Level {
        let (a, b) = (self.numbers.of(left), self.numbers.of(right));
        let same_number = a == b;
        let part_of_numbers = a.iter().all(|n| b.contains(n)) || b.iter().all(|n| a.contains(n));
        match (self.same_words(left, right), same_number, part_of_numbers) {
            (true, true, _) => EQUAL_LEVEL + 1,
            (true, _, true) => EQUAL_LEVEL + 2,
            (true, _, _) => EQUAL_LEVEL + 3,
            (false, true, _) if !a.is_empty() => EQUAL_LEVEL + 4,
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
        let streets = Streets::new((0..values.distinct() as u32).map(|code| values.value(code)));
        Ok(Box::new(Related::new(&values, streets)))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_differ_in_the_number() {
        let level = |a: &str, b: &str| Streets::new([a, b].into_iter()).level(0, 1) - EQUAL_LEVEL;
        assert_eq!(level("24 mcintyre street", "24 mcintire st"), 1);
        assert_eq!(level("24 mcintyre street", "mcintyre street 24"), 1);
        assert_eq!(level("24 mcintyre street apt 198", "24 mcintyre street"), 2);
        assert_eq!(level("24 mcintyre street", "26 mcintyre street"), 3);
        assert_eq!(level("24 mcintyre street", "24 oak lane"), 4);
        assert_eq!(level("24 mcintyre street", "7 oak lane"), 5);
    }
}
