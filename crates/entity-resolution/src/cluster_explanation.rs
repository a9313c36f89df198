//! Why records stand together, and why they do not.
//!
//! A cluster is explained by the maximum spanning tree of its edges (J. Kruskal, 1956): between any two members the
//! strongest way there is runs along it, and its weakest edge is the bridge on which the cluster hangs.

use std::collections::{BTreeMap, VecDeque};

use arrow::array::RecordBatch;
use onefold_contract::Result;
use onefold_contract::identity::RecordRef;
use serde::{Deserialize, Serialize};

use crate::Bits;
use crate::blocking::BlockPlan;
use crate::clustering::UnionFind;
use crate::error::ResolveError;
use crate::fellegi_sunter::{Explanation, TrainedModel, explain};
use crate::kernel::Edge;
use crate::resolution::Resolution;

/// Two records of a cluster and how sure it is that they are one entity.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Link {
    /// One record.
    pub left: RecordRef,
    /// The other.
    pub right: RecordRef,
    /// Their match weight.
    pub weight: Bits,
    /// The probability of a match at that weight.
    pub probability: f64,
}

/// The edge on which a cluster hangs, and what it holds together.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Bridge {
    /// The edge.
    pub link: Link,
    /// The records on its one side.
    pub left: Vec<RecordRef>,
    /// The records on its other side.
    pub right: Vec<RecordRef>,
}

/// What a cluster rests on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ClusterExplanation {
    /// Its records.
    pub records: Vec<RecordRef>,
    /// Its edges, the strongest first.
    pub links: Vec<Link>,
    /// Its weakest bridge; absent where it has one record, or where decisions alone hold it together.
    pub weakest_bridge: Option<Bridge>,
}

/// Why two records are not one entity, or that they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum WhyNot {
    /// They are one entity.
    Together,
    /// A steward decided that they are two, or that records they belong with are.
    Decided,
    /// No blocking rule brings them together, so they were never compared.
    NeverCompared,
    /// Their weight is below the review threshold.
    BelowReview,
    /// Their weight is at or above the review threshold and below the link threshold.
    BelowLink,
    /// They look like one, but what is known of the records they belong with speaks against it.
    Outweighed,
}

/// Why two records are not one entity, with what that rests on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WhyNotExplanation {
    /// The reason.
    pub reason: WhyNot,
    /// The blocking rules that bring them together.
    pub made_by: Vec<String>,
    /// Their weight, explained.
    pub pair: Explanation,
}

/// The strongest edges that connect what edges can connect.
fn spanning_tree(edges: &[Edge]) -> Vec<Edge> {
    let mut order: Vec<Edge> = edges.to_vec();
    order.sort_unstable_by_key(|edge| (std::cmp::Reverse(edge.weight), edge.left, edge.right));
    let mut places: BTreeMap<u32, u32> = BTreeMap::new();
    for row in order.iter().flat_map(|edge| [edge.left, edge.right]) {
        let next = places.len() as u32;
        places.entry(row).or_insert(next);
    }
    let mut sets = UnionFind::new(places.len());
    order.into_iter().filter(|edge| sets.union(places[&edge.left], places[&edge.right]).is_some()).collect()
}

/// The edges on the way from one row to another along a tree; none where there is no way.
fn way(tree: &[Edge], from: u32, to: u32) -> Vec<Edge> {
    let mut reached: BTreeMap<u32, Option<(u32, Edge)>> = BTreeMap::from([(from, None)]);
    let mut queue = VecDeque::from([from]);
    while let Some(at) = queue.pop_front() {
        for edge in tree.iter().filter(|edge| edge.left == at || edge.right == at) {
            let next = if edge.left == at { edge.right } else { edge.left };
            reached.entry(next).or_insert_with(|| {
                queue.push_back(next);
                Some((at, *edge))
            });
        }
    }
    let (mut way, mut at) = (Vec::new(), to);
    while let Some(Some((before, edge))) = reached.get(&at) {
        way.push(*edge);
        at = *before;
    }
    way.reverse();
    way
}

