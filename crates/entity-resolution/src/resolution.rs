//! The whole way from records and a trained model to clusters.

use std::collections::BTreeSet;

use arrow::array::RecordBatch;
use onefold_contract::Result;
use onefold_contract::identity::RecordRef;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::blocking::Membership;
use crate::clustering::{Clusters, Contradiction, cluster_by_evidence};
use crate::compared::ComparedRecords;
use crate::decision::Decision;
use crate::fellegi_sunter::{Scorer, TrainedModel};
use crate::kernel::{self, Edge, KernelOutput};
use crate::records::record_refs;
use crate::{BlockPlan, BlockingReport, RecallLoss};

/// Which records are one entity, and what that rests on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Resolution {
    /// The clusters, by row.
    pub clusters: Clusters,
    /// All pairs at or above the review threshold.
    pub edges: Vec<Edge>,
    /// Pairs a steward should look at: at or above the review and below the link threshold, in different clusters, and
    /// not decided, through third records either; the likeliest first.
    pub review: Vec<Edge>,
    /// Pairs at or above the link threshold that a decision keeps apart, the strongest first.
    pub refused: Vec<Edge>,
    /// The pairs that were compared.
    pub pairs: u64,
    /// What blocking did.
    pub blocking: BlockingReport,
    /// Decisions that cannot all hold.
    pub contradictions: Vec<Contradiction>,
    /// Clusters that decisions keep apart, by their labels, both ways round.
    pub apart: BTreeSet<(u32, u32)>,
}

impl Resolution {
    /// The clusters as addresses, by smallest address; what [`crate::IdentityState::assign`] takes.
    pub fn cluster_refs(&self, refs: &[RecordRef]) -> Vec<Vec<RecordRef>> {
        let of_rows = |rows: Vec<u32>| rows.into_iter().map(|row| refs[row as usize].clone()).collect();
        self.clusters.members().into_iter().map(of_rows).collect()
    }
}

/// Resolves records with a trained model and what stewards decided.
///
/// # Errors
/// The records lack a column of the model.
pub fn resolve(records: &RecordBatch, model: &TrainedModel, decisions: &[Decision]) -> Result<Resolution> {
    let plan = BlockPlan::new(records, &model.spec)?;
    let compared = ComparedRecords::new(records, &model.spec)?;
    let output = kernel::score(&plan, 0..plan.unit_count(), &compared, model)?;
    resolve_compared(records, &compared, model, &plan, output, decisions)
}

/// Resolves records from what the kernel found in all units of a plan, wherever it ran.
///
/// # Errors
/// The records lack their lineage columns.
pub fn resolve_from(
    records: &RecordBatch,
    model: &TrainedModel,
    plan: &BlockPlan,
    output: KernelOutput,
    decisions: &[Decision],
) -> Result<Resolution> {
    let compared = ComparedRecords::new(records, &model.spec)?;
    resolve_compared(records, &compared, model, plan, output, decisions)
}

/// As [`resolve_from`], for records that are at hand as the model compares them.
///
/// # Errors
/// The records lack their lineage columns, or were prepared for another model.
pub fn resolve_compared(
    records: &RecordBatch,
    compared: &ComparedRecords,
    model: &TrainedModel,
    plan: &BlockPlan,
    output: KernelOutput,
    decisions: &[Decision],
) -> Result<Resolution> {
    let refs = record_refs(records)?;
    let scorer = Scorer::new(model, compared)?;
    let once = &model.spec.clustering.one_per_source;
    let clustering = cluster_by_evidence(&refs, &output.edges, model.link.weight, decisions, once, &scorer);
    let decided: BTreeSet<(&RecordRef, &RecordRef)> =
        decisions.iter().flat_map(|d| [(&d.left, &d.right), (&d.right, &d.left)]).collect();
    let labels = &clustering.clusters.labels;
    let open = |edge: &&Edge| {
        let (left, right) = (labels[edge.left as usize], labels[edge.right as usize]);
        edge.weight < model.link.weight
            && left != right
            && !clustering.apart.contains(&(left, right))
            && !decided.contains(&(&refs[edge.left as usize], &refs[edge.right as usize]))
    };
    let mut review: Vec<Edge> = output.edges.iter().filter(open).copied().collect();
    review.sort_unstable_by_key(|edge| (std::cmp::Reverse(edge.weight), edge.left, edge.right));
    let mut blocking = plan.report(Some(&output.pairs_by_rule));
    blocking.loss = recall_loss(records.num_rows(), plan, &scorer, &output.edges);
    Ok(Resolution {
        blocking,
        review,
        clusters: clustering.clusters,
        refused: clustering.refused,
        contradictions: clustering.contradictions,
        apart: clustering.apart,
        edges: output.edges,
        pairs: output.pairs,
    })
}

/// What cutting oversized blocks is estimated to lose: pairs drawn out of them that no rule makes are scored.
fn recall_loss(records: usize, plan: &BlockPlan, scorer: &Scorer, edges: &[Edge]) -> Option<RecallLoss> {
    let pairs: u64 = plan.samples().map(|(pairs, _)| pairs).sum();
    if pairs == 0 {
        return None;
    }
    let membership = Membership::new(plan.rules(), records);
    let made = |(left, right): (u32, u32)| membership.made(left, right);
    let (mut lost, mut variance, mut sampled) = (0.0, 0.0, 0);
    for (stands_for, sample) in plan.samples().filter(|(_, sample)| !sample.is_empty()) {
        let of_pair = |pair: &(u32, u32)| if made(*pair) { 0.0 } else { scorer.weigh(pair.0, pair.1).1.probability() };
        let probabilities: Vec<f64> = sample.par_iter().map(of_pair).collect();
        let count = probabilities.len() as f64;
        let mean = probabilities.iter().sum::<f64>() / count;
        let spread = probabilities.iter().map(|p| (p - mean).powi(2)).sum::<f64>() / count;
        lost += mean * stands_for as f64;
        // One match more than was seen bounds what a sample without any can tell.
        variance += (stands_for as f64).powi(2) * spread.max(mean.max(1.0 / count) / count) / count;
        sampled += sample.len() as u64;
    }
    let found: f64 = edges.iter().map(Edge::probability).sum();
    let share = |lost: f64| if lost <= 0.0 { 0.0 } else { lost / (lost + found) };
    let margin = 1.96 * variance.sqrt();
    Some(RecallLoss { pairs, sampled, share: share(lost), low: share(lost - margin), high: share(lost + margin) })
}
