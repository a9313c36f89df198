//! What of a value goes into a block key.
//!
//! What is dear is done once for each distinct value; to hash a value is cheaper than to find out whether it was met
//! before. Letter case does not count in keys: blocking may be generous, because
//! comparing decides.

use arrow::array::{Array, RecordBatch, StringArray};
use arrow::datatypes::DataType;
use onefold_contract::Result;
use rayon::prelude::*;
use rphonetic::DoubleMetaphone;

use crate::hash;
use crate::records::{ABSENT, CodedText, column, is_text, printed, wrong_type};
use crate::spec::{BlockingKeySpec, KeyPart};

/// The hashes that a column's values lend to a key: row by row, none where the value is absent.
pub(crate) struct PartKeys(Vec<[u64; 2]>);

/// No hash; a hash that happens to be this number is moved to its neighbour.
const NONE: u64 = 0;

impl PartKeys {
    /// Takes one part of a key from the records.
    pub(crate) fn new(records: &RecordBatch, spec: &BlockingKeySpec) -> Result<Self> {
        let found = column(records, &spec.column)?.data_type();
        if !accepts(spec.part, found) {
            return Err(wrong_type(&spec.column, found, needed(spec.part)));
        }
        let values = printed(records, &spec.column)?;
        if spec.part == KeyPart::Phonetic {
            return Ok(Self(phonetic(&values)));
        }
        let of_row = |row: usize| match values.is_valid(row).then(|| values.value(row)) {
            Some(value) if !value.trim().is_empty() => [hash_of(value, spec).max(NONE + 1), NONE],
            _ => [NONE, NONE],
        };
        Ok(Self((0..values.len()).into_par_iter().map(of_row).collect()))
    }

    /// The hashes of a row.
    pub(crate) fn of(&self, row: u32) -> &[u64] {
        let hashes = &self.0[row as usize];
        &hashes[..hashes.iter().take_while(|hash| **hash != NONE).count()]
    }
}

/// The phonetic hashes of every row; each distinct value is read once.
fn phonetic(values: &StringArray) -> Vec<[u64; 2]> {
    let values = CodedText::new(values);
    let encoder = DoubleMetaphone::default();
    let of_value: Vec<[u64; 2]> =
        values.values().map(|value| phonetic_hashes(&value.to_lowercase(), &encoder)).collect();
    values.codes().iter().map(|code| if *code == ABSENT { [NONE; 2] } else { of_value[*code as usize] }).collect()
}

/// Whether a part can be taken of values of a type.
pub(crate) fn accepts(part: KeyPart, data_type: &DataType) -> bool {
    match part {
        KeyPart::Whole => !data_type.is_nested(),
        KeyPart::Prefix | KeyPart::Phonetic => is_text(data_type),
        KeyPart::Year => matches!(data_type, DataType::Date32 | DataType::Timestamp(_, _)),
    }
}

/// What a part is taken of, in words.
pub(crate) fn needed(part: KeyPart) -> &'static str {
    match part {
        KeyPart::Whole => "a simple value",
        KeyPart::Prefix | KeyPart::Phonetic => "text",
        KeyPart::Year => "a date",
    }
}

fn hash_of(value: &str, spec: &BlockingKeySpec) -> u64 {
    let length = match spec.part {
        KeyPart::Prefix => spec.length.unwrap_or(u32::MAX) as usize,
        // A printed date begins with its year; years before 0 or after 9999 print a sign or more digits, up to the hyphen.
        KeyPart::Year => value.chars().skip(1).position(|c| c == '-').map_or(usize::MAX, |place| place + 1),
        KeyPart::Whole | KeyPart::Phonetic => usize::MAX,
    };
    if value.is_ascii() {
        return hash::of_bytes(value.bytes().take(length).map(|byte| byte.to_ascii_lowercase()));
    }
    let lower = value.to_lowercase();
    let end = lower.char_indices().nth(length).map_or(lower.len(), |(place, _)| place);
    hash::of_text(&lower[..end])
}

/// Both codes of Double Metaphone (L. Philips, 2000): a name may be read in two ways. It is read as written in Latin
/// letters without accents, which is all that the method knows. A value without any letter stands for itself.
fn phonetic_hashes(value: &str, encoder: &DoubleMetaphone) -> [u64; 2] {
    let codes = encoder.double_metaphone(&deunicode::deunicode(value));
    let hash = |code: &str| hash::of_text(code).max(NONE + 1);
    let (primary, alternate) = (codes.primary(), codes.alternate());
    match (primary.is_empty(), alternate.is_empty()) {
        (true, true) => [hash(value), NONE],
        (true, false) => [hash(&alternate), NONE],
        (false, false) if primary != alternate => [hash(&primary), hash(&alternate)],
        _ => [hash(&primary), NONE],
    }
}
