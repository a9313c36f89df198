//! The kernel: compares the pairs of a range of a block plan's units.
//!
//! Without a model it counts the patterns of the pairs, which is what training needs. With one it returns the pairs at
//! or above the review threshold as edges, at most [`STRONGEST`] strongest a record; hopeless pairs are abandoned early,
//! so their patterns are not known and none are counted. Outputs of any ranges merge, in any order, to the output of
//! the whole: an edge is dropped only when it is among the strongest of neither of its records, so each record's
//! strongest edges outlive every merge.

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;

use arrow::array::RecordBatch;
use onefold_contract::Result;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::blocking::{BlockIndex, Membership};
use crate::compared::ComparedRecords;
use crate::error::ResolveError;
use crate::fellegi_sunter::{Scorer, TrainedModel, pattern};
use crate::hash::{self, BuildPatternHasher};
use crate::spec::ModelSpec;
use crate::{Bits, BlockPlan, Pattern};

/// How many of its edges each record keeps: far more than a true entity needs, far fewer than a hub could make.
pub const STRONGEST: usize = 100;

/// About how many pairs of a plan are counted for training: far more than the figures of a model need.
const COUNTED: u64 = 1_000_000;

/// Two records that may be one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Edge {
    /// The row of the first record; smaller than `right`.
    pub left: u32,
    /// The row of the second record.
    pub right: u32,
    /// The match weight.
    pub weight: Bits,
    /// The levels of the comparisons.
    pub pattern: Pattern,
}

impl Edge {
    /// The same edge between other rows.
    pub(crate) fn between(&self, left: u32, right: u32) -> Self {
        Self { left: left.min(right), right: left.max(right), ..*self }
    }

    /// The probability that the records are one entity.
    pub fn probability(&self) -> f64 {
        self.weight.probability()
    }
}

/// How many pairs have each pattern; each pair counts once.
pub type PatternCounts = BTreeMap<Pattern, u64>;

/// What the kernel found in a range of units.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct KernelOutput {
    /// How many pairs have each pattern, a pair that was drawn counted for all it stands for; empty when a model scored.
    pub pattern_counts: PatternCounts,
    /// The pairs at or above the review threshold, by left and right row; empty without a model.
    pub edges: Vec<Edge>,
    /// The pairs compared, each once; where only a part was drawn to be counted, an estimate.
    pub pairs: u64,
    /// The pairs compared, by the rule that made them.
    pub pairs_by_rule: Vec<u64>,
}

impl KernelOutput {
    /// Joins the outputs of different units. The order of merging does not matter.
    #[must_use]
    pub fn merge(mut self, other: Self) -> Self {
        for (pattern, count) in other.pattern_counts {
            *self.pattern_counts.entry(pattern).or_default() += count;
        }
        self.edges.extend(other.edges);
        self.edges = strongest(self.edges, STRONGEST);
        self.pairs += other.pairs;
        self.pairs_by_rule = added(self.pairs_by_rule, &other.pairs_by_rule);
        self
    }
}

fn added(mut into: Vec<u64>, other: &[u64]) -> Vec<u64> {
    into.resize(into.len().max(other.len()), 0);
    for (sum, more) in into.iter_mut().zip(other) {
        *sum += more;
    }
    into
}

/// Drops the edges that are among the `most` strongest of neither of their records; the rest by left and right row.
fn strongest(mut edges: Vec<Edge>, most: usize) -> Vec<Edge> {
    edges.par_sort_unstable_by_key(|edge| (edge.left, edge.right));
    // A pair that was carried over from before and scored again is one edge.
    edges.dedup_by_key(|edge| (edge.left, edge.right));
    let rows = edges.iter().map(|edge| edge.left.max(edge.right) as usize + 1).max().unwrap_or(0);
    let mut degrees = vec![0u32; rows];
    for edge in &edges {
        degrees[edge.left as usize] += 1;
        degrees[edge.right as usize] += 1;
    }
    if degrees.iter().any(|degree| *degree as usize > most) {
        edges.par_sort_unstable_by_key(|edge| (std::cmp::Reverse(edge.weight), edge.left, edge.right));
        let mut seen: HashMap<u32, usize> = HashMap::new();
        edges.retain(|edge| {
            let mut among = |row: u32| {
                let rank = seen.entry(row).or_default();
                *rank += 1;
                *rank <= most
            };
            // Both ranks must be counted, so no short circuit.
            let (of_left, of_right) = (among(edge.left), among(edge.right));
            of_left || of_right
        });
    }
    edges.par_sort_unstable_by_key(|edge| (edge.left, edge.right));
    edges
}

/// Compares the pairs of a range of units. A pair that several rules or blocks make is compared where it is made first.
///
/// # Errors
/// The plan was made over other records or has no such units, or the records lack a column of the model.
pub fn run(
    plan: &BlockPlan,
    units: Range<usize>,
    records: &RecordBatch,
    model: &ModelSpec,
    scoring: Option<&TrainedModel>,
) -> Result<KernelOutput> {
    let compared = ComparedRecords::new(records, scoring.map_or(model, |trained| &trained.spec))?;
    match scoring {
        None => count(plan, units, &compared),
        Some(trained) => score(plan, units, &compared, trained),
    }
}

/// Counts the patterns of pairs, for training. Of a plan of many pairs a part is drawn, by the addresses of the records
/// of each pair, and each pair drawn counts for as many as it stands for: what a model learns from a million pairs no
/// more of them would move.
///
/// # Errors
/// The plan was made over other records or has no such units.
pub fn count(plan: &BlockPlan, units: Range<usize>, compared: &ComparedRecords) -> Result<KernelOutput> {
    let each = plan.pair_count().div_ceil(COUNTED).max(1);
    let work = Work::Count { compared, each, most: u64::MAX / each };
    run_work(plan, units, compared.record_count(), &work, None)
}

