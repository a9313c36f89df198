//! Names of firms and other texts of several words: words spelled differently, left out or in another order.
//!
//! Each word looks for itself in the other text, allowing for errors and shortening, and counts by its letters. The
//! rejected alternative, [`super::Jaccard`], takes a word with one wrong letter for another word.

use arrow::array::RecordBatch;
use onefold_contract::Result;
use onefold_contract::comparison::{Comparison, Level, PreparedComparison};
use rapidfuzz::distance::jaro_winkler;

use super::relation::{Related, Relation};
use super::similarity::{ALL_ELSE, EQUAL, MISSING, bounds};
use super::word_lists::WordLists;
use super::{EQUAL_LEVEL, name_of};
use crate::records::{CodedText, folded_text};
use crate::spec::ComparisonSpec;

/// Jaro-Winkler similarity at and above which two words are one.
const SAME_WORD: f64 = 0.9;
/// The fewest letters of a beginning that stands for a whole word.
const SHORT_FORM: usize = 3;
/// The fewest letters that a text must have for being part of another to mean something.
const TELLING: usize = 4;

/// Compares texts word by word.
#[derive(Debug, Clone)]
pub struct Words {
    name: String,
    column: String,
    bounds: Vec<f64>,
    levels: Vec<String>,
}

impl Words {
    /// The bounds of the share of letters in common words where a model writes none.
    pub const BOUNDS: [f64; 3] = [0.75, 0.5, 0.3];

    /// The comparison of a model file.
    pub fn new(spec: &ComparisonSpec) -> Self {
        let bounds = bounds(&spec.thresholds, &Self::BOUNDS);
        let first = [MISSING, EQUAL, "same words but for spelling and order", "one is part of the other"];
        let shares = bounds.iter().map(|bound| format!("words in common >= {bound}"));
        let levels = first.map(String::from).into_iter().chain(shares).chain([ALL_ELSE.to_owned()]).collect();
        Self { name: name_of(spec).to_owned(), column: spec.column.clone(), bounds, levels }
    }
}

struct Texts {
    words: WordLists,
    bounds: Vec<f64>,
}

fn same(a: &str, b: &str) -> bool {
    let (short, long) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    let cutoff = jaro_winkler::Args::default().score_cutoff(SAME_WORD);
    (short.len() >= SHORT_FORM && long.starts_with(short))
        || (short.len() > SHORT_FORM && jaro_winkler::similarity_with_args(a.bytes(), b.bytes(), &cutoff).is_some())
}

impl Texts {
    /// Two words are one, by their spelling or because one is short for the other.
    fn same(&self, a: u32, b: u32) -> bool {
        let (of_a, of_b) = (self.words.sketch(a), self.words.sketch(b));
        // A short form has its first letter in common with what it is short for.
        let possible = of_a.same_initial(of_b) || of_a.may_reach(of_b, SAME_WORD);
        a == b || (possible && same(self.words.text(a), self.words.text(b)))
    }

    fn run_together(&self, words: &[u32]) -> String {
        words.iter().map(|word| self.words.text(*word)).collect()
    }
}

impl Relation for Texts {
    fn level(&self, left: u32, right: u32) -> Level {
        let (a, b) = (self.words.of(left), self.words.of(right));
        let letters = |words: &[u32]| self.words.letters(words.iter().copied());
        let (all_a, all_b) = (letters(a), letters(b));
        let found = |words: &[u32], other: &[u32]| {
            let known = |word: &u32| other.iter().any(|of_other| self.same(*word, *of_other));
            self.words.letters(words.iter().copied().filter(known))
        };
        let (found_a, found_b) = (found(a, b), found(b, a));
        if all_a == 0 || all_b == 0 {
            return EQUAL_LEVEL + 3 + self.bounds.len() as Level;
        }
        if (found_a == all_a && found_b == all_b) || (all_a == all_b && self.run_together(a) == self.run_together(b)) {
            return EQUAL_LEVEL + 1;
        }
        let part = |found: usize, all: usize| found == all && all >= TELLING;
        if part(found_a, all_a) || part(found_b, all_b) {
            return EQUAL_LEVEL + 2;
        }
        let share = (found_a + found_b) as f64 / (all_a + all_b) as f64;
        let reached = self.bounds.iter().position(|bound| share >= *bound);
        EQUAL_LEVEL + 3 + reached.unwrap_or(self.bounds.len()) as Level
    }
}

impl Comparison for Words {
    fn name(&self) -> &str {
        &self.name
    }

    fn levels(&self) -> &[String] {
        &self.levels
    }

    fn prepare(&self, records: &RecordBatch) -> Result<Box<dyn PreparedComparison>> {
        let values = CodedText::new(&folded_text(records, &self.column)?);
        let words = |value: &str| -> Vec<String> {
            // What stands between the letters of an abbreviation does not part it: `piero's`, `l.l.c.`.
            let value = value.replace(['\'', '.'], "");
            value.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).map(str::to_owned).collect()
        };
        let words = WordLists::new(values.values(), words);
        Ok(Box::new(Related::new(&values, Texts { words, bounds: self.bounds.clone() })))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    #[test]
    fn firms_are_recognised_by_their_words() {
        let level = |a: &str, b: &str| {
            let apart = |text: &str| text.split(' ').map(str::to_owned).collect();
            let words = WordLists::new([a, b].into_iter(), apart);
            Texts { words, bounds: Words::BOUNDS.to_vec() }.level(0, 1) - EQUAL_LEVEL
        };
        assert_eq!(level("green pharma", "pharma green"), 1);
        assert_eq!(level("green pharma", "green pharmaceuticals"), 1);
        assert_eq!(level("green pharma", "green pharma trading"), 2);
        assert_eq!(level("green pharma berlin", "green pharma hamburg"), 4);
        assert_eq!(level("green pharma", "blue electric"), 6);
    }
}
