//! The value that most records have; of equally frequent ones the latest.

use onefold_contract::survivorship::{Candidate, SurvivorshipRule};

use super::{by_update, frequency, greatest};

/// The value that most records have; of equally frequent ones the one touched last.
#[derive(Debug, Clone, Copy)]
pub struct MostFrequent;

impl SurvivorshipRule for MostFrequent {
    fn name(&self) -> &'static str {
        "most_frequent"
    }

    fn choose(&self, candidates: &[Candidate<'_>]) -> Option<usize> {
        greatest(candidates, |a, b| {
            frequency(candidates, a).cmp(&frequency(candidates, b)).then_with(|| by_update(a, b))
        })
    }
}
