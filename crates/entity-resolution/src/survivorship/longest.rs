//! The longest value.

use onefold_contract::survivorship::{Candidate, SurvivorshipRule};

use super::{by_update, frequency, greatest};

/// The value of the most characters; of equally long ones the most frequent, then the one touched last.
#[derive(Debug, Clone, Copy)]
pub struct Longest;

impl SurvivorshipRule for Longest {
    fn name(&self) -> &'static str {
        "longest"
    }

    fn choose(&self, candidates: &[Candidate<'_>]) -> Option<usize> {
        let length = |candidate: &Candidate<'_>| candidate.value.chars().count();
        greatest(candidates, |a, b| {
            let by_frequency = || frequency(candidates, a).cmp(&frequency(candidates, b));
            length(a).cmp(&length(b)).then_with(by_frequency).then_with(|| by_update(a, b))
        })
    }
}
