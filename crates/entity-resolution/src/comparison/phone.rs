//! Telephone numbers: a wrong digit, a missing area code.

use arrow::array::{RecordBatch, StringArray};
use onefold_contract::Result;
use onefold_contract::comparison::{Comparison, Level, PreparedComparison};

use super::relation::{Related, Relation};
use super::similarity::{ALL_ELSE, EQUAL, MISSING};
use super::{EQUAL_LEVEL, name_of};
use crate::records::{CodedText, text};
use crate::sketch::one_error;
use crate::spec::ComparisonSpec;

/// The fewest digits of a number; shorter ones are extensions or rubbish and tell nothing.
const FEWEST: usize = 6;
/// The last digits that are a number without its area code.
const LOCAL: usize = 7;

/// Compares telephone numbers by their digits.
#[derive(Debug, Clone)]
pub struct Phones {
    name: String,
    column: String,
    levels: Vec<String>,
}

impl Phones {
    /// The comparison of a model file.
    pub fn new(spec: &ComparisonSpec) -> Self {
        let levels = [MISSING, EQUAL, "one digit wrong", "same but for the area code", ALL_ELSE];
        Self { name: name_of(spec).to_owned(), column: spec.column.clone(), levels: levels.map(String::from).to_vec() }
    }
}

struct Numbers(CodedText);

/// The numbers of a column by their digits; what is too short for a number is absent.
pub(super) fn numbers(records: &RecordBatch, column: &str) -> Result<StringArray> {
    let digits = |value: &str| value.chars().filter(char::is_ascii_digit).collect::<String>();
    let number = |value: Option<&str>| value.map(digits).filter(|digits| digits.len() >= FEWEST);
    Ok(text(records, column)?.iter().map(number).collect())
}

impl Relation for Numbers {
    fn level(&self, left: u32, right: u32) -> Level {
        let (a, b) = (self.0.value(left), self.0.value(right));
        if one_error(a, b) {
            return EQUAL_LEVEL + 1;
        }
        let same_end = a.len() >= LOCAL && b.len() >= LOCAL && a[a.len() - LOCAL..] == b[b.len() - LOCAL..];
        if same_end { EQUAL_LEVEL + 2 } else { EQUAL_LEVEL + 3 }
    }
}

impl Comparison for Phones {
    fn name(&self) -> &str {
        &self.name
    }

    fn levels(&self) -> &[String] {
        &self.levels
    }

    fn prepare(&self, records: &RecordBatch) -> Result<Box<dyn PreparedComparison>> {
        let values = CodedText::new(&numbers(records, &self.column)?);
        Ok(Box::new(Related::uncached(values.codes().to_vec(), Numbers(values))))
    }
}
