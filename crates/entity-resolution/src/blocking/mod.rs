//! Which pairs of records are worth comparing.
//!
//! A rule gives every record its keys; records that share a key form a block, and the pairs of a block are candidates.
//! The plan of all blocks is made, and its pairs are counted, before any pair is compared. The rejected alternative, a
//! join per rule and a de-duplication of the pairs, needs memory in proportion to the pairs.

mod column_keys;
mod cutting;
mod every_pair;
mod membership;
mod min_hash;
mod parts;
mod plan;
mod rule_set;
mod sorted_neighbourhood;

use onefold_contract::comparison::BlockingRule;

pub use column_keys::ColumnKeys;
pub use every_pair::EveryPair;
pub(crate) use membership::Membership;
pub use min_hash::MinHash;
pub(crate) use parts::{accepts, needed};
pub(crate) use plan::RuleBlocks;
pub use plan::{BlockIndex, BlockPlan, BlockingReport, OversizedBlock, RecallLoss, RuleReport};
pub use rule_set::RuleSet;
pub use sorted_neighbourhood::SortedNeighbourhood;

use crate::spec::{BlockingMethod, BlockingRuleSpec};

/// The rule that a model file describes. Every method of blocking is registered here and nowhere else.
pub fn blocking_rule(spec: &BlockingRuleSpec) -> Box<dyn BlockingRule> {
    match spec.method {
        BlockingMethod::Keys => Box::new(ColumnKeys::new(spec)),
        BlockingMethod::MinHash => Box::new(MinHash::new(spec)),
        BlockingMethod::SortedNeighbourhood => Box::new(SortedNeighbourhood::new(spec)),
        BlockingMethod::EveryPair => Box::new(EveryPair::new(spec)),
    }
}
