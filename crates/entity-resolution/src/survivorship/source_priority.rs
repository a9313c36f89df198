//! The value of the most trusted source that has one.

use onefold_contract::survivorship::{Candidate, SurvivorshipRule};

use super::{by_update, greatest};

/// The value of the first source of a list that has one; of several records of it, the one touched last. Sources that
/// the list does not name come after it, all alike.
#[derive(Debug, Clone)]
pub struct SourcePriority {
    sources: Vec<String>,
}

impl SourcePriority {
    /// Sources, most trusted first.
    pub fn new(sources: Vec<String>) -> Self {
        Self { sources }
    }

    fn place(&self, source: &str) -> usize {
        self.sources.iter().position(|name| name == source).unwrap_or(self.sources.len())
    }
}

impl SurvivorshipRule for SourcePriority {
    fn name(&self) -> &'static str {
        "source_priority"
    }

    fn choose(&self, candidates: &[Candidate<'_>]) -> Option<usize> {
        greatest(candidates, |a, b| self.place(b.source).cmp(&self.place(a.source)).then_with(|| by_update(a, b)))
    }
}
