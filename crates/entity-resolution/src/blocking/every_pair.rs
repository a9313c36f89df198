//! All records in one block: for tables so small that every pair can be compared.

use arrow::array::RecordBatch;
use onefold_contract::Result;
use onefold_contract::comparison::{BlockKeys, BlockingRule};

use crate::spec::BlockingRuleSpec;

/// Every pair is a candidate, as long as there are no more records than a block may hold.
#[derive(Debug, Clone)]
pub struct EveryPair {
    name: String,
    most: usize,
}

impl EveryPair {
    /// The rule of a model file.
    pub fn new(spec: &BlockingRuleSpec) -> Self {
        Self { name: spec.name.clone(), most: spec.max_block as usize }
    }
}

impl BlockingRule for EveryPair {
    fn name(&self) -> &str {
        &self.name
    }

    fn keys(&self, records: &RecordBatch) -> Result<BlockKeys> {
        let rows = records.num_rows();
        // A table that is too large has no block at all: to cut one block of everything to pieces would help nobody.
        let each = u32::from(rows <= self.most);
        Ok(BlockKeys {
            offsets: (0..=rows as u32).map(|row| row * each).collect(),
            keys: vec![0; rows * each as usize],
        })
    }
}
