//! Standardized to resolved: blocking, comparison, Fellegi-Sunter, clustering, identity.
//!
//! The matcher is a rayon kernel over Arrow columns, fed by a block plan that is computed first. The rejected
//! alternative, a join in SQL with the comparison as a function, costs about twice the processor time, cannot spill and
//! would have to iterate to find clusters. The room is pure: no files, no clock, no async, no random numbers but those
//! that a model's seed gives, and every result is the same on any number of threads and for any partitioning.
//!
//! The way through the room, each step usable by itself:
//!
//! ```text
//! records ─► BlockPlan ─► kernel::run ─► pattern counts ─► train ─► TrainedModel      (once an epoch)
//!                     └─► kernel::run with the model ─► edges ─► cluster ─► Resolution
//!                                                                    └─► IdentityState ─► XREF, golden records
//! ```
//!
//! Sums that decide something are sums of whole numbers ([`Bits`] counts millionths of a bit), so they do not depend on
//! the order of addition; floating point stays inside the estimation, which adds in the order of sorted patterns.

mod bits;
pub mod blocking;
mod cluster_explanation;
pub mod clustering;
mod compared;
pub mod comparison;
mod decision;
mod error;
pub mod evaluation;
pub mod fellegi_sunter;
pub mod golden_record;
mod hash;
pub mod identity;
mod incremental;
pub mod kernel;
mod mistakes;
mod pattern;
pub mod proposal;
mod records;
mod resolution;
mod sketch;
pub mod spec;
pub mod survivorship;
#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod testing;
mod xref;

pub use bits::Bits;
pub use blocking::{BlockIndex, BlockPlan, BlockingReport, OversizedBlock, RecallLoss, RuleReport};
pub use cluster_explanation::{Bridge, ClusterExplanation, Link, WhyNot, WhyNotExplanation};
pub use clustering::{Clusters, Contradiction, cluster};
pub use compared::ComparedRecords;
pub use decision::{Decision, DecisionKind};
pub use evaluation::{Evaluation, evaluate};
pub use fellegi_sunter::{
    Contribution, Explanation, TrainedComparison, TrainedLevel, TrainedModel, TrainedRelated, TrainingReport, explain,
    train, train_compared, train_from_counts,
};
pub use golden_record::{CUSTOMER_ID, GoldenColumns, RECORD_COUNT, golden_provenance, golden_records};
pub use identity::IdentityState;
pub use incremental::{Standing, resolve_changes};
pub use kernel::{Edge, KernelOutput, PatternCounts};
pub use pattern::Pattern;
pub use proposal::{Proposal, propose};
pub use records::record_refs;
pub use resolution::{Resolution, resolve, resolve_compared, resolve_from};
pub use spec::*;
pub use xref::{customer_ids, xref};
