//! The whole way from records and a trained model to clusters.

use std::collections::BTreeSet;

use arrow::array::RecordBatch;
use onefold_contract::Result;
use onefold_contract::identity::RecordRef;
use serde::{Deserialize, Serialize};

use crate::clustering::{Clusters, Contradiction, cluster};
use crate::decision::Decision;
use crate::fellegi_sunter::TrainedModel;
use crate::kernel::{self, Edge, KernelOutput};
use crate::records::record_refs;
use crate::{BlockPlan, BlockingReport};

/// Which records are one entity, and what that rests on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
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
    let output = kernel::run(&plan, 0..plan.unit_count(), records, &model.spec, Some(model))?;
    resolve_from(records, model, &plan, output, decisions)
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
    let refs = record_refs(records)?;
    let clustering = cluster(&refs, &output.edges, model.link.weight, decisions);
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
    Ok(Resolution {
        blocking: plan.report(Some(&output.pairs_by_rule)),
        review,
        clusters: clustering.clusters,
        refused: clustering.refused,
        contradictions: clustering.contradictions,
        edges: output.edges,
        pairs: output.pairs,
    })
}