impl Resolution {
    fn link(refs: &[RecordRef], edge: &Edge) -> Link {
        let address = |row: u32| refs[row as usize].clone();
        let (left, right) = (address(edge.left), address(edge.right));
        Link { left, right, weight: edge.weight, probability: edge.probability() }
    }

    /// The edges inside the cluster of a row.
    fn edges_around(&self, row: u32) -> Vec<Edge> {
        let labels = &self.clusters.labels;
        let label = labels.get(row as usize);
        let inside = |edge: &&Edge| labels.get(edge.left as usize) == label && labels.get(edge.right as usize) == label;
        self.edges.iter().filter(inside).copied().collect()
    }

    /// What the cluster of a row rests on. `refs` are the addresses of all records.
    pub fn explain_cluster(&self, refs: &[RecordRef], row: u32) -> ClusterExplanation {
        let label = self.clusters.labels.get(row as usize);
        let rows = (0..refs.len()).filter(|other| self.clusters.labels.get(*other) == label);
        let mut edges = self.edges_around(row);
        edges.sort_unstable_by_key(|edge| (std::cmp::Reverse(edge.weight), edge.left, edge.right));
        let tree = spanning_tree(&edges);
        let weakest_bridge = tree.last().map(|weakest| {
            let rest = &tree[..tree.len() - 1];
            let side = |start: u32| {
                let near = |other: &u32| *other == start || !way(rest, start, *other).is_empty();
                let mut rows: Vec<u32> = tree.iter().flat_map(|edge| [edge.left, edge.right]).filter(near).collect();
                rows.sort_unstable();
                rows.dedup();
                rows.into_iter().map(|row| refs[row as usize].clone()).collect()
            };
            Bridge { link: Self::link(refs, weakest), left: side(weakest.left), right: side(weakest.right) }
        });
        ClusterExplanation {
            records: rows.map(|row| refs[row].clone()).collect(),
            links: edges.iter().map(|edge| Self::link(refs, edge)).collect(),
            weakest_bridge,
        }
    }

    /// The strongest way between two members of a cluster: of all ways, the one whose weakest edge is strongest. Empty
    /// where there is none but a decision.
    pub fn path(&self, refs: &[RecordRef], from: u32, to: u32) -> Vec<Link> {
        let tree = spanning_tree(&self.edges_around(from));
        way(&tree, from, to).iter().map(|edge| Self::link(refs, edge)).collect()
    }

