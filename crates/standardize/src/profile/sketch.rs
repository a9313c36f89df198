//! Counting in bounded memory, the same however the rows are cut into batches.
//!
//! Up to its bound each count is exact; beyond it each says how wrong it may be. The rejected alternative, `HyperLogLog`
//! from the first row on, is never exact, and "is this a key?" wants an exact answer.

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasherDefault, Hasher};

use onefold_contract::profile::{Distinct, ValueCount};

/// A hash of a text that is the same on every machine and in every process: eight bytes at a time, each mixed as
/// `SplitMix64` does (G. Steele et al., "Fast splittable pseudorandom number generators", 2014).
pub(super) fn hash_of(text: &str) -> u64 {
    let mut state = mixed(text.len() as u64);
    for chunk in text.as_bytes().chunks(8) {
        let mut word = [0; 8];
        word[..chunk.len()].copy_from_slice(chunk);
        state = mixed(state ^ u64::from_le_bytes(word));
    }
    state
}

/// One step of `SplitMix64`.
pub(super) fn mixed(number: u64) -> u64 {
    let mut z = number.wrapping_add(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// Hands a hash through: the keys of these maps are hashes already.
#[derive(Default)]
pub(super) struct AsIs(u64);

impl Hasher for AsIs {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = mixed(self.0 ^ u64::from(*byte));
        }
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }
}

type Hashed<V> = HashMap<u64, V, BuildHasherDefault<AsIs>>;

/// Counts distinct values by their hashes: exactly up to a bound, then on the share of the hashes below a falling line
/// (M. Wegman's adaptive sampling; P. Flajolet, "On adaptive sampling", 1990).
pub(super) struct DistinctCounter {
    kept: HashSet<u64, BuildHasherDefault<AsIs>>,
    line: u64,
    most: usize,
    repeated: bool,
}

impl DistinctCounter {
    /// A counter that is exact up to `most` values.
    pub(super) fn new(most: usize) -> Self {
        Self { kept: HashSet::default(), line: u64::MAX, most: most.max(1), repeated: false }
    }

    /// Sees a value.
    pub(super) fn add(&mut self, hash: u64) {
        if hash > self.line {
            return;
        }
        if !self.kept.insert(hash) {
            self.repeated = true;
        } else if self.kept.len() > self.most {
            self.line /= 2;
            let line = self.line;
            self.kept.retain(|hash| *hash <= line);
        }
    }

    /// Whether a value was seen twice; beyond the bound, whether one of those kept was.
    pub(super) fn repeated(&self) -> bool {
        self.repeated
    }

    /// How many values differ.
    pub(super) fn count(&self) -> Distinct {
        let kept = self.kept.len() as u64;
        if self.line == u64::MAX {
            return Distinct { count: kept, error: 0.0 };
        }
        let share = self.line as f64 / u64::MAX as f64;
        Distinct { count: (kept as f64 / share).round() as u64, error: 1.0 / (kept as f64).sqrt().max(1.0) }
    }
}

/// Counts how often values stand: exactly while they are few, then with every count too low by at most a known figure
/// (J. Misra and D. Gries, "Finding repeated elements", 1982, pruned in blocks).
pub(super) struct ValueCounter {
    counts: Hashed<(Box<str>, u64)>,
    most: usize,
    error: u64,
}

impl ValueCounter {
    /// A counter of at most twice `most` values at a time.
    pub(super) fn new(most: usize) -> Self {
        Self { counts: Hashed::default(), most: most.max(1), error: 0 }
    }

    /// Sees a value, by its hash.
    pub(super) fn add(&mut self, hash: u64, value: &str) {
        if let Some((_, count)) = self.counts.get_mut(&hash) {
            *count += 1;
            return;
        }
        self.counts.insert(hash, (value.into(), 1));
        if self.counts.len() > 2 * self.most {
            self.prune();
        }
    }

    /// Takes from every count that of the first value beyond the bound, and drops what comes to nothing.
    fn prune(&mut self) {
        let mut counts: Vec<u64> = self.counts.values().map(|(_, count)| *count).collect();
        let place = counts.len() - 1 - self.most;
        let (_, less, _) = counts.select_nth_unstable(place);
        let less = *less;
        self.error += less;
        self.counts.retain(|_, (_, count)| {
            *count = count.saturating_sub(less);
            *count > 0
        });
    }

    /// By how much each count may be too low.
    pub(super) fn error(&self) -> u64 {
        self.error
    }

