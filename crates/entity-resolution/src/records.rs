//! Access to the columns of a table of records.
//!
//! Texts are coded once: each distinct value gets a number, in the order of values. Equality is then equality of
//! numbers, similarity is asked in a fixed order of its two values, and no result depends on the order of rows.

use std::cmp::Ordering;
use std::collections::HashMap;
use std::hash::{Hash, Hasher};

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch, StringArray, StringBuilder};
use arrow::compute::cast;
use arrow::datatypes::DataType;
use onefold_contract::Result;
use onefold_contract::change::{SOURCE, SOURCE_KEY};
use onefold_contract::identity::RecordRef;
use rayon::prelude::*;

use crate::error::ResolveError;
use crate::hash::{self, BuildPatternHasher};
use crate::sketch::Sketch;

/// The code of an absent value.
pub(crate) const ABSENT: u32 = u32::MAX;

/// A column by its name.
pub(crate) fn column<'a>(records: &'a RecordBatch, name: &str) -> Result<&'a ArrayRef> {
    records.column_by_name(name).ok_or_else(|| {
        let known = records.schema().fields().iter().map(|f| f.name().clone()).collect();
        ResolveError::MissingColumn { column: name.to_owned(), known }.into()
    })
}

/// A column as text, whatever its type.
pub(crate) fn printed(records: &RecordBatch, name: &str) -> Result<StringArray> {
    let values = column(records, name)?;
    Ok(cast(values, &DataType::Utf8)?.as_string::<i32>().clone())
}

/// A column of text.
pub(crate) fn text(records: &RecordBatch, name: &str) -> Result<StringArray> {
    let found = column(records, name)?.data_type();
    if !is_text(found) {
        return Err(wrong_type(name, found, "text"));
    }
    printed(records, name)
}

/// A column of text as comparisons by words and letters see it: lower case, without accents, blanks at the ends cut off.
pub(crate) fn folded_text(records: &RecordBatch, name: &str) -> Result<StringArray> {
    Ok(fold_all(&text(records, name)?))
}

/// A column of any type as text in lower case, without accents, blanks at the ends cut off.
pub(crate) fn folded(records: &RecordBatch, name: &str) -> Result<StringArray> {
    Ok(fold_all(&printed(records, name)?))
}

/// A number for every record that follows from its address and not from its row.
pub(crate) fn address_hashes(records: &RecordBatch) -> Result<Vec<u64>> {
    let (sources, keys) = (text(records, SOURCE)?, text(records, SOURCE_KEY)?);
    let of_row = |row: usize| hash::join(hash::of_text(sources.value(row)), hash::of_text(keys.value(row)));
    Ok((0..records.num_rows()).into_par_iter().map(of_row).collect())
}

fn fold_all(values: &StringArray) -> StringArray {
    let mut folded = StringBuilder::with_capacity(values.len(), values.value_data().len());
    let mut plain = String::new();
    for value in values {
        match value {
            None => folded.append_null(),
            Some(value) if value.is_ascii() => {
                plain.clear();
                plain.push_str(value.trim());
                plain.make_ascii_lowercase();
                folded.append_value(&plain);
            }
            Some(value) => folded.append_value(deunicode::deunicode(value).to_lowercase().trim()),
        }
    }
    folded.finish()
}

/// Whether a type is text.
pub(crate) fn is_text(data_type: &DataType) -> bool {
    matches!(data_type, DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View)
}

/// The failure of a column of the wrong type.
pub(crate) fn wrong_type(name: &str, found: &DataType, needed: &'static str) -> onefold_contract::Failure {
    ResolveError::WrongType { column: name.to_owned(), found: found.to_string(), needed }.into()
}

/// The address of every record, in the order of rows.
///
/// # Errors
/// The table lacks `_source` or `_source_key`.
pub fn record_refs(records: &RecordBatch) -> Result<Vec<RecordRef>> {
    let (sources, keys) = (text(records, SOURCE)?, text(records, SOURCE_KEY)?);
    let address = |row: usize| RecordRef { source: sources.value(row).into(), source_key: keys.value(row).into() };
    Ok((0..records.num_rows()).map(address).collect())
}

/// A text column, coded.
#[derive(Debug, Clone)]
pub(crate) struct CodedText {
    codes: Vec<u32>,
    offsets: Vec<u32>,
    texts: String,
    sketches: Vec<Sketch>,
}

/// A value with its hash at hand: the table of values grows without reading any of them again.
struct Hashed<'a>(u64, &'a str);

impl PartialEq for Hashed<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0 && self.1 == other.1
    }
}

impl Eq for Hashed<'_> {}

