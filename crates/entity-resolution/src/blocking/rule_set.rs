//! The blocking rules that make a pair, in one word.

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A set of blocking rules by their places in the model. Written `0+2`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RuleSet(u32);

impl RuleSet {
    /// The most blocking rules a model may have.
    pub const MAX_RULES: usize = 32;

    /// The set with one rule more.
    #[must_use]
    pub fn with(self, rule: usize) -> Self {
        Self(self.0 | (1 << rule))
    }

    /// Whether a rule is in the set.
    pub fn contains(self, rule: usize) -> bool {
        self.0 >> rule & 1 == 1
    }

    /// The rules of the set, ascending.
    pub fn rules(self) -> impl Iterator<Item = usize> {
        (0..Self::MAX_RULES).filter(move |rule| self.contains(*rule))
    }
}

impl FromIterator<usize> for RuleSet {
    fn from_iter<I: IntoIterator<Item = usize>>(rules: I) -> Self {
        rules.into_iter().fold(Self::default(), Self::with)
    }
}

impl Serialize for RuleSet {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let places: Vec<String> = self.rules().map(|rule| rule.to_string()).collect();
        serializer.serialize_str(&places.join("+"))
    }
}

impl<'de> Deserialize<'de> for RuleSet {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let rule = |place: &str| match place.parse() {
            Ok(rule) if rule < Self::MAX_RULES => Ok(rule),
            _ => Err(D::Error::custom(format!("`{text}` is no set of blocking rules"))),
        };
        text.split('+').filter(|place| !place.is_empty()).map(rule).collect()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_set_reads_back_as_written(rules in proptest::collection::btree_set(0usize..32, 0..10)) {
            let set: RuleSet = rules.iter().copied().collect();
            prop_assert!(set.rules().eq(rules));
            prop_assert_eq!(serde_json::from_str::<RuleSet>(&serde_json::to_string(&set).unwrap()).unwrap(), set);
        }
    }

    #[test]
    fn a_rule_out_of_range_is_refused() {
        assert!(serde_json::from_str::<RuleSet>("\"0+32\"").is_err());
    }
}
