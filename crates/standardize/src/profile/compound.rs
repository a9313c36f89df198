//! Columns that say again what others say: a full name beside its parts, one line of address beside street and city.
//!
//! To a matcher such columns are one piece of evidence, not several; and of a person's table they are what is most
//! easily overlooked.

use std::collections::BTreeSet;

use arrow::array::{Array, StringArray};
use onefold_contract::AttributeKind;
use onefold_contract::profile::{ColumnProfile, Compound};

use crate::text::key;

/// Rows that are looked at.
const ROWS: usize = 2_000;
/// In at least this share of the rows a column must say what its parts say.
const MOST: f64 = 0.75;
/// Fewer rows than this with both values tell nothing.
const FEW_ROWS: usize = 5;

/// The compounds among columns; `sample` holds the same rows of all of them.
pub(super) fn compounds(columns: &[ColumnProfile], sample: &[StringArray]) -> Vec<Compound> {
    let words: Vec<Vec<BTreeSet<String>>> = sample.iter().map(words_of_rows).collect();
    let mut found: Vec<Compound> = Vec::new();
    for (place, whole) in columns.iter().enumerate().filter(|(_, column)| is_text(column)) {
        let mut parts = Vec::new();
        let mut least: f64 = 1.0;
        for (other, part) in columns.iter().enumerate() {
            if other == place || !is_text(part) || part.agreement > 0.2 {
                continue;
            }
            let share = within(&words[other], &words[place]);
            let back = within(&words[place], &words[other]);
            // Of two columns that say the same, the earlier is the compound of the later.
            if share >= MOST && (back < MOST || place < other) {
                parts.push(part.name.clone());
                least = least.min(share);
            }
        }
        if !parts.is_empty() {
            found.push(Compound { column: whole.name.clone(), parts, share: (least * 1e4).round() / 1e4 });
        }
    }
    found
}

/// Whether a column holds words that others may say again.
fn is_text(column: &ColumnProfile) -> bool {
    use AttributeKind::{BirthDate, Date, Decimal, Flag, Gender, Integer, Money, Timestamp};
    !matches!(column.guess.kind, BirthDate | Date | Timestamp | Decimal | Integer | Money | Flag | Gender)
}

fn words_of_rows(column: &StringArray) -> Vec<BTreeSet<String>> {
    let words = |text: Option<&str>| {
        let split = text.unwrap_or_default().split(|c: char| c.is_whitespace() || ",;/".contains(c));
        split.filter(|word| word.chars().any(char::is_alphanumeric)).map(key).collect()
    };
    (0..column.len().min(ROWS)).map(|row| words(column.is_valid(row).then(|| column.value(row)))).collect()
}

/// The share of rows, of those with both, in which every word of one value is in the other.
fn within(part: &[BTreeSet<String>], whole: &[BTreeSet<String>]) -> f64 {
    let both: Vec<_> = part.iter().zip(whole).filter(|(p, w)| !p.is_empty() && !w.is_empty()).collect();
    if both.len() < FEW_ROWS {
        return 0.0;
    }
    both.iter().filter(|(p, w)| p.is_subset(w)).count() as f64 / both.len() as f64
}
