//! What the comparisons share that put two different values on a level by the look of both.

use onefold_contract::comparison::{Level, NULL_LEVEL, PreparedComparison};

use super::EQUAL_LEVEL;
use super::pair_cache::PairCache;
use crate::records::{ABSENT, CodedText};

/// Puts two different values on a level.
pub(super) trait Relation: Send + Sync {
    /// The level of the values of two codes, the smaller code first, so that the order of a pair cannot matter.
    fn level(&self, left: u32, right: u32) -> Level;
}

/// Coded values with a relation, compared once a pair of values as far as the cache reaches.
pub(super) struct Related<R> {
    codes: Vec<u32>,
    relation: R,
    cache: Option<PairCache>,
}

impl<R: Relation> Related<R> {
    pub(super) fn new(values: &CodedText, relation: R) -> Self {
        Self { codes: values.codes().to_vec(), relation, cache: Some(PairCache::new()) }
    }

    /// For relations that cost less than to look a pair of values up.
    pub(super) fn uncached(codes: Vec<u32>, relation: R) -> Self {
        Self { codes, relation, cache: None }
    }
}

impl<R: Relation> PreparedComparison for Related<R> {
    fn level(&self, left: u32, right: u32) -> Level {
        let (left, right) = (self.codes[left as usize], self.codes[right as usize]);
        if left == ABSENT || right == ABSENT {
            return NULL_LEVEL;
        }
        if left == right {
            return EQUAL_LEVEL;
        }
        let (left, right) = (left.min(right), left.max(right));
        match &self.cache {
            Some(cache) => cache.get(left, right, || self.relation.level(left, right)),
            None => self.relation.level(left, right),
        }
    }
}