    /// The most frequent values, then in the order of the values.
    pub(super) fn top(&self, most: usize) -> Vec<ValueCount> {
        let mut all: Vec<(&str, u64)> = self.counts.values().map(|(value, count)| (value.as_ref(), *count)).collect();
        let order = |a: &(&str, u64), b: &(&str, u64)| b.1.cmp(&a.1).then_with(|| a.0.cmp(b.0));
        if all.len() > most {
            all.select_nth_unstable_by(most, order);
            all.truncate(most);
        }
        all.sort_unstable_by(order);
        all.into_iter().map(|(value, count)| ValueCount { value: value.to_string(), count }).collect()
    }

    /// The probability that two rows drawn at random have the same value, of `rows` that have one of `distinct` values.
    /// What is not counted is taken to be spread evenly.
    pub(super) fn agreement(&self, rows: u64, distinct: u64) -> f64 {
        if rows < 2 {
            return 0.0;
        }
        let (mut pairs, mut counted) = (0.0, 0);
        // In the order of counts, so that the sum does not depend on the order of the map.
        let mut counts: Vec<u64> = self.counts.values().map(|(_, count)| *count + self.error).collect();
        counts.sort_unstable();
        for count in counts {
            pairs += count as f64 * (count as f64 - 1.0);
            counted += count;
        }
        let (rest, values) = (rows.saturating_sub(counted) as f64, distinct.saturating_sub(self.counts.len() as u64));
        if self.error > 0 && values > 0 && rest > 0.0 {
            pairs += rest * (rest / values as f64 - 1.0).max(0.0);
        }
        (pairs / (rows as f64 * (rows as f64 - 1.0))).min(1.0)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    fn counted(values: &[u32], most: usize) -> (DistinctCounter, ValueCounter) {
        let (mut distinct, mut counter) = (DistinctCounter::new(most), ValueCounter::new(most));
        for value in values {
            let text = value.to_string();
            distinct.add(hash_of(&text));
            counter.add(hash_of(&text), &text);
        }
        (distinct, counter)
    }

    proptest! {
        #[test]
        fn counts_are_exact_within_the_bound(values in proptest::collection::vec(0u32..60, 0..400)) {
            let mut truth: BTreeMap<u32, u64> = BTreeMap::new();
            for value in &values {
                *truth.entry(*value).or_default() += 1;
            }
            let (distinct, counter) = counted(&values, 100);
            prop_assert_eq!(distinct.count(), Distinct { count: truth.len() as u64, error: 0.0 });
            prop_assert_eq!(distinct.repeated(), truth.values().any(|count| *count > 1));
            prop_assert_eq!(counter.error(), 0);
            let top: BTreeMap<u32, u64> = counter.top(100).into_iter().map(|v| (v.value.parse().unwrap(), v.count)).collect();
            prop_assert_eq!(&top, &truth);
            let n = values.len() as f64;
            let pairs: f64 = truth.values().map(|c| *c as f64 * (*c as f64 - 1.0)).sum();
            let expected = if values.len() < 2 { 0.0 } else { pairs / (n * (n - 1.0)) };
            prop_assert!((counter.agreement(values.len() as u64, truth.len() as u64) - expected).abs() < 1e-12);
        }

        #[test]
        fn beyond_the_bound_a_count_is_too_low_by_no_more_than_said(values in proptest::collection::vec(0u32..200, 0..2000)) {
            let (_, counter) = counted(&values, 20);
            let top: BTreeMap<u32, u64> = counter.top(1000).into_iter().map(|v| (v.value.parse().unwrap(), v.count)).collect();
            prop_assert!(counter.error() <= values.len() as u64 / 20);
            for value in 0..200 {
                let truth = values.iter().filter(|v| **v == value).count() as u64;
                let found = top.get(&value).copied().unwrap_or_default();
                prop_assert!(found <= truth && truth <= found + counter.error(), "{value}: {found} of {truth}");
            }
        }
    }

    #[test]
    fn many_values_are_estimated_within_the_error_that_is_said() {
        let values: Vec<u32> = (0..200_000).collect();
        let (distinct, counter) = counted(&values, 5_000);
        let found = distinct.count();
        assert!(!found.is_exact() && !distinct.repeated());
        let off = (found.count as f64 / 200_000.0 - 1.0).abs();
        assert!(off < 4.0 * found.error, "{found:?}");
        assert!(counter.agreement(200_000, found.count) < 1e-4);
    }

    #[test]
    fn hashes_tell_texts_apart() {
        let texts = ["", "\0", "a", "a\0", "abcdefgh", "abcdefgh\0", "abcdefghi"];
        let hashes: HashSet<u64> = texts.iter().map(|text| hash_of(text)).collect();
        assert_eq!(hashes.len(), texts.len());
    }
}
