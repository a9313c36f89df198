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
use onefold_contract::comparison::PreparedComparison;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::blocking::{BlockIndex, Membership};
use crate::comparison::prepare;
use crate::error::ResolveError;
use crate::fellegi_sunter::{Scorer, TrainedModel, pattern};
use crate::hash::BuildPatternHasher;
use crate::spec::ModelSpec;
use crate::{Bits, BlockPlan, Pattern};

/// How many of its edges each record keeps: far more than a true entity needs, far fewer than a hub could make.
pub const STRONGEST: usize = 100;

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
    /// How many pairs have each pattern; empty when a model scored.
    pub pattern_counts: PatternCounts,
    /// The pairs at or above the review threshold, by left and right row; empty without a model.
    pub edges: Vec<Edge>,
    /// The pairs compared, each once.
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
    let mut degrees: HashMap<u32, usize> = HashMap::new();
    for edge in &edges {
        *degrees.entry(edge.left).or_default() += 1;
        *degrees.entry(edge.right).or_default() += 1;
    }
    if degrees.values().any(|degree| *degree > most) {
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
    let work = match scoring {
        None => Work::Count(prepare(model, records)?),
        Some(trained) => Work::Score(Scorer::new(trained, records)?),
    };
    run_work(plan, units, records.num_rows(), &work, None)
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
    records: &RecordBatch,
    model: &TrainedModel,
    changes: &Changes<'_>,
) -> Result<KernelOutput> {
    let work = Work::Score(Scorer::new(model, records)?);
    run_work(plan, 0..plan.unit_count(), records.num_rows(), &work, Some(changes))
}

fn run_work(
    plan: &BlockPlan,
    units: Range<usize>,
    records: usize,
    work: &Work,
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
    let memberships: Vec<Membership> = plan.rules().par_iter().map(|rule| Membership::new(rule, records)).collect();
    let settled = |rule: usize, block: u32| changes.is_some_and(|changes| plan.settled(rule, block, changes.before));
    let task = Task { plan, memberships: &memberships, work, touched: changes.map(|changes| changes.touched), settled };
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
enum Work {
    Count(Vec<Box<dyn PreparedComparison>>),
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
    memberships: &'a [Membership],
    work: &'a Work,
    /// Whether each row is new or changed; absent where all pairs are compared.
    touched: Option<&'a [bool]>,
    /// Whether a block, by rule and number, made its pairs before, so that those of unchanged records are known.
    settled: F,
}

impl<F: Fn(usize, u32) -> bool> Task<'_, F> {
    fn compare(&self, unit: usize, mut partial: Partial) -> Partial {
        for rows in self.plan.rows(unit) {
            let touched = self.touched.filter(|_| (self.settled)(rows.rule, rows.block));
            let (earlier, own) = (&self.memberships[..rows.rule], &self.memberships[rows.rule]);
            let is_touched = |row: u32| touched.is_none_or(|touched| touched[row as usize]);
            if touched.is_some() && !rows.members.iter().any(|row| is_touched(*row)) {
                continue;
            }
            for place in rows.places {
                let left = rows.members[place];
                let all = is_touched(left);
                for right in rows.members[place + 1..].iter().copied().filter(|right| all || is_touched(*right)) {
                    let made_before = earlier.iter().any(|rule| rule.first_shared(left, right).is_some())
                        || own.makes_earlier(rows.block, left, right);
                    if !made_before {
                        partial.pairs_by_rule[rows.rule] += 1;
                        self.work.pair(left, right, &mut partial);
                    }
                }
            }
        }
        partial
    }
}

impl Work {
    fn pair(&self, left: u32, right: u32, partial: &mut Partial) {
        match self {
            Self::Count(comparisons) => *partial.counts.entry(pattern(comparisons, left, right)).or_default() += 1,
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
