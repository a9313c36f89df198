//! Hashes that are the same in every process, on every machine and in every release.
//!
//! Block plans and random pairs are handed between processes, so the standard library's hasher, which may change with
//! the compiler, is no choice. A collision makes one pair too many and nothing worse, so 64 bits suffice.

use std::hash::{BuildHasherDefault, Hasher};

/// Mixes a number so that every bit of it moves every bit of the result (the finaliser of `SplitMix64`: G. Steele,
/// D. Lea, C. Flood, "Fast splittable pseudorandom number generators", 2014).
pub(crate) fn mix(number: u64) -> u64 {
    let mut z = number.wrapping_add(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// Hashes bytes (FNV-1a, mixed).
pub(crate) fn of_bytes(bytes: impl IntoIterator<Item = u8>) -> u64 {
    let fnv =
        bytes.into_iter().fold(0xCBF2_9CE4_8422_2325, |h: u64, b| (h ^ u64::from(b)).wrapping_mul(0x100_0000_01B3));
    mix(fnv)
}

/// Hashes a text.
pub(crate) fn of_text(text: &str) -> u64 {
    of_bytes(text.bytes())
}

/// Hashes bytes eight at a time, for tables of this process.
pub(crate) fn quick(bytes: &[u8]) -> u64 {
    let step = |hash: u64, word: u64| (hash.rotate_left(23) ^ word).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let (words, rest) = bytes.as_chunks::<8>();
    let hash = words.iter().fold(bytes.len() as u64, |hash, word| step(hash, u64::from_le_bytes(*word)));
    let last = rest.iter().fold(0, |word, byte| word << 8 | u64::from(*byte));
    mix(step(hash, last))
}

/// Joins two hashes; the order counts.
pub(crate) fn join(first: u64, second: u64) -> u64 {
    mix(first.rotate_left(29) ^ second)
}

/// A number below `bound` out of a hash, without bias that matters for bounds far below 2^64.
pub(crate) fn below(hash: u64, bound: u64) -> u64 {
    ((u128::from(hash) * u128::from(bound)) >> 64) as u64
}

/// A fast hasher for maps keyed by patterns; the maps are sorted before anyone reads them in order.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct PatternHasher(u64);

impl Hasher for PatternHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        self.0 = join(self.0, of_bytes(bytes.iter().copied()));
    }

    fn write_u64(&mut self, number: u64) {
        self.0 = mix(self.0 ^ number);
    }

    fn write_u32(&mut self, number: u32) {
        self.0 = mix(self.0 ^ u64::from(number));
    }

    fn write_u128(&mut self, number: u128) {
        self.0 = mix(self.0 ^ number as u64 ^ ((number >> 64) as u64).rotate_left(32));
    }
}

/// Builds [`PatternHasher`].
pub(crate) type BuildPatternHasher = BuildHasherDefault<PatternHasher>;
