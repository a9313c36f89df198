//! Equal or not.

use arrow::array::RecordBatch;
use onefold_contract::Result;
use onefold_contract::comparison::{Comparison, Level, NULL_LEVEL, PreparedComparison};

use super::similarity::level_names;
use super::{EQUAL_LEVEL, name_of};
use crate::records::{ABSENT, CodedText, printed};
use crate::spec::ComparisonSpec;

/// Compares values of any simple type for equality.
#[derive(Debug, Clone)]
pub struct Exact {
    name: String,
    column: String,
    levels: Vec<String>,
}

impl Exact {
    /// The comparison of a model file.
    pub fn new(spec: &ComparisonSpec) -> Self {
        Self { name: name_of(spec).to_owned(), column: spec.column.clone(), levels: level_names("", &[]) }
    }
}

struct Prepared(Vec<u32>);

impl PreparedComparison for Prepared {
    fn level(&self, left: u32, right: u32) -> Level {
        match (self.0[left as usize], self.0[right as usize]) {
            (ABSENT, _) | (_, ABSENT) => NULL_LEVEL,
            (left, right) if left == right => EQUAL_LEVEL,
            _ => EQUAL_LEVEL + 1,
        }
    }
}

impl Comparison for Exact {
    fn name(&self) -> &str {
        &self.name
    }

    fn levels(&self) -> &[String] {
        &self.levels
    }

    fn prepare(&self, records: &RecordBatch) -> Result<Box<dyn PreparedComparison>> {
        let values = CodedText::new(&printed(records, &self.column)?);
        Ok(Box::new(Prepared(values.codes().to_vec())))
    }
}
