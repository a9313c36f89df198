//! Drawing lots: one stream of random numbers for each thing that is drawn.
//!
//! The few draws needed are written out over the raw stream, with whole numbers only: the distributions of `rand` may
//! give other values in another version, and logarithms differ between platforms; either would change every file.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};

/// What a stream is for; streams of different topics are independent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Topic {
    Household = 1,
    /// What a system writes down of a person.
    Record = 2,
    /// What a person lives through in a night.
    Event = 3,
    Orders = 4,
    NightOrder = 5,
    Employer = 6,
    Namesake = 7,
    Payment = 8,
    Return = 9,
    Visit = 10,
    Lead = 11,
    Case = 12,
    Message = 13,
    Consent = 14,
    Reward = 15,
    Contract = 16,
    Account = 17,
    Owner = 18,
}

/// A stream of lots.
#[derive(Debug, Clone)]
pub(crate) struct Draw(ChaCha8Rng);

impl Draw {
    /// The stream of one thing: `index` names it within the topic.
    pub(crate) fn new(seed: u64, topic: Topic, index: u64) -> Self {
        let mut key = [0; 32];
        key[..8].copy_from_slice(&seed.to_le_bytes());
        key[8] = topic as u8;
        let mut stream = ChaCha8Rng::from_seed(key);
        stream.set_stream(index);
        Self(stream)
    }

    /// A stream of its own for one part of a thing. It costs the same whatever is drawn from it, so that a change to that
    /// part leaves the others as they were.
    pub(crate) fn fork(&mut self) -> Self {
        let mut key = [0; 32];
        key[..8].copy_from_slice(&self.0.next_u64().to_le_bytes());
        Self(ChaCha8Rng::from_seed(key))
    }

    /// A number from 0 to `below` - 1; 0 where `below` is 0. The bias of the multiplication is below 2^-32 for the small
    /// ranges drawn here.
    pub(crate) fn below(&mut self, below: u64) -> u64 {
        ((u128::from(self.0.next_u64()) * u128::from(below)) >> 64) as u64
    }

    /// A number from `low` to `high`, both included.
    pub(crate) fn between(&mut self, low: i64, high: i64) -> i64 {
        low + self.below((high - low + 1).max(1) as u64) as i64
    }

    /// True `per_mille` times in a thousand.
    pub(crate) fn chance(&mut self, per_mille: u64) -> bool {
        self.below(1000) < per_mille
    }

    /// One of the items, each as likely as the others; `items` is not empty.
    pub(crate) fn pick<T: Copy>(&mut self, items: &[T]) -> T {
        items[self.below(items.len() as u64) as usize]
    }

    /// A place in a list of running totals, as likely as its own share of the last total.
    pub(crate) fn weighted(&mut self, running_totals: &[u64]) -> usize {
        let lot = self.below(running_totals.last().copied().unwrap_or(0));
        running_totals.partition_point(|total| *total <= lot)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_is_the_same_each_time_and_like_no_other() {
        let first = |seed, topic, index| Draw::new(seed, topic, index).below(u64::MAX);
        assert_eq!(first(1, Topic::Record, 7), first(1, Topic::Record, 7));
        let others = [first(2, Topic::Record, 7), first(1, Topic::Orders, 7), first(1, Topic::Record, 8)];
        assert!(!others.contains(&first(1, Topic::Record, 7)));
    }

    /// Held so that an upgrade of the generator that changes every file is noticed.
    #[test]
    fn the_stream_does_not_change_between_versions() {
        let mut draw = Draw::new(1, Topic::Household, 0);
        let lots: Vec<u64> = (0..4).map(|_| draw.below(1000)).collect();
        assert_eq!(lots, [235, 829, 492, 351]);
    }

    #[test]
    fn shares_come_out_as_asked() {
        let mut draw = Draw::new(1, Topic::Household, 0);
        let mut counts = [0u32; 3];
        for _ in 0..60_000 {
            counts[draw.weighted(&[10, 30, 60])] += 1;
        }
        assert!((9_500..10_500).contains(&counts[0]) && (19_300..20_700).contains(&counts[1]), "{counts:?}");
        assert!((0..20_000).all(|_| (3..=5).contains(&draw.between(3, 5))));
    }
}
