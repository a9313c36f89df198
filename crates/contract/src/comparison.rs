//! How candidate pairs are made and how two records are compared.
//!
//! Both traits work in two steps: [`BlockingRule::keys`] and [`Comparison::prepare`] look at all records once, column
//! by column; what they return is asked pair by pair, in the hot loop, and knows rows only by number.

use arrow::array::RecordBatch;

use crate::Result;

/// Block keys of all records: record `i` has the keys `keys[offsets[i]..offsets[i + 1]]`, unique and sorted; none where
/// a part of the key is absent, because a missing value blocks with nobody.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct BlockKeys {
    /// Where each record's keys begin; one longer than there are records.
    pub offsets: Vec<u32>,
    /// The keys, hashed.
    pub keys: Vec<u64>,
}

impl BlockKeys {
    /// The keys of one record.
    pub fn of(&self, record: u32) -> &[u64] {
        let record = record as usize;
        &self.keys[self.offsets[record] as usize..self.offsets[record + 1] as usize]
    }
}

/// A rule that says which records are worth comparing: those that share one of its keys.
pub trait BlockingRule: Send + Sync {
    /// The rule's name in reports.
    fn name(&self) -> &str;

    /// The keys of every record. `records` is a table of standardized attributes.
    ///
    /// # Errors
    /// A column the rule names is not in the table or is of another type.
    fn keys(&self, records: &RecordBatch) -> Result<BlockKeys>;
}

/// The level on which two values are compared. Level 0 is the null level: one value or both are missing, which is
/// no disagreement. The last level is "all else"; between them, stronger agreement comes first.
pub type Level = u8;

/// The null level.
pub const NULL_LEVEL: Level = 0;

/// Compares one aspect of two records.
pub trait Comparison: Send + Sync {
    /// The comparison's name in models and explanations.
    fn name(&self) -> &str;

    /// The names of the levels, the null level first.
    fn levels(&self) -> &[String];

    /// Takes from the records what comparing needs.
    ///
    /// # Errors
    /// A column the comparison names is not in the table or is of another type.
    fn prepare(&self, records: &RecordBatch) -> Result<Box<dyn PreparedComparison>>;
}

/// A comparison with the records' values at hand.
pub trait PreparedComparison: Send + Sync {
    /// The level of a pair of rows; the same whichever comes first.
    fn level(&self, left: u32, right: u32) -> Level;
}
