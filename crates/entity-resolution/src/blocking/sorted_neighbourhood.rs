//! Records that stand near each other when all are sorted (M. Hernández, S. Stolfo, "The merge/purge problem", 1995).
//!
//! Sorting brings together what begins alike and errs later on. Blocks are two halves of a window each, and every half
//! stands in two blocks, so that records no further apart than half a window meet in one.

use arrow::array::{Array, RecordBatch, StringArray};
use onefold_contract::Result;
use onefold_contract::comparison::{BlockKeys, BlockingRule};
use rayon::prelude::*;

use crate::records::{address_hashes, folded};
use crate::spec::{BlockingKeySpec, BlockingRuleSpec};

/// Sorts records by the parts of the key, the first part first, and pairs those that stand near each other.
#[derive(Debug, Clone)]
pub struct SortedNeighbourhood {
    name: String,
    keys: Vec<BlockingKeySpec>,
    half: usize,
}

impl SortedNeighbourhood {
    /// The rule of a model file.
    pub fn new(spec: &BlockingRuleSpec) -> Self {
        Self { name: spec.name.clone(), keys: spec.keys.clone(), half: (spec.window as usize / 2).max(1) }
    }
}

/// The text that a row is sorted by; none where the first part is absent.
fn sort_key(parts: &[(StringArray, Option<u32>)], row: usize) -> Option<String> {
    let mut text = String::new();
    for (place, (values, length)) in parts.iter().enumerate() {
        let value = if values.is_valid(row) { values.value(row).trim() } else { "" };
        if place == 0 && value.is_empty() {
            return None;
        }
        text.extend(value.chars().take(length.map_or(usize::MAX, |length| length as usize)));
        text.push('\t');
    }
    Some(text)
}

impl BlockingRule for SortedNeighbourhood {
    fn name(&self) -> &str {
        &self.name
    }

    fn keys(&self, records: &RecordBatch) -> Result<BlockKeys> {
        let parts = self.keys.iter().map(|key| Ok((folded(records, &key.column)?, key.length)));
        let parts = parts.collect::<Result<Vec<_>>>()?;
        let names = address_hashes(records)?;
        let mut sorted: Vec<(String, u64, u32)> =
            (0..records.num_rows()).filter_map(|row| Some((sort_key(&parts, row)?, names[row], row as u32))).collect();
        sorted.par_sort_unstable();
        let mut halves = vec![None; records.num_rows()];
        for (rank, (_, _, row)) in sorted.iter().enumerate() {
            halves[*row as usize] = Some((rank / self.half) as u64);
        }
        let mut keys = BlockKeys { offsets: vec![0], keys: Vec::with_capacity(2 * sorted.len()) };
        for half in halves {
            keys.keys.extend(half.into_iter().flat_map(|half| [half, half + 1]));
            keys.offsets.push(keys.keys.len() as u32);
        }
        Ok(keys)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;
    use crate::testing::{model, records};

    #[test]
    fn neighbours_meet_and_those_far_apart_do_not() {
        let names: Vec<String> = (0..40).map(|number| format!("name {number:02}")).collect();
        let table = records(&[("name", &names)]);
        let spec = model(&serde_json::json!({
            "name": "m", "entity": "e", "comparisons": [],
            "blocking_rules": [
                {"name": "r", "method": "sorted_neighbourhood", "keys": [{"column": "name"}], "window": 6},
            ],
        }));
        let keys = SortedNeighbourhood::new(&spec.blocking_rules[0]).keys(&table).unwrap();
        let meet = |a: u32, b: u32| keys.of(a).iter().any(|key| keys.of(b).contains(key));
        for row in 0..37 {
            assert!(meet(row, row + 1) && meet(row, row + 3), "{row}");
        }
        assert!(!meet(0, 6) && !meet(10, 30));
    }
}
