//! Decisions as constraints on numbered records.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};

use onefold_contract::identity::RecordRef;

use super::{Contradiction, UnionFind};
use crate::decision::{Decision, DecisionKind};
use crate::kernel::Edge;

/// Decisions that can hold together, and those that cannot.
pub(super) struct Constraints {
    /// The records and, after them, those that decisions name but that are not there.
    pub(super) nodes: usize,
    /// Pairs that are one entity.
    pub(super) must: Vec<(u32, u32)>,
    /// Pairs that are two.
    pub(super) cannot: Vec<(u32, u32)>,
    /// What cannot hold together, taken out of `must`.
    pub(super) contradictions: Vec<Contradiction>,
}

impl Constraints {
    /// Numbers the records of decisions and takes out what contradicts.
    pub(super) fn new(refs: &[RecordRef], decisions: &[Decision]) -> Self {
        // A decision about a record and itself says nothing.
        let decisions: BTreeSet<&Decision> = decisions.iter().filter(|d| d.left != d.right).collect();
        let named: BTreeSet<&RecordRef> = decisions.iter().flat_map(|d| [&d.left, &d.right]).collect();
        let mut numbers: HashMap<&RecordRef, u32> = HashMap::new();
        if !named.is_empty() {
            let known = refs.iter().enumerate().filter(|(_, record)| named.contains(record));
            numbers.extend(known.map(|(row, record)| (record, row as u32)));
        }
        let mut nodes = refs.len();
        for record in named {
            numbers.entry(record).or_insert_with(|| {
                nodes += 1;
                nodes as u32 - 1
            });
        }
        let numbered = |kind: DecisionKind| {
            let of_kind = decisions.iter().filter(move |d| d.kind == kind);
            of_kind.map(|d| (numbers[&d.left], numbers[&d.right], *d)).collect::<Vec<_>>()
        };
        let cannot = numbered(DecisionKind::CannotLink);
        let (must, contradictions) = without_contradictions(nodes, numbered(DecisionKind::MustLink), &cannot);
        let cannot = cannot.into_iter().map(|(left, right, _)| (left, right)).collect();
        Self { nodes, must, cannot, contradictions }
    }

    /// Unites along edges, strongest first, unless that would unite what is decided to be two.
    pub(super) fn agglomerate(&self, sets: &mut UnionFind, mut edges: Vec<Edge>) {
        let mut enemies: BTreeMap<u32, BTreeSet<u32>> = BTreeMap::new();
        for (left, right) in &self.cannot {
            let (left, right) = (sets.find(*left), sets.find(*right));
            enemies.entry(left).or_default().insert(right);
            enemies.entry(right).or_default().insert(left);
        }
        edges.sort_unstable_by_key(|edge| (std::cmp::Reverse(edge.weight), edge.left, edge.right));
        for edge in edges {
            let (left, right) = (sets.find(edge.left), sets.find(edge.right));
            if enemies.get(&left).is_some_and(|of_left| of_left.contains(&right)) {
                continue;
            }
            if let Some(goes) = sets.union(left, right) {
                let stays = sets.find(goes);
                for enemy in enemies.remove(&goes).unwrap_or_default() {
                    enemies.entry(enemy).or_default().remove(&goes);
                    enemies.entry(enemy).or_default().insert(stays);
                    enemies.entry(stays).or_default().insert(enemy);
                }
            }
        }
    }
}

type Numbered<'a> = (u32, u32, &'a Decision);

/// Takes out the shortest chain of must-links between the records of a cannot-link, until none is left.
fn without_contradictions(
    nodes: usize,
    mut must: Vec<Numbered<'_>>,
    cannot: &[Numbered<'_>],
) -> (Vec<(u32, u32)>, Vec<Contradiction>) {
    let mut contradictions = Vec::new();
    for (left, right, decision) in cannot {
        loop {
            let mut sets = UnionFind::new(nodes);
            for (a, b, _) in &must {
                sets.union(*a, *b);
            }
            if sets.find(*left) != sets.find(*right) {
                break;
            }
            let chain = chain(&must, *left, *right);
            let must_links = chain.iter().map(|place| must[*place].2.clone()).collect();
            contradictions.push(Contradiction { cannot_link: (*decision).clone(), must_links });
            let taken_out: BTreeSet<usize> = chain.into_iter().collect();
            let mut place = 0;
            must.retain(|_| {
                place += 1;
                !taken_out.contains(&(place - 1))
            });
        }
    }
    (must.into_iter().map(|(left, right, _)| (left, right)).collect(), contradictions)
}

/// The places of the must-links on the shortest way between two records, by breadth first.
fn chain(must: &[Numbered<'_>], from: u32, to: u32) -> Vec<usize> {
    let mut neighbours: BTreeMap<u32, Vec<(u32, usize)>> = BTreeMap::new();
    for (place, (left, right, _)) in must.iter().enumerate() {
        neighbours.entry(*left).or_default().push((*right, place));
        neighbours.entry(*right).or_default().push((*left, place));
    }
    let mut reached: BTreeMap<u32, Option<(u32, usize)>> = BTreeMap::from([(from, None)]);
    let mut queue = VecDeque::from([from]);
    while let Some(at) = queue.pop_front() {
        for (next, place) in neighbours.get(&at).into_iter().flatten() {
            reached.entry(*next).or_insert_with(|| {
                queue.push_back(*next);
                Some((at, *place))
            });
        }
    }
    let (mut way, mut at) = (Vec::new(), to);
    while let Some(Some((before, place))) = reached.get(&at) {
        way.push(*place);
        at = *before;
    }
    way.reverse();
    way
}
