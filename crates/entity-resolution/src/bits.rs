//! Match weights as whole millionths of a bit.
//!
//! Weights are added pair by pair on many threads, explained one by one and compared with thresholds. Whole numbers add
//! up to the same sum in any order, so an explanation's contributions sum exactly to the weight; the rejected
//! alternative, `f64`, does that only to within an error that then has to be explained as well.

use std::iter::Sum;
use std::ops::{Add, AddAssign, Neg, Sub};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A match weight: log2 of a ratio of probabilities, exact to a millionth. JSON shows it as a number of bits.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Bits(i64);

impl Bits {
    /// No evidence.
    pub const ZERO: Self = Self(0);
    /// Stronger evidence than this is not told apart; it keeps sums far from overflow.
    const LIMIT: f64 = 1_000.0;

    /// The nearest weight to a number of bits.
    pub fn new(bits: f64) -> Self {
        let held = if bits.is_nan() { 0.0 } else { bits.clamp(-Self::LIMIT, Self::LIMIT) };
        Self((held * 1e6).round() as i64)
    }

    /// The weight of a probability: log2 of its odds.
    pub fn from_probability(probability: f64) -> Self {
        Self::new((probability / (1.0 - probability)).log2())
    }

    /// log2(m / u).
    pub fn from_ratio(m: f64, u: f64) -> Self {
        Self::new((m / u).log2())
    }

    /// The number of bits.
    pub fn as_f64(self) -> f64 {
        self.0 as f64 / 1e6
    }

    /// The probability whose odds have this log2.
    pub fn probability(self) -> f64 {
        1.0 / (1.0 + (-self.as_f64()).exp2())
    }
}

impl Add for Bits {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }
}

impl AddAssign for Bits {
    fn add_assign(&mut self, other: Self) {
        self.0 += other.0;
    }
}

impl Sub for Bits {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self(self.0 - other.0)
    }
}

impl Neg for Bits {
    type Output = Self;
    fn neg(self) -> Self {
        Self(-self.0)
    }
}

impl Sum for Bits {
    fn sum<I: Iterator<Item = Self>>(weights: I) -> Self {
        weights.fold(Self::ZERO, Add::add)
    }
}

impl std::fmt::Display for Bits {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:+.3}", self.as_f64())
    }
}

impl Serialize for Bits {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(self.as_f64())
    }
}

impl<'de> Deserialize<'de> for Bits {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        f64::deserialize(deserializer).map(Self::new)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn json_keeps_every_millionth(millionths in -900_000_000i64..900_000_000) {
            let text = serde_json::to_string(&Bits(millionths)).unwrap();
            prop_assert_eq!(serde_json::from_str::<Bits>(&text).unwrap(), Bits(millionths));
        }

        #[test]
        fn a_probability_survives_the_way_there_and_back(probability in 0.001f64..0.999) {
            prop_assert!((Bits::from_probability(probability).probability() - probability).abs() < 1e-6);
        }
    }

    #[test]
    fn impossible_figures_stay_finite() {
        assert_eq!(Bits::from_ratio(0.0, 0.1), Bits::new(-1_000.0));
        assert_eq!(Bits::from_probability(1.0), Bits::new(1_000.0));
        assert_eq!(Bits::from_ratio(0.0, 0.0), Bits::ZERO);
    }
}