/// Scores pairs with a model.
///
/// # Errors
/// The plan was made over other records or has no such units, or the records were prepared for another model.
pub fn score(
    plan: &BlockPlan,
    units: Range<usize>,
    compared: &ComparedRecords,
    model: &TrainedModel,
) -> Result<KernelOutput> {
    let work = Work::Score(Scorer::new(model, compared)?);
    run_work(plan, units, compared.record_count(), &work, None)
}

/// What is new since a plan whose index is known.
pub(crate) struct Changes<'a> {
    /// Whether each row is new or changed.
    pub(crate) touched: &'a [bool],
    /// How the blocks stood.
    pub(crate) before: &'a BlockIndex,
}

/// Scores the pairs of a plan that touch a new or changed record, and those of blocks that were made otherwise before.
pub(crate) fn run_changes(
    plan: &BlockPlan,
    compared: &ComparedRecords,
    model: &TrainedModel,
    changes: &Changes<'_>,
) -> Result<KernelOutput> {
    let work = Work::Score(Scorer::new(model, compared)?);
    run_work(plan, 0..plan.unit_count(), compared.record_count(), &work, Some(changes))
}

fn run_work(
    plan: &BlockPlan,
    units: Range<usize>,
    records: usize,
    work: &Work<'_>,
    changes: Option<&Changes<'_>>,
) -> Result<KernelOutput> {
    if plan.record_count() != records || units.end > plan.unit_count() {
        return Err(ResolveError::Bug(format!(
            "units {units:?} of a plan of {} units over {} records are asked for {records} records",
            plan.unit_count(),
            plan.record_count(),
        ))
        .into());
    }
    let rules = plan.rules().len();
    let membership = Membership::new(plan.rules(), records);
    let settled = |rule: usize, block: u32| changes.is_some_and(|changes| plan.settled(rule, block, changes.before));
    let task = Task { plan, membership: &membership, work, touched: changes.map(|changes| changes.touched), settled };
    let step = |partial: Partial, unit: usize| task.compare(unit, partial);
    let partial =
        units.into_par_iter().fold(|| Partial::new(rules), step).reduce(|| Partial::new(rules), Partial::merge);
    Ok(KernelOutput {
        pattern_counts: partial.counts.into_iter().collect(),
        edges: strongest(partial.edges, STRONGEST),
        pairs: partial.pairs_by_rule.iter().sum(),
        pairs_by_rule: partial.pairs_by_rule,
    })
}

/// What is done with each pair.
enum Work<'a> {
    /// One pair in `each` is drawn: those whose number is at most `most`.
    Count {
        compared: &'a ComparedRecords,
        each: u64,
        most: u64,
    },
    Score(Scorer),
}

/// What one thread has found so far.
struct Partial {
    counts: HashMap<Pattern, u64, BuildPatternHasher>,
    edges: Vec<Edge>,
    pairs_by_rule: Vec<u64>,
}

impl Partial {
    fn new(rules: usize) -> Self {
        Self { counts: HashMap::default(), edges: Vec::new(), pairs_by_rule: vec![0; rules] }
    }

    fn merge(mut self, mut other: Self) -> Self {
        for (key, count) in other.counts {
            *self.counts.entry(key).or_default() += count;
        }
        self.edges.append(&mut other.edges);
        self.pairs_by_rule = added(self.pairs_by_rule, &other.pairs_by_rule);
        self
    }
}

/// All that is needed to compare the pairs of a unit.
struct Task<'a, F> {
    plan: &'a BlockPlan,
    membership: &'a Membership,
    work: &'a Work<'a>,
    /// Whether each row is new or changed; absent where all pairs are compared.
    touched: Option<&'a [bool]>,
    /// Whether a block, by rule and number, made its pairs before, so that those of unchanged records are known.
    settled: F,
}

impl<F: Fn(usize, u32) -> bool> Task<'_, F> {
    fn compare(&self, unit: usize, mut partial: Partial) -> Partial {
        for rows in self.plan.rows(unit) {
            let touched = self.touched.filter(|_| (self.settled)(rows.rule, rows.block));
            let is_touched = |row: u32| touched.is_none_or(|touched| touched[row as usize]);
            if touched.is_some() && !rows.members.iter().any(|row| is_touched(*row)) {
                continue;
            }
            for place in rows.places {
                let left = rows.members[place];
                let all = is_touched(left);
                for right in rows.members[place + 1..].iter().copied().filter(|right| all || is_touched(*right)) {
                    let stands_for = self.work.stands_for(left, right);
                    if stands_for > 0 && !self.membership.made_before(rows.rule, rows.block, left, right) {
                        partial.pairs_by_rule[rows.rule] += stands_for;
                        self.work.pair(left, right, &mut partial);
                    }
                }
            }
        }
        partial
    }
}

impl Work<'_> {
    /// How many pairs a pair counts for; none where it is not drawn.
    #[inline]
    fn stands_for(&self, left: u32, right: u32) -> u64 {
        match self {
            Self::Count { compared, each, most } if *each > 1 => {
                let names = compared.names();
                let number = hash::mix(names[left as usize] ^ names[right as usize]);
                if number <= *most { *each } else { 0 }
            }
            _ => 1,
        }
    }

    fn pair(&self, left: u32, right: u32, partial: &mut Partial) {
        match self {
            Self::Count { compared, each, .. } => {
                *partial.counts.entry(pattern(compared.comparisons(), left, right)).or_default() += each;
            }
            Self::Score(scorer) => {
                let edge = |(pattern, weight)| Edge { left, right, weight, pattern };
                partial.edges.extend(scorer.score(left, right).map(edge));
            }
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests;
