//! The value of the record touched last.

use onefold_contract::survivorship::{Candidate, SurvivorshipRule};

use super::{by_update, frequency, greatest};

/// The value of the record touched last; of records touched at the same time, or where no record says when, the most
/// frequent value.
#[derive(Debug, Clone, Copy)]
pub struct MostRecent;

impl SurvivorshipRule for MostRecent {
    fn name(&self) -> &'static str {
        "most_recent"
    }

    fn choose(&self, candidates: &[Candidate<'_>]) -> Option<usize> {
        greatest(candidates, |a, b| {
            by_update(a, b).then_with(|| frequency(candidates, a).cmp(&frequency(candidates, b)))
        })
    }
}
