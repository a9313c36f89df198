//! The stricter consent wins: a stated "no" outweighs any "yes".

use onefold_contract::survivorship::{Candidate, SurvivorshipRule};

use super::{by_update, greatest};

/// Of stated consents, "no" wins over "yes". A record that states nothing is no candidate: an unknown consent takes
/// nothing away from a "yes" that was given, and adds nothing to it. No model can choose another rule for consent.
#[derive(Debug, Clone, Copy)]
pub struct StricterConsent;

impl SurvivorshipRule for StricterConsent {
    fn name(&self) -> &'static str {
        "stricter_consent"
    }

    fn choose(&self, candidates: &[Candidate<'_>]) -> Option<usize> {
        let refuses = |candidate: &Candidate<'_>| candidate.value == "false";
        greatest(candidates, |a, b| refuses(a).cmp(&refuses(b)).then_with(|| by_update(a, b)))
    }
}
