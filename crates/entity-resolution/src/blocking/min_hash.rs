//! Keys made of the whole look of a record: `MinHash` signatures over short character sequences.
//!
//! A. Broder, "On the resemblance and containment of documents" (1997), with banding (P. Indyk, R. Motwani, 1998). Where
//! [`super::ColumnKeys`] needs one place without an error, a signature needs none: a typing error changes a few
//! sequences, and some band is left without one of them.

use arrow::array::RecordBatch;
use onefold_contract::Result;
use onefold_contract::comparison::{BlockKeys, BlockingRule};
use rayon::prelude::*;

use crate::hash;
use crate::records::{ABSENT, CodedText, text};
use crate::spec::{BlockingRuleSpec, SignatureSpec};

/// Records whose values are similar as a whole are candidates, each value of one record with each of the other: swapped
/// names meet too. A record that lacks a value has no key.
#[derive(Debug, Clone)]
pub struct MinHash {
    name: String,
    columns: Vec<String>,
    signature: SignatureSpec,
}

impl MinHash {
    /// The rule of a model file.
    pub fn new(spec: &BlockingRuleSpec) -> Self {
        let columns = spec.keys.iter().map(|key| key.column.clone()).collect();
        Self { name: spec.name.clone(), columns, signature: spec.signature.clone() }
    }

    /// The keys of a record out of its sequences.
    fn signature(&self, grams: &[u64]) -> Vec<u64> {
        let smallest = |place: u64| grams.iter().map(|gram| hash::join(place, *gram)).min().unwrap_or(0);
        let band = |band: u64| {
            let rows = u64::from(self.signature.rows);
            (0..rows).fold(band, |key, row| hash::join(key, smallest(band * rows + row)))
        };
        let mut keys: Vec<u64> = (0..u64::from(self.signature.bands)).map(band).collect();
        keys.sort_unstable();
        keys.dedup();
        keys
    }
}

/// The character sequences of a value, with its beginning and end marked.
fn grams(value: &str, length: usize) -> Vec<u64> {
    let marked: Vec<char> = format!("^{}$", value.to_lowercase()).chars().collect();
    let of_window = |window: &[char]| hash::of_bytes(window.iter().flat_map(|c| (*c as u32).to_le_bytes()));
    if marked.len() <= length {
        return vec![of_window(&marked)];
    }
    marked.windows(length).map(of_window).collect()
}

impl BlockingRule for MinHash {
    fn name(&self) -> &str {
        &self.name
    }

    fn keys(&self, records: &RecordBatch) -> Result<BlockKeys> {
        let length = self.signature.gram.max(1) as usize;
        let mut columns = Vec::with_capacity(self.columns.len());
        for name in &self.columns {
            let values = CodedText::new(&text(records, name)?);
            let of_values: Vec<Vec<u64>> = values.values().map(|value| grams(value, length)).collect();
            columns.push((values, of_values));
        }
        let of_record = |row: u32| {
            let mut all: Vec<u64> = Vec::new();
            for (values, of_values) in &columns {
                match values.code(row) {
                    ABSENT => return Vec::new(),
                    code => all.extend_from_slice(&of_values[code as usize]),
                }
            }
            if all.is_empty() { all } else { self.signature(&all) }
        };
        let signatures: Vec<Vec<u64>> = (0..records.num_rows() as u32).into_par_iter().map(of_record).collect();
        let mut keys = BlockKeys { offsets: vec![0], keys: Vec::new() };
        for signature in signatures {
            keys.keys.extend_from_slice(&signature);
            keys.offsets.push(keys.keys.len() as u32);
        }
        Ok(keys)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;
    use crate::spec::{BlockingKeySpec, BlockingMethod, KeyPart};
    use crate::testing::records;

    fn shared(left: &[&str; 2], right: &[&str; 2]) -> usize {
        let records = records(&[("given", &[left[0], right[0]]), ("family", &[left[1], right[1]])]);
        let key = |column: &str| BlockingKeySpec { column: column.into(), part: KeyPart::Whole, length: None };
        let rule = MinHash::new(&BlockingRuleSpec {
            name: "r".into(),
            method: BlockingMethod::MinHash,
            keys: vec![key("given"), key("family")],
            signature: SignatureSpec { gram: 2, bands: 24, rows: 3 },
            max_block: 10,
            refine: vec![],
            window: 10,
        });
        let keys = rule.keys(&records).unwrap();
        keys.of(0).iter().filter(|key| keys.of(1).contains(key)).count()
    }

    #[test]
    fn an_error_anywhere_leaves_a_shared_key() {
        assert_eq!(shared(&["Catherine", "Johnson"], &["Catherine", "Johnson"]), 24);
        assert!(shared(&["Catherine", "Johnson"], &["Xatherine", "Johnson"]) > 0);
        assert!(shared(&["Catherine", "Johnson"], &["Catherine", "Xohnson"]) > 0);
        assert_eq!(shared(&["Catherine", "Johnson"], &["Johnson", "Catherine"]), 24);
    }

    #[test]
    fn strangers_and_gaps_share_none() {
        assert_eq!(shared(&["Catherine", "Johnson"], &["Wu", "Fitzgibbon"]), 0);
        assert_eq!(shared(&["Catherine", ""], &["Catherine", ""]), 0);
    }
}
