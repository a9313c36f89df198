//! Codes: postcodes, identifiers, keys. One wrong character, or the same beginning.

use arrow::array::RecordBatch;
use onefold_contract::Result;
use onefold_contract::comparison::{Comparison, Level, PreparedComparison};

use super::relation::{Related, Relation};
use super::similarity::{ALL_ELSE, EQUAL, MISSING};
use super::{EQUAL_LEVEL, name_of};
use crate::records::{CodedText, folded_text};
use crate::sketch::one_error;
use crate::spec::ComparisonSpec;

/// The first characters that make the beginning of a code without a blank.
const BEGINNING: usize = 3;

/// Compares codes character by character.
#[derive(Debug, Clone)]
pub struct Codes {
    name: String,
    column: String,
    levels: Vec<String>,
}

impl Codes {
    /// The comparison of a model file.
    pub fn new(spec: &ComparisonSpec) -> Self {
        let levels = [MISSING, EQUAL, "one character wrong", "same beginning", ALL_ELSE];
        Self { name: name_of(spec).to_owned(), column: spec.column.clone(), levels: levels.map(String::from).to_vec() }
    }
}

struct Written(CodedText);

/// What stands before a blank (the district of a British postcode), else the first characters.
fn beginning(code: &str) -> &str {
    match code.split_once(' ') {
        Some((first, _)) => first,
        None => code.char_indices().nth(BEGINNING).map_or(code, |(end, _)| &code[..end]),
    }
}

impl Relation for Written {
    fn level(&self, left: u32, right: u32) -> Level {
        let (a, b) = (self.0.value(left), self.0.value(right));
        if one_error(a, b) {
            EQUAL_LEVEL + 1
        } else if beginning(a) == beginning(b) {
            EQUAL_LEVEL + 2
        } else {
            EQUAL_LEVEL + 3
        }
    }
}

impl Comparison for Codes {
    fn name(&self) -> &str {
        &self.name
    }

    fn levels(&self) -> &[String] {
        &self.levels
    }

    fn prepare(&self, records: &RecordBatch) -> Result<Box<dyn PreparedComparison>> {
        let values = CodedText::new(&folded_text(records, &self.column)?);
        Ok(Box::new(Related::uncached(values.codes().to_vec(), Written(values))))
    }
}
