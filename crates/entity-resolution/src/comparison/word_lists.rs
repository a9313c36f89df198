//! The words of every distinct value of a column, as numbers into one list of words.
//!
//! Values of several words repeat them: a column of a million streets has a few thousand. So words stand once, with what
//! can be said of each at a glance, and a value is a few numbers in a row; the rejected alternative, texts of their own
//! for every value, is a dozen visits to memory for each pair.

use arrow::array::StringArray;

use crate::records::CodedText;
use crate::sketch::Sketch;

/// The words of values: value `i` has `words[offsets[i]..offsets[i + 1]]`, in their order.
pub(super) struct WordLists {
    offsets: Vec<u32>,
    words: Vec<u32>,
    known: CodedText,
}

impl WordLists {
    /// Takes values apart.
    pub(super) fn new<'a>(values: impl Iterator<Item = &'a str>, apart: impl Fn(&'a str) -> Vec<String>) -> Self {
        let (mut all, mut offsets) = (Vec::new(), vec![0]);
        for value in values {
            all.extend(apart(value));
            offsets.push(all.len() as u32);
        }
        let known = CodedText::new(&all.iter().map(|word| Some(word.as_str())).collect::<StringArray>());
        Self { offsets, words: known.codes().to_vec(), known }
    }

    /// The words of a value.
    pub(super) fn of(&self, value: u32) -> &[u32] {
        let value = value as usize;
        &self.words[self.offsets[value] as usize..self.offsets[value + 1] as usize]
    }

    /// A word's letters.
    pub(super) fn text(&self, word: u32) -> &str {
        self.known.value(word)
    }

    /// What can be said of a word at a glance.
    pub(super) fn sketch(&self, word: u32) -> &Sketch {
        self.known.sketch(word)
    }

    /// How many bytes words have together.
    pub(super) fn letters(&self, words: impl Iterator<Item = u32>) -> usize {
        words.map(|word| self.text(word).len()).sum()
    }
}