    /// Why two records are not one entity.
    ///
    /// # Errors
    /// A row is not there, or the records are not those that were resolved.
    pub fn why_not(
        &self,
        records: &RecordBatch,
        plan: &BlockPlan,
        model: &TrainedModel,
        left: u32,
        right: u32,
    ) -> Result<WhyNotExplanation> {
        if plan.record_count() != records.num_rows() || self.clusters.labels.len() != records.num_rows() {
            return Err(ResolveError::Bug("the records are not those that were resolved".to_owned()).into());
        }
        let pair = explain(records, left, right, model)?;
        let makes = |rule: &&crate::blocking::RuleBlocks| {
            let holds = |block: u32, row: u32| rule.block(block).binary_search(&row).is_ok();
            (0..rule.blocks()).any(|block| holds(block, left) && holds(block, right))
        };
        let made_by: Vec<String> = plan.rules().iter().filter(makes).map(|rule| rule.name().to_owned()).collect();
        let labels = (self.clusters.labels[left as usize], self.clusters.labels[right as usize]);
        let reason = if labels.0 == labels.1 {
            WhyNot::Together
        } else if self.apart.contains(&labels) {
            WhyNot::Decided
        } else if made_by.is_empty() {
            WhyNot::NeverCompared
        } else if pair.weight < model.review.weight {
            WhyNot::BelowReview
        } else if pair.weight < model.link.weight {
            WhyNot::BelowLink
        } else {
            WhyNot::Outweighed
        };
        Ok(WhyNotExplanation { reason, made_by, pair })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;
    use crate::clustering::Clusters;
    use crate::records::record_refs;
    use crate::testing::{address, people, people_model};
    use crate::{BlockingReport, Decision, DecisionKind, Pattern, resolve, train};

    fn resolved(edges: &[(u32, u32, f64)], records: usize) -> (Resolution, Vec<RecordRef>) {
        let edge = |(left, right, weight): &(u32, u32, f64)| Edge {
            left: *left,
            right: *right,
            weight: Bits::new(*weight),
            pattern: Pattern::default(),
        };
        let resolution = Resolution {
            clusters: Clusters { labels: vec![0; records] },
            edges: edges.iter().map(edge).collect(),
            review: vec![],
            refused: vec![],
            pairs: 0,
            blocking: BlockingReport { rules: vec![], loss: None },
            contradictions: vec![],
            apart: std::collections::BTreeSet::new(),
        };
        (resolution, (0..records).map(address).collect())
    }

    #[test]
    fn a_cluster_hangs_on_its_weakest_bridge() {
        // Two triangles, joined by a weak edge and a weaker one.
        let edges =
            [(0, 1, 9.0), (0, 2, 8.0), (1, 2, 1.0), (3, 4, 7.0), (4, 5, 9.0), (3, 5, 2.0), (2, 3, 3.0), (1, 4, 2.5)];
        let (resolution, refs) = resolved(&edges, 6);
        let explained = resolution.explain_cluster(&refs, 4);
        assert_eq!((explained.records.len(), explained.links.len()), (6, 8));
        let bridge = explained.weakest_bridge.unwrap();
        assert_eq!(bridge.link.weight, Bits::new(3.0));
        assert_eq!(bridge.left, refs[..3]);
        assert_eq!(bridge.right, refs[3..]);
        let path: Vec<f64> = resolution.path(&refs, 1, 5).iter().map(|link| link.weight.as_f64()).collect();
        assert_eq!(path, [9.0, 8.0, 3.0, 7.0, 9.0]);
        assert!(resolution.path(&refs, 3, 3).is_empty());
    }

    #[test]
    fn every_reason_for_standing_apart_is_given() {
        let (records, _) = people(11, 500, 0.5);
        let mut spec = people_model();
        spec.thresholds.review = 1e-9;
        let model = train(&records, &spec).unwrap();
        let plan = BlockPlan::new(&records, &model.spec).unwrap();
        let refs = record_refs(&records).unwrap();
        let free = resolve(&records, &model, &[]).unwrap();
        let linked = free.edges.iter().find(|e| free.clusters.together(e.left, e.right)).unwrap();
        let why = |resolution: &Resolution, edge: &Edge| {
            resolution.why_not(&records, &plan, &model, edge.left, edge.right).unwrap()
        };
        let together = why(&free, linked);
        assert_eq!(together.reason, WhyNot::Together);
        assert!(!together.made_by.is_empty() && together.pair.weight == linked.weight);
        let decision = Decision {
            left: refs[linked.left as usize].clone(),
            right: refs[linked.right as usize].clone(),
            kind: DecisionKind::CannotLink,
        };
        assert_eq!(why(&resolve(&records, &model, &[decision]).unwrap(), linked).reason, WhyNot::Decided);
        let review = free.review.first().unwrap();
        assert_eq!(why(&free, review).reason, WhyNot::BelowLink);
        let rows = 0..records.num_rows() as u32;
        let reasons: Vec<WhyNot> =
            rows.skip(1).map(|row| free.why_not(&records, &plan, &model, 0, row).unwrap().reason).collect();
        assert!(reasons.contains(&WhyNot::NeverCompared));
    }
}
