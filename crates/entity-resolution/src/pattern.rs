//! The pattern of a pair: the level of every comparison, in one word.

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use onefold_contract::comparison::Level;

/// The levels of a pair, comparison by comparison; five bits each. Written `1.0.3`, null levels at the end left out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Pattern(u128);

impl Pattern {
    /// The most comparisons a model may have.
    pub const MAX_COMPARISONS: usize = 25;
    /// The most levels a comparison may have, the null level included.
    pub const MAX_LEVELS: usize = 32;

    /// The pattern of the given levels.
    pub fn of(levels: &[Level]) -> Self {
        levels.iter().enumerate().fold(Self::default(), |pattern, (place, level)| pattern.with(place, *level))
    }

    /// The pattern with the level of one comparison, which had none so far.
    #[must_use]
    pub fn with(self, comparison: usize, level: Level) -> Self {
        Self(self.0 | (u128::from(level & 31) << (5 * comparison)))
    }

    /// The level of one comparison.
    pub fn level(self, comparison: usize) -> Level {
        ((self.0 >> (5 * comparison)) & 31) as Level
    }
}

impl std::fmt::Display for Pattern {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let used = (128 - self.0.leading_zeros() as usize).div_ceil(5).max(1);
        for comparison in 0..used {
            let dot = if comparison == 0 { "" } else { "." };
            write!(f, "{dot}{}", self.level(comparison))?;
        }
        Ok(())
    }
}

impl Serialize for Pattern {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Pattern {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let levels = text.split('.').map(str::parse).collect::<Result<Vec<Level>, _>>().map_err(D::Error::custom)?;
        if levels.len() > Self::MAX_COMPARISONS || levels.iter().any(|l| usize::from(*l) >= Self::MAX_LEVELS) {
            return Err(D::Error::custom(format!("`{text}` is no pattern of levels")));
        }
        Ok(Self::of(&levels))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_pattern_reads_back_as_written(levels in proptest::collection::vec(0u8..32, 1..=25)) {
            let pattern = Pattern::of(&levels);
            for (place, level) in levels.iter().enumerate() {
                prop_assert_eq!(pattern.level(place), *level);
            }
            let text = serde_json::to_string(&pattern).unwrap();
            prop_assert_eq!(serde_json::from_str::<Pattern>(&text).unwrap(), pattern);
        }
    }

    #[test]
    fn a_level_out_of_range_is_refused() {
        assert!(serde_json::from_str::<Pattern>("\"1.32\"").is_err());
        assert_eq!(Pattern::of(&[1, 0, 3]).to_string(), "1.0.3");
        assert_eq!(Pattern::default().to_string(), "0");
    }
}
