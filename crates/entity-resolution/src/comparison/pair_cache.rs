//! Levels of pairs of values that were compared before.
//!
//! Records repeat their values, so the same two names meet again and again. The cache is a table of a fixed size in which
//! a newer pair takes the place of an older one; a slot holds the pair and its level in one word, so that threads share
//! it without a lock, and what it answers is what comparing would have answered. The rejected alternative, a map that
//! grows, needs memory in proportion to the pairs.

use std::sync::atomic::{AtomicU64, Ordering};

use onefold_contract::comparison::Level;

use crate::hash;

/// Slots of a table: two megabytes, which a processor's cache holds most of.
const SLOTS: usize = 1 << 18;
/// Bits of a code that fit into a slot beside the other code and the level.
const CODE_BITS: u32 = 29;
/// Bits of a level.
const LEVEL_BITS: u32 = 5;

/// A cache of levels by pairs of codes.
pub(super) struct PairCache(Vec<AtomicU64>);

impl PairCache {
    /// An empty cache.
    pub(super) fn new() -> Self {
        // No pair of different codes has all bits set, so this never looks like an entry.
        Self((0..SLOTS).map(|_| AtomicU64::new(u64::MAX)).collect())
    }

    /// The level of a pair of codes, compared now if it is not known.
    pub(super) fn get(&self, left: u32, right: u32, compare: impl FnOnce() -> Level) -> Level {
        if left >> CODE_BITS != 0 || right >> CODE_BITS != 0 {
            return compare();
        }
        let key = (u64::from(left) << CODE_BITS | u64::from(right)) << LEVEL_BITS;
        let slot = &self.0[hash::mix(key) as usize % SLOTS];
        let found = slot.load(Ordering::Relaxed);
        if found >> LEVEL_BITS == key >> LEVEL_BITS {
            return (found & ((1 << LEVEL_BITS) - 1)) as Level;
        }
        let level = compare();
        slot.store(key | u64::from(level), Ordering::Relaxed);
        level
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    #[test]
    fn a_cache_answers_what_comparing_would() {
        let cache = PairCache::new();
        let level = |left: u32, right: u32| ((left * 7 + right) % 31) as Level;
        for round in 0..3u32 {
            for left in 0..1_000 {
                for right in left + 1..left + 300 {
                    assert_eq!(cache.get(left, right, || level(left, right)), level(left, right), "round {round}");
                }
            }
        }
        assert_eq!(cache.get(u32::MAX - 1, 3, || 9), 9);
    }
}
