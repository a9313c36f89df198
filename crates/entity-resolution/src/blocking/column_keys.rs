//! Keys made of columns: whole values, prefixes, phonetic codes, years.

use arrow::array::RecordBatch;
use onefold_contract::Result;
use onefold_contract::comparison::{BlockKeys, BlockingRule};

use super::parts::PartKeys;
use crate::hash;
use crate::spec::{BlockingKeySpec, BlockingRuleSpec};

/// Records that agree on every part of the key are candidates. A record has as many keys as its parts have readings.
#[derive(Debug, Clone)]
pub struct ColumnKeys {
    name: String,
    keys: Vec<BlockingKeySpec>,
}

impl ColumnKeys {
    /// The rule of a model file.
    pub fn new(spec: &BlockingRuleSpec) -> Self {
        Self { name: spec.name.clone(), keys: spec.keys.clone() }
    }
}

impl BlockingRule for ColumnKeys {
    fn name(&self) -> &str {
        &self.name
    }

    fn keys(&self, records: &RecordBatch) -> Result<BlockKeys> {
        let parts = self.keys.iter().map(|key| PartKeys::new(records, key)).collect::<Result<Vec<_>>>()?;
        let mut keys = BlockKeys { offsets: vec![0], keys: Vec::with_capacity(records.num_rows()) };
        let mut of_record: Vec<u64> = Vec::new();
        for row in 0..records.num_rows() as u32 {
            of_record.clear();
            of_record.extend(if parts.is_empty() { None } else { Some(0) });
            for part in &parts {
                match part.of(row) {
                    // One reading, nearly always: nothing to multiply.
                    [reading] => of_record.iter_mut().for_each(|key| *key = hash::join(*key, *reading)),
                    readings => {
                        let joined = |key: &u64| readings.iter().map(|r| hash::join(*key, *r)).collect::<Vec<_>>();
                        of_record = of_record.iter().flat_map(joined).collect();
                    }
                }
            }
            of_record.sort_unstable();
            of_record.dedup();
            keys.keys.extend_from_slice(&of_record);
            keys.offsets.push(keys.keys.len() as u32);
        }
        Ok(keys)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;
    use crate::spec::{BlockingMethod, KeyPart, SignatureSpec};
    use crate::testing::records;
    use proptest::prelude::*;

    fn rule(keys: &[(&str, KeyPart, Option<u32>)]) -> ColumnKeys {
        let key = |(column, part, length): &(&str, KeyPart, Option<u32>)| BlockingKeySpec {
            column: (*column).into(),
            part: *part,
            length: *length,
        };
        ColumnKeys::new(&BlockingRuleSpec {
            name: "r".into(),
            method: BlockingMethod::Keys,
            keys: keys.iter().map(key).collect(),
            signature: SignatureSpec::default(),
            max_block: 10,
            refine: vec![],
            window: 10,
        })
    }

    #[test]
    fn a_missing_part_gives_no_key() {
        let records = records(&[("name", &["Ann", "", "Ann"]), ("city", &["Ulm", "Ulm", ""])]);
        let keys = rule(&[("name", KeyPart::Whole, None), ("city", KeyPart::Whole, None)]).keys(&records).unwrap();
        assert_eq!([0, 1, 2].map(|r| keys.of(r).len()), [1, 0, 0]);
    }

    #[test]
    fn prefixes_and_case_meet() {
        let records = records(&[("name", &["Meyer", "MEYERS", "Mayer", "Me"])]);
        let keys = rule(&[("name", KeyPart::Prefix, Some(3))]).keys(&records).unwrap();
        assert_eq!(keys.of(0), keys.of(1));
        assert_ne!(keys.of(0), keys.of(2));
        assert_ne!(keys.of(0), keys.of(3));
    }

    #[test]
    fn sounds_meet_whatever_they_are_written_with() {
        let records = records(&[(
            "name",
            &["Smith", "Smyth", "王", "李", "Schmidt", "Jiménez", "Jimenez", "Иванов", "Ivanov", "42"],
        )]);
        let keys = rule(&[("name", KeyPart::Phonetic, None)]).keys(&records).unwrap();
        assert_eq!(keys.of(0), keys.of(1));
        assert_ne!(keys.of(2), keys.of(3));
        assert_eq!(keys.of(5), keys.of(6));
        assert_eq!(keys.of(7), keys.of(8));
        assert_eq!(keys.of(9).len(), 1);
        assert!(keys.of(0).iter().any(|k| keys.of(4).contains(k)), "Schmidt is also read as Smith");
    }

    proptest! {
        #[test]
        fn any_text_has_keys(name in "\\PC{0,12}") {
            for part in [KeyPart::Whole, KeyPart::Prefix, KeyPart::Phonetic] {
                let keys = rule(&[("name", part, Some(3))]).keys(&records(&[("name", &[name.as_str()])])).unwrap();
                prop_assert_eq!(keys.of(0).is_empty(), name.trim().is_empty());
            }
        }
    }

    #[test]
    fn years_of_dates_meet() {
        let records = records(&[("born:date", &["1980-01-02", "1980-11-30", "1981-01-02"])]);
        let keys = rule(&[("born", KeyPart::Year, None)]).keys(&records).unwrap();
        assert_eq!(keys.of(0), keys.of(1));
        assert_ne!(keys.of(0), keys.of(2));
    }

    #[test]
    fn an_unknown_column_is_named() {
        let failure = rule(&[("nmae", KeyPart::Whole, None)]).keys(&records(&[("name", &["a"])])).unwrap_err();
        assert!(failure.message.contains("`nmae`"), "{failure}");
        assert_eq!(failure.hints, ["Did you mean `name`?"]);
    }
}
