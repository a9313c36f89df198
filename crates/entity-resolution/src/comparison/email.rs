//! E-mail addresses: equal, same user part, similar user part, all else.

use arrow::array::{RecordBatch, StringArray};
use onefold_contract::Result;
use onefold_contract::comparison::{Comparison, Level, NULL_LEVEL, PreparedComparison};

use super::jaro_winkler::jaro_winkler;
use super::similarity::{ALL_ELSE, EQUAL, MISSING, bounds, coded_text, level_of};
use super::{EQUAL_LEVEL, name_of};
use crate::records::{ABSENT, CodedText};
use crate::spec::ComparisonSpec;

/// Compares addresses: the part before the `@` goes with a person from one provider to the next.
#[derive(Debug, Clone)]
pub struct Email {
    name: String,
    column: String,
    bounds: Vec<f64>,
    levels: Vec<String>,
}

impl Email {
    /// The lower bound of similarity of user parts where a model writes none.
    pub const BOUNDS: [f64; 1] = [0.9];

    /// The comparison of a model file.
    pub fn new(spec: &ComparisonSpec) -> Self {
        let bounds = bounds(&spec.thresholds, &Self::BOUNDS);
        let similar = bounds.iter().map(|bound| format!("user part: Jaro-Winkler >= {bound}"));
        let first = [MISSING, EQUAL, "same user part"].map(String::from);
        let levels = first.into_iter().chain(similar).chain([ALL_ELSE.to_owned()]).collect();
        Self { name: name_of(spec).to_owned(), column: spec.column.clone(), bounds, levels }
    }
}

struct Prepared {
    addresses: Vec<u32>,
    users: CodedText,
    bounds: Vec<f64>,
}

const SAME_USER: Level = EQUAL_LEVEL + 1;

impl PreparedComparison for Prepared {
    fn level(&self, left: u32, right: u32) -> Level {
        let (a, b) = (self.addresses[left as usize], self.addresses[right as usize]);
        if a == ABSENT || b == ABSENT {
            return NULL_LEVEL;
        }
        if a == b {
            return EQUAL_LEVEL;
        }
        let (a, b) = (self.users.code(left), self.users.code(right));
        if a == ABSENT || b == ABSENT {
            return level_of(None, &self.bounds, SAME_USER);
        }
        if a == b {
            return SAME_USER;
        }
        let lowest = self.bounds.last().copied().unwrap_or(1.0);
        level_of(jaro_winkler(&self.users, lowest, a.min(b), a.max(b)), &self.bounds, SAME_USER)
    }
}

impl Comparison for Email {
    fn name(&self) -> &str {
        &self.name
    }

    fn levels(&self) -> &[String] {
        &self.levels
    }

    fn prepare(&self, records: &RecordBatch) -> Result<Box<dyn PreparedComparison>> {
        let addresses = coded_text(records, &self.column)?;
        let user = |code: u32| addresses.value(code).rsplit_once('@').map(|(user, _)| user);
        let users: StringArray =
            addresses.codes().iter().map(|code| if *code == ABSENT { None } else { user(*code) }).collect();
        let users = CodedText::new(&users);
        Ok(Box::new(Prepared { addresses: addresses.codes().to_vec(), users, bounds: self.bounds.clone() }))
    }
}