impl Hash for Hashed<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(self.0);
    }
}

/// The first eight bytes, as a number that orders as they do.
fn beginning(value: &str) -> u64 {
    let mut first = [0; 8];
    let length = value.len().min(8);
    first[..length].copy_from_slice(&value.as_bytes()[..length]);
    u64::from_be_bytes(first)
}

fn is_blank(value: &str) -> bool {
    !value.as_bytes().first().is_some_and(u8::is_ascii_graphic) && value.trim().is_empty()
}

impl CodedText {
    /// Codes a column; blank values are absent.
    pub(crate) fn new(column: &StringArray) -> Self {
        let mut places: HashMap<Hashed<'_>, u32, BuildPatternHasher> = HashMap::default();
        let mut distinct: Vec<&str> = Vec::new();
        let mut codes: Vec<u32> = Vec::with_capacity(column.len());
        for value in column {
            codes.push(match value.filter(|v| !is_blank(v)) {
                None => ABSENT,
                Some(value) => *places.entry(Hashed(hash::quick(value.as_bytes()), value)).or_insert_with(|| {
                    distinct.push(value);
                    distinct.len() as u32 - 1
                }),
            });
        }
        drop(places);
        let mut order: Vec<(u64, u32)> =
            distinct.iter().enumerate().map(|(place, value)| (beginning(value), place as u32)).collect();
        order.par_sort_unstable_by(|a, b| {
            a.0.cmp(&b.0).then_with(|| distinct[a.1 as usize].cmp(distinct[b.1 as usize]))
        });
        let mut rank = vec![0; order.len()];
        for (code, (_, place)) in order.iter().enumerate() {
            rank[*place as usize] = code as u32;
        }
        for code in codes.iter_mut().filter(|c| **c != ABSENT) {
            *code = rank[*code as usize];
        }
        Self::with_values(codes, order.iter().map(|(_, place)| distinct[*place as usize]))
    }

    fn with_values<'a>(codes: Vec<u32>, values: impl Iterator<Item = &'a str>) -> Self {
        let (mut texts, mut offsets, mut sketches) = (String::new(), vec![0], Vec::new());
        for value in values {
            texts.push_str(value);
            offsets.push(texts.len() as u32);
            sketches.push(Sketch::of(value));
        }
        Self { codes, offsets, texts, sketches }
    }

    /// The code of a row's value, or [`ABSENT`].
    pub(crate) fn code(&self, row: u32) -> u32 {
        self.codes[row as usize]
    }

    /// The codes of all rows.
    pub(crate) fn codes(&self) -> &[u32] {
        &self.codes
    }

    /// The number of distinct values.
    pub(crate) fn distinct(&self) -> usize {
        self.sketches.len()
    }

    /// The value of a code.
    pub(crate) fn value(&self, code: u32) -> &str {
        let code = code as usize;
        &self.texts[self.offsets[code] as usize..self.offsets[code + 1] as usize]
    }

    /// The distinct values, in order.
    pub(crate) fn values(&self) -> impl Iterator<Item = &str> {
        (0..self.distinct() as u32).map(|code| self.value(code))
    }

    /// Whether two values can be compared byte by byte.
    pub(crate) fn both_ascii(&self, left: u32, right: u32) -> bool {
        self.sketches[left as usize].is_ascii() && self.sketches[right as usize].is_ascii()
    }

    /// What can be said of a value at a glance.
    pub(crate) fn sketch(&self, code: u32) -> &Sketch {
        &self.sketches[code as usize]
    }

    /// The code of a value.
    pub(crate) fn find(&self, value: &str) -> Option<u32> {
        let (mut low, mut high) = (0, self.distinct() as u32);
        while low < high {
            let middle = low.midpoint(high);
            match self.value(middle).cmp(value) {
                Ordering::Equal => return Some(middle),
                Ordering::Less => low = middle + 1,
                Ordering::Greater => high = middle,
            }
        }
        None
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    #[test]
    fn codes_follow_the_order_of_values() {
        let coded =
            CodedText::new(&StringArray::from(vec![Some("b"), None, Some("a"), Some(" "), Some("b"), Some("é")]));
        assert_eq!(coded.codes(), [1, ABSENT, 0, ABSENT, 1, 2]);
        assert_eq!(coded.values().collect::<Vec<_>>(), ["a", "b", "é"]);
        assert!(coded.both_ascii(0, 1) && !coded.both_ascii(0, 2));
        assert_eq!(["a", "b", "é", "", "c"].map(|value| coded.find(value)), [Some(0), Some(1), Some(2), None, None]);
    }
}
