//! What a steward has decided about two records.

use onefold_contract::identity::RecordRef;
use serde::{Deserialize, Serialize};

/// A decision about two records, keyed on source and source key, so that it outlives edits, reorders and retraining. It
/// holds through third records too, also through one that its source no longer has.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Decision {
    /// One record.
    pub left: RecordRef,
    /// The other.
    pub right: RecordRef,
    /// What was decided.
    pub kind: DecisionKind,
}

/// What was decided about two records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DecisionKind {
    /// They are one entity.
    MustLink,
    /// They are two entities.
    CannotLink,
}
