//! Pairs drawn at random, to learn how often strangers agree.

use std::collections::{BTreeMap, HashMap};
use std::ops::Deref;
use std::sync::Arc;

use onefold_contract::comparison::PreparedComparison;
use rayon::prelude::*;

use crate::Pattern;
use crate::hash;

/// Pairs that one task draws.
const CHUNK: u64 = 8_192;

/// The patterns of `wanted` random pairs of rows, or of all pairs where there are no more than that. The pairs follow
/// from the seed alone, so they are the same on any number of threads.
pub(super) fn random_patterns(
    comparisons: &[Arc<dyn PreparedComparison>],
    records: u64,
    wanted: u64,
    seed: u64,
) -> BTreeMap<Pattern, u64> {
    let all = records * records.saturating_sub(1) / 2;
    let exhaustive = all <= wanted;
    let pairs = if exhaustive { all } else { wanted };
    let pair = |number: u64| if exhaustive { numbered(number) } else { drawn(seed, number, records) };
    let chunk = |chunk: u64| {
        let mut counts: HashMap<Pattern, u64, hash::BuildPatternHasher> = HashMap::default();
        for number in chunk * CHUNK..((chunk + 1) * CHUNK).min(pairs) {
            let (left, right) = pair(number);
            *counts.entry(pattern(comparisons, left, right)).or_default() += 1;
        }
        counts
    };
    let merge = |mut into: BTreeMap<Pattern, u64>, counts: HashMap<Pattern, u64, hash::BuildPatternHasher>| {
        for (pattern, count) in counts {
            *into.entry(pattern).or_default() += count;
        }
        into
    };
    let joined = |mut into: BTreeMap<Pattern, u64>, other: BTreeMap<Pattern, u64>| {
        for (pattern, count) in other {
            *into.entry(pattern).or_default() += count;
        }
        into
    };
    let chunks = 0..pairs.div_ceil(CHUNK);
    chunks.into_par_iter().map(chunk).fold(BTreeMap::new, merge).reduce(BTreeMap::new, joined)
}

/// The pattern of a pair, every comparison asked.
pub(crate) fn pattern<C>(comparisons: &[C], left: u32, right: u32) -> Pattern
where
    C: Deref<Target = dyn PreparedComparison>,
{
    comparisons
        .iter()
        .enumerate()
        .fold(Pattern::default(), |pattern, (place, comparison)| pattern.with(place, comparison.level(left, right)))
}

/// Pair `number` in the order (0, 1), (0, 2), (1, 2), (0, 3), ...
fn numbered(number: u64) -> (u32, u32) {
    let mut right = f64::midpoint(1.0, (8.0 * number as f64 + 1.0).sqrt()) as u64;
    // The root may be off by one in its last digit.
    while right * (right - 1) / 2 > number {
        right -= 1;
    }
    while right * (right + 1) / 2 <= number {
        right += 1;
    }
    ((number - right * (right - 1) / 2) as u32, right as u32)
}

/// Pair `number` of a seed: two different rows.
fn drawn(seed: u64, number: u64, records: u64) -> (u32, u32) {
    let first = hash::join(hash::mix(seed), number);
    let left = hash::below(first, records);
    let right = hash::below(hash::mix(first), records - 1);
    (left as u32, (right + u64::from(right >= left)) as u32)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    #[test]
    fn every_pair_has_one_number() {
        let mut expected = Vec::new();
        for right in 1..60u32 {
            expected.extend((0..right).map(|left| (left, right)));
        }
        let numbers = 0..expected.len() as u64;
        assert_eq!(numbers.map(numbered).collect::<Vec<_>>(), expected);
        assert_eq!(numbered(3_000_000 * 2_999_999 / 2), (0, 3_000_000));
    }

    #[test]
    fn drawn_pairs_are_spread_evenly_and_never_a_row_with_itself() {
        let mut counts = BTreeMap::new();
        for number in 0..60_000 {
            let (left, right) = drawn(7, number, 4);
            assert_ne!(left, right);
            *counts.entry((left, right)).or_insert(0) += 1;
        }
        assert_eq!(counts.len(), 12);
        assert!(counts.values().all(|count| (4_700..5_300).contains(count)), "{counts:?}");
        assert_ne!(drawn(7, 1, 1_000_000), drawn(8, 1, 1_000_000));
    }
}
