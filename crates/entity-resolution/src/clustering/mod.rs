//! From edges to entities: connected components first, then agglomeration inside each, with what stewards decided.
//!
//! Components are found in memory of a few bytes a record. Inside a component of more than two records, clusters are put
//! together best first while the evidence between them, averaged over all their records, is at or above the link
//! threshold (`agglomeration`); what was decided to be two, also through third records, and two records of a source
//! that holds every entity once, are never united. The rejected alternative, cutting edges out of a finished component
//! until it falls apart, gives results that depend on which path is found first.

mod agglomeration;
mod constraints;
mod union_find;

use std::collections::BTreeSet;

use onefold_contract::identity::RecordRef;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::Bits;
use crate::decision::Decision;
use crate::hash;
use crate::kernel::Edge;
pub(crate) use agglomeration::{Evidence, Ratios, Sum};
use agglomeration::{Group, Neighbours, agglomerate};
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

/// Clusters the records `refs` by edges alone: what edges at or above the link threshold connect is one cluster, unless
/// decisions keep it apart. Decisions about records that are not there count as well: what was decided through a third
/// record holds after that record is gone.
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
    if !contested.is_empty() {
        let (disputed, free): (Vec<Edge>, Vec<Edge>) =
            linked().partition(|edge| contested.contains(&sets.find(edge.left)));
        sets = united;
        for edge in &free {
            sets.union(edge.left, edge.right);
        }
        constraints.agglomerate(&mut sets, disputed);
    }
    finished(refs, edges, link, constraints, sets)
}

/// Clusters the records `refs` by the evidence between whole clusters. `edges` say which records are worth asking about;
/// `once` names the sources that hold every entity once.
pub(crate) fn cluster_by_evidence<E: Evidence>(
    refs: &[RecordRef],
    edges: &[Edge],
    link: Bits,
    decisions: &[Decision],
    once: &[String],
    evidence: &E,
) -> Clustering {
    let constraints = Constraints::new(refs, decisions);
    let mut sets = UnionFind::new(constraints.nodes);
    for (left, right) in &constraints.must {
        sets.union(*left, *right);
    }
    let united = sets.clone();
    for edge in edges {
        sets.union(edge.left, edge.right);
    }
    let components = Components { refs, link, constraints: &constraints, once, united, joined: sets.labels() };
    let merges: Vec<(u32, u32)> = components
        .with_edges(edges)
        .into_par_iter()
        .flat_map_iter(|edges| components.clusters(&edges, evidence))
        .collect();
    let mut sets = components.united;
    for (left, right) in merges {
        sets.union(left, right);
    }
    finished(refs, edges, link, constraints, sets)
}

/// The clusters of finished sets, and the edges that a decision refused.
fn finished(refs: &[RecordRef], edges: &[Edge], link: Bits, constraints: Constraints, sets: UnionFind) -> Clustering {
    let mut labels = sets.labels();
    let label_pair = |(left, right): &(u32, u32)| (labels[*left as usize], labels[*right as usize]);
    let apart = constraints.cannot.iter().map(label_pair).flat_map(|(left, right)| [(left, right), (right, left)]);
    let apart: BTreeSet<(u32, u32)> = apart.collect();
    let is_refused = |edge: &&Edge| {
        edge.weight >= link && apart.contains(&(labels[edge.left as usize], labels[edge.right as usize]))
    };
    let mut refused: Vec<Edge> =
        if apart.is_empty() { Vec::new() } else { edges.iter().filter(is_refused).copied().collect() };
    refused.sort_unstable_by_key(|edge| (std::cmp::Reverse(edge.weight), edge.left, edge.right));
    // Records that are not there come after all that are, so no label names one of them.
    labels.truncate(refs.len());
    Clustering { clusters: Clusters { labels }, refused, apart, contradictions: constraints.contradictions }
}

/// Connected components, and what holds in them.
struct Components<'a> {
    refs: &'a [RecordRef],
    link: Bits,
    constraints: &'a Constraints,
    once: &'a [String],
    /// Sets of records that decisions unite.
    united: UnionFind,
    /// The component of every record.
    joined: Vec<u32>,
}

impl Components<'_> {
    /// The edges of every component that has any.
    fn with_edges(&self, edges: &[Edge]) -> Vec<Vec<Edge>> {
        let mut place: Vec<u32> = vec![u32::MAX; self.joined.len()];
        let mut components: Vec<Vec<Edge>> = Vec::new();
        for edge in edges {
            let place = &mut place[self.joined[edge.left as usize] as usize];
            if *place == u32::MAX {
                *place = components.len() as u32;
                components.push(Vec::new());
            }
            components[*place as usize].push(*edge);
        }
        components
    }

    /// The records of a component to unite.
    fn clusters<E: Evidence>(&self, edges: &[Edge], evidence: &E) -> Vec<(u32, u32)> {
        let free = self.constraints.must.is_empty() && self.constraints.cannot.is_empty() && self.once.is_empty();
        if let ([edge], true) = (edges, free) {
            // Two records: their weight is all the evidence there is.
            return if edge.weight >= self.link { vec![(edge.left, edge.right)] } else { Vec::new() };
        }
        let set = |row: u32| self.united.root(row);
        let mut names: Vec<u32> = edges.iter().flat_map(|edge| [set(edge.left), set(edge.right)]).collect();
        names.sort_unstable();
        names.dedup();
        let place = |row: u32| names.partition_point(|name| *name < set(row));
        let groups = self.groups(edges, &names);
        let mut pairs: Vec<Neighbours> = edges
            .iter()
            .map(|edge| ((place(edge.left), place(edge.right)), edge))
            .filter(|((left, right), _)| left != right)
            .map(|((left, right), edge)| {
                let alone = groups[left].rows.len() == 1 && groups[right].rows.len() == 1;
                ((left.min(right), left.max(right)), alone.then_some(*edge))
            })
            .collect();
        pairs.sort_unstable();
        pairs.dedup_by_key(|(places, _)| *places);
        let labels = agglomerate(groups, &pairs, evidence, self.link);
        labels.into_iter().enumerate().map(|(place, label)| (names[label], names[place])).collect()
    }

    /// The groups of a component, by their places.
    fn groups(&self, edges: &[Edge], names: &[u32]) -> Vec<Group> {
        let mut groups = vec![Group { name: u64::MAX, ..Group::default() }; names.len()];
        let mut rows: Vec<u32> = edges.iter().flat_map(|edge| [edge.left, edge.right]).collect();
        rows.sort_unstable();
        rows.dedup();
        let mut by_name: Vec<(u64, u32)> = rows.into_iter().map(|row| (self.name(row), row)).collect();
        by_name.sort_unstable();
        for (name, row) in by_name {
            let group = &mut groups[names.partition_point(|other| *other < self.united.root(row))];
            group.name = group.name.min(name);
            group.rows.push(row);
            let source = &self.refs[row as usize].source;
            group.sources.extend(self.once.iter().position(|once| once == source).map(|place| place as u16));
        }
        for (left, right) in &self.constraints.cannot {
            let of = |row: u32| names.binary_search(&self.united.root(row)).ok();
            if let (Some(left), Some(right)) = (of(*left), of(*right)) {
                groups[left].apart.insert(right);
                groups[right].apart.insert(left);
            }
        }
        groups
    }

    fn name(&self, row: u32) -> u64 {
        let address = &self.refs[row as usize];
        hash::join(hash::of_text(&address.source), hash::of_text(&address.source_key))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests;
