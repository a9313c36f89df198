//! Columns cleaned value by value.
//!
//! Every standardizer of this crate is a function of one value (and of the column's settings and decision), so the
//! stage hands it each distinct value once and spreads the results over the rows: [`Distinct`]. The rejected
//! alternative, a cache inside each standardizer, is the same map many times over.

use std::collections::HashMap;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, StringArray, UInt32Array};
use arrow::compute::take;
use onefold_contract::Result;
use onefold_contract::standardizer::{Defect, Standardized};

use crate::casing::{Case, case_of};

/// Why a value cannot be cleaned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Flaw {
    /// The rule's code, in `kebab-case`.
    pub(crate) rule: &'static str,
    /// Why, and what would be right, in one sentence.
    pub(crate) reason: String,
}

impl Flaw {
    /// A flaw by its rule and reason.
    pub(crate) fn new(rule: &'static str, reason: impl Into<String>) -> Self {
        Self { rule, reason: reason.into() }
    }
}

/// What became of one value: a clean value, none (the text says that there is none), or a flaw.
pub(crate) type Cleaned<T> = Result<Option<T>, Flaw>;

/// The clean values of a column, absent where there was none or where a flaw was found, and the defects.
pub(crate) fn clean_each<T>(
    column: &StringArray,
    mut clean: impl FnMut(&str) -> Cleaned<T>,
) -> (Vec<Option<T>>, Vec<Defect>) {
    let mut values = Vec::with_capacity(column.len());
    let mut defects = Vec::new();
    for (row, text) in column.iter().enumerate() {
        values.push(match text.map_or(Ok(None), &mut clean) {
            Ok(value) => value,
            Err(Flaw { rule, reason }) => {
                defects.push(Defect { row, rule, reason });
                None
            }
        });
    }
    (values, defects)
}

/// A column of clean texts without derived columns.
pub(crate) fn clean_texts(column: &StringArray, clean: impl FnMut(&str) -> Cleaned<String>) -> Standardized {
    let (values, defects) = clean_each(column, clean);
    Standardized { clean: text_array(values.iter().map(Option::as_deref)), derived: Vec::new(), defects }
}

/// Rounds after which cleaning a clean value must stand still.
const ROUNDS: usize = 4;

/// A column of clean texts, each cleaned until cleaning changes nothing. For kinds whose letter case depends on the
/// whole value: shortening "north" to "N" may leave a value all in capitals that was not. A value in mixed case stands.
pub(crate) fn clean_texts_settled(column: &StringArray, clean: impl Fn(&str) -> Cleaned<String>) -> Standardized {
    clean_texts(column, |text| {
        let mut value = clean(text)?;
        for _ in 1..ROUNDS {
            let Some(once) = value.as_deref().filter(|once| case_of(once) != Case::Mixed) else { break };
            let again = clean(once)?;
            if again == value {
                break;
            }
            value = again;
        }
        Ok(value)
    })
}

/// A text array from optional texts.
pub(crate) fn text_array<'a>(values: impl Iterator<Item = Option<&'a str>>) -> ArrayRef {
    Arc::new(values.collect::<StringArray>())
}

/// A column as its distinct values, in the order in which they first appear, and the place of each row's value.
pub(crate) struct Distinct {
    /// The distinct values, none absent.
    pub(crate) values: StringArray,
    /// For each row the place of its value; absent where the row has none.
    pub(crate) places: UInt32Array,
}

impl Distinct {
    /// The distinct values of the rows for which `counts` holds; other rows count as absent.
    pub(crate) fn of(column: &StringArray, counts: impl Fn(usize) -> bool) -> Self {
        let mut place_of: HashMap<&str, u32> = HashMap::new();
        let mut values: Vec<&str> = Vec::new();
        let mut places = Vec::with_capacity(column.len());
        for row in 0..column.len() {
            if column.is_null(row) || !counts(row) {
                places.push(None);
                continue;
            }
            let text = column.value(row);
            places.push(Some(*place_of.entry(text).or_insert_with(|| {
                values.push(text);
                (values.len() - 1) as u32
            })));
        }
        Self { values: StringArray::from_iter_values(values), places: UInt32Array::from(places) }
    }

    /// Spreads results for the distinct values over the rows.
    ///
    /// # Errors
    /// A bug, where a result is not as long as there are distinct values.
    pub(crate) fn spread(&self, results: &Standardized) -> Result<Standardized> {
        let over_rows = |values: &ArrayRef| take(values, &self.places, None);
        let mut defect_of: Vec<Option<&Defect>> = vec![None; self.values.len()];
        for defect in &results.defects {
            defect_of[defect.row] = Some(defect);
        }
        let defects = self.places.iter().enumerate().filter_map(|(row, place)| {
            let defect = defect_of[place? as usize]?;
            Some(Defect { row, rule: defect.rule, reason: defect.reason.clone() })
        });
        Ok(Standardized {
            clean: over_rows(&results.clean)?,
            derived: results.derived.iter().map(over_rows).collect::<Result<_, _>>()?,
            defects: defects.collect(),
        })
    }

    /// How many rows have each distinct value.
    pub(crate) fn counts(&self) -> Vec<u64> {
        let mut counts = vec![0; self.values.len()];
        for place in self.places.iter().flatten() {
            counts[place as usize] += 1;
        }
        counts
    }
}
