//! What of a value goes into a block key.
//!
//! Work is done once for each distinct value. Letter case does not count in keys: blocking may be generous, because
//! comparing decides.

use arrow::array::RecordBatch;
use arrow::datatypes::DataType;
use onefold_contract::Result;
use rphonetic::DoubleMetaphone;

use crate::hash;
use crate::records::{ABSENT, CodedText, column, is_text, printed, wrong_type};
use crate::spec::{BlockingKeySpec, KeyPart};

/// The hashes that a column's values lend to a key: row by row, none where the value is absent.
pub(crate) struct PartKeys {
    values: CodedText,
    hashes: Vec<Vec<u64>>,
}

impl PartKeys {
    /// Takes one part of a key from the records.
    pub(crate) fn new(records: &RecordBatch, spec: &BlockingKeySpec) -> Result<Self> {
        let found = column(records, &spec.column)?.data_type();
        if !accepts(spec.part, found) {
            return Err(wrong_type(&spec.column, found, needed(spec.part)));
        }
        let values = CodedText::new(&printed(records, &spec.column)?);
        let encoder = DoubleMetaphone::default();
        let hashes = values.values().map(|value| hashes_of(value, spec, &encoder)).collect();
        Ok(Self { values, hashes })
    }

    /// The hashes of a row.
    pub(crate) fn of(&self, row: u32) -> &[u64] {
        match self.values.code(row) {
            ABSENT => &[],
            code => &self.hashes[code as usize],
        }
    }
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

fn hashes_of(value: &str, spec: &BlockingKeySpec, encoder: &DoubleMetaphone) -> Vec<u64> {
    let value = value.to_lowercase();
    match spec.part {
        KeyPart::Whole => vec![hash::of_text(&value)],
        KeyPart::Prefix => {
            let length = spec.length.unwrap_or(u32::MAX) as usize;
            let end = value.char_indices().nth(length).map_or(value.len(), |(place, _)| place);
            vec![hash::of_text(&value[..end])]
        }
        KeyPart::Phonetic => phonetic_hashes(&value, encoder),
        // A printed date begins with its year; years before 0 or after 9999 print a sign or more digits, up to the hyphen.
        KeyPart::Year => {
            let end = value.char_indices().skip(1).find(|(_, c)| *c == '-').map_or(value.len(), |(place, _)| place);
            vec![hash::of_text(&value[..end])]
        }
    }
}

/// Both codes of Double Metaphone (L. Philips, 2000): a name may be read in two ways. It is read as written in Latin
/// letters without accents, which is all that the method knows. A value without any letter stands for itself.
fn phonetic_hashes(value: &str, encoder: &DoubleMetaphone) -> Vec<u64> {
    let codes = encoder.double_metaphone(&deunicode::deunicode(value));
    let mut hashes: Vec<u64> =
        [codes.primary(), codes.alternate()].iter().filter(|code| !code.is_empty()).map(|c| hash::of_text(c)).collect();
    hashes.dedup();
    if hashes.is_empty() { vec![hash::of_text(value)] } else { hashes }
}
