//! Which value of an attribute survives into the golden record.
//!
//! Every rule ends in the same tie-break, the record with the smallest source and key, so that a choice never depends on
//! the order of records.

mod longest;
mod most_frequent;
mod most_recent;
mod source_priority;
mod stricter_consent;

use std::cmp::Ordering;

use onefold_contract::survivorship::{Candidate, SurvivorshipRule};

pub use longest::Longest;
pub use most_frequent::MostFrequent;
pub use most_recent::MostRecent;
pub use source_priority::SourcePriority;
pub use stricter_consent::StricterConsent;

use crate::spec::{ModelSpec, SurvivorshipRuleName, SurvivorshipSpec};

/// The name that stands for all attributes without an entry of their own.
pub const ALL_OTHERS: &str = "*";

/// The rule that a model file describes. Every rule that a model can name is registered here and nowhere else.
pub fn survivorship_rule(spec: &SurvivorshipSpec) -> Box<dyn SurvivorshipRule> {
    match spec.rule {
        SurvivorshipRuleName::MostFrequent => Box::new(MostFrequent),
        SurvivorshipRuleName::MostRecent => Box::new(MostRecent),
        SurvivorshipRuleName::SourcePriority => Box::new(SourcePriority::new(spec.sources.clone())),
        SurvivorshipRuleName::Longest => Box::new(Longest),
    }
}

/// The rule of an attribute: its own, else that of `"*"`, else the most frequent value.
pub fn rule_of(model: &ModelSpec, attribute: &str) -> Box<dyn SurvivorshipRule> {
    let entry = |name: &str| model.survivorship.iter().find(|spec| spec.attribute == name);
    entry(attribute).or_else(|| entry(ALL_OTHERS)).map_or_else(|| Box::new(MostFrequent) as _, survivorship_rule)
}

/// The order of records by address, smaller ones preferred.
fn by_address(left: &Candidate<'_>, right: &Candidate<'_>) -> Ordering {
    (right.source, right.source_key).cmp(&(left.source, left.source_key))
}

/// The order of records by when they were touched; one that does not say comes before all that do.
fn by_update(left: &Candidate<'_>, right: &Candidate<'_>) -> Ordering {
    left.updated_at.cmp(&right.updated_at)
}

/// How many candidates have the value of one.
fn frequency(candidates: &[Candidate<'_>], of: &Candidate<'_>) -> usize {
    candidates.iter().filter(|other| other.value == of.value).count()
}

/// The place of the greatest candidate.
fn greatest(candidates: &[Candidate<'_>], order: impl Fn(&Candidate<'_>, &Candidate<'_>) -> Ordering) -> Option<usize> {
    let order = |a: &&usize, b: &&usize| {
        let (a, b) = (&candidates[**a], &candidates[**b]);
        order(a, b).then_with(|| by_address(a, b))
    };
    let places: Vec<usize> = (0..candidates.len()).collect();
    places.iter().max_by(order).copied()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests;
