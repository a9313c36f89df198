//! Which of several records' values becomes the golden record's.

/// One record's value of an attribute, as a survivorship rule sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Candidate<'a> {
    /// The record's source.
    pub source: &'a str,
    /// The record's key at its source.
    pub source_key: &'a str,
    /// The clean value, printed; never absent.
    pub value: &'a str,
    /// When the source last touched the record, as sortable text, where it says so.
    pub updated_at: Option<&'a str>,
}

/// Chooses among values. Total and deterministic: the choice does not depend on the order of the candidates.
pub trait SurvivorshipRule: Send + Sync {
    /// The rule's name in models and explanations.
    fn name(&self) -> &'static str;

    /// The place of the surviving candidate; `None` only where there is no candidate.
    fn choose(&self, candidates: &[Candidate<'_>]) -> Option<usize>;
}
