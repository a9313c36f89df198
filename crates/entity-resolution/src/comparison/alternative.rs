//! Agreement in another column as a level of its own, just below equal: two nicknames of one name.

use arrow::array::RecordBatch;
use onefold_contract::Result;
use onefold_contract::comparison::{Comparison, Level, NULL_LEVEL, PreparedComparison};

use super::EQUAL_LEVEL;
use crate::records::{ABSENT, CodedText, printed};

/// Any comparison with one more level: the values differ, but those of the alternative column are equal.
pub struct WithAlternative {
    plain: Box<dyn Comparison>,
    column: String,
    levels: Vec<String>,
}

impl WithAlternative {
    /// Adds the level of an alternative column.
    pub fn new(plain: Box<dyn Comparison>, column: &str) -> Self {
        let mut levels = plain.levels().to_vec();
        levels.insert(usize::from(EQUAL_LEVEL) + 1, format!("same {column}"));
        Self { plain, column: column.to_owned(), levels }
    }
}

struct Prepared {
    plain: Box<dyn PreparedComparison>,
    codes: Vec<u32>,
}

impl PreparedComparison for Prepared {
    fn level(&self, left: u32, right: u32) -> Level {
        match self.plain.level(left, right) {
            level @ (NULL_LEVEL | EQUAL_LEVEL) => level,
            level => {
                let (left, right) = (self.codes[left as usize], self.codes[right as usize]);
                if left != ABSENT && left == right { EQUAL_LEVEL + 1 } else { level + 1 }
            }
        }
    }
}

impl Comparison for WithAlternative {
    fn name(&self) -> &str {
        self.plain.name()
    }

    fn levels(&self) -> &[String] {
        &self.levels
    }

    fn prepare(&self, records: &RecordBatch) -> Result<Box<dyn PreparedComparison>> {
        let codes = CodedText::new(&printed(records, &self.column)?).codes().to_vec();
        Ok(Box::new(Prepared { plain: self.plain.prepare(records)?, codes }))
    }
}
