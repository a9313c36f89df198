//! From edges to entities: connected components, with what stewards decided.
//!
//! Records connected by edges at or above the link threshold are one cluster. A component in which a cannot-link
//! decision stands is put together edge by edge, strongest first, and an edge that would unite what was decided to be
//! two is refused. The rejected alternative, cutting edges out of a finished component until it falls apart, gives
//! results that depend on which path is found first.

mod constraints;
mod union_find;

use std::collections::BTreeSet;

use onefold_contract::identity::RecordRef;
use serde::{Deserialize, Serialize};

use crate::Bits;
use crate::decision::Decision;
use crate::kernel::Edge;
use constraints::Constraints;
pub(crate) use union_find::UnionFind;

/// A partition of records.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Clusters {
    /// The cluster of every row: the smallest row in it.
    pub labels: Vec<u32>,
}

impl Clusters {
    /// The rows of every cluster, ascending, by smallest row.
    pub fn members(&self) -> Vec<Vec<u32>> {
        let mut place = vec![0u32; self.labels.len()];
        let mut members: Vec<Vec<u32>> = Vec::new();
        for (row, label) in self.labels.iter().enumerate() {
            // A label is the smallest row of its cluster, so it is met before any other row of it.
            if *label as usize == row {
                place[row] = members.len() as u32;
                members.push(Vec::new());
            }
            members[place[*label as usize] as usize].push(row as u32);
        }
        members
    }

    /// The number of clusters.
    pub fn count(&self) -> usize {
        self.labels.iter().enumerate().filter(|(row, label)| **label as usize == *row).count()
    }

    /// Whether two rows are in one cluster.
    pub fn together(&self, left: u32, right: u32) -> bool {
        self.labels[left as usize] == self.labels[right as usize]
    }
}

/// Decisions that cannot all hold: a chain of must-links between two records that a cannot-link keeps apart. Neither
/// side wins: the chain is left out, the cannot-link holds until a steward has looked, because unsure stays apart.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contradiction {
    /// The decision that keeps apart.
    pub cannot_link: Decision,
    /// The decisions that unite, from one of its records to the other.
    pub must_links: Vec<Decision>,
}

/// Clusters, and what stood against forming them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Clustering {
    /// The clusters.
    pub clusters: Clusters,
    /// Edges at or above the link threshold that a decision refused, strongest first.
    pub refused: Vec<Edge>,
    /// Clusters that decisions keep apart, by their labels, both ways round.
    pub apart: BTreeSet<(u32, u32)>,
    /// Decisions that cannot all hold.
    pub contradictions: Vec<Contradiction>,
}

/// Clusters the records `refs` by their edges. Decisions about records that are not there count as well: what was
/// decided through a third record holds after that record is gone.
pub fn cluster(refs: &[RecordRef], edges: &[Edge], link: Bits, decisions: &[Decision]) -> Clustering {
    let constraints = Constraints::new(refs, decisions);
    let mut sets = UnionFind::new(constraints.nodes);
    for (left, right) in &constraints.must {
        sets.union(*left, *right);
    }
    let united = sets.clone();
    let linked = || edges.iter().filter(|edge| edge.weight >= link);
    for edge in linked() {
        sets.union(edge.left, edge.right);
    }
    let contested: BTreeSet<u32> = constraints
        .cannot
        .iter()
        .map(|(left, right)| (sets.find(*left), sets.find(*right)))
        .filter(|(left, right)| left == right)
        .map(|(left, _)| left)
        .collect();
    let mut refused = Vec::new();
    if !contested.is_empty() {
        let (disputed, free): (Vec<Edge>, Vec<Edge>) =
            linked().partition(|edge| contested.contains(&sets.find(edge.left)));
        sets = united;
        for edge in &free {
            sets.union(edge.left, edge.right);
        }
        refused = constraints.agglomerate(&mut sets, disputed);
    }
    let mut labels = sets.labels();
    let label_pair = |(left, right): &(u32, u32)| (labels[*left as usize], labels[*right as usize]);
    let apart = constraints.cannot.iter().map(label_pair).flat_map(|(left, right)| [(left, right), (right, left)]);
    let apart = apart.collect();
    // Records that are not there come after all that are, so no label names one of them.
    labels.truncate(refs.len());
    Clustering { clusters: Clusters { labels }, refused, apart, contradictions: constraints.contradictions }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests;
