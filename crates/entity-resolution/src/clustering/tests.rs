use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::Pattern;
use crate::decision::DecisionKind::{self, CannotLink, MustLink};
use crate::testing::address;

fn edge((left, right, weight): (u32, u32, i8)) -> Edge {
    Edge {
        left: left.min(right),
        right: left.max(right),
        weight: Bits::new(f64::from(weight)),
        pattern: Pattern::default(),
    }
}

fn decision(left: usize, right: usize, kind: DecisionKind) -> Decision {
    Decision { left: address(left), right: address(right), kind }
}

fn clustered(records: usize, edges: &[(u32, u32, i8)], decisions: &[Decision]) -> Clustering {
    let refs: Vec<RecordRef> = (0..records).map(address).collect();
    let edges: Vec<Edge> = edges.iter().copied().map(edge).collect();
    cluster(&refs, &edges, Bits::ZERO, decisions)
}

/// The smallest record that each record can reach.
fn reached(records: usize, pairs: &[(u32, u32)]) -> Vec<u32> {
    let mut neighbours: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
    for (left, right) in pairs {
        neighbours.entry(*left).or_default().push(*right);
        neighbours.entry(*right).or_default().push(*left);
    }
    let smallest = |from: u32| {
        let (mut seen, mut queue) = (BTreeSet::from([from]), vec![from]);
        while let Some(at) = queue.pop() {
            queue.extend(neighbours.get(&at).into_iter().flatten().filter(|next| seen.insert(**next)));
        }
        seen.into_iter().next().unwrap()
    };
    (0..records as u32).map(smallest).collect()
}

proptest! {
    #[test]
    fn clusters_are_what_a_search_reaches(edges in proptest::collection::vec((0u32..40, 0u32..40, -3i8..9), 0..60)) {
        let found = clustered(40, &edges, &[]);
        let linked: Vec<(u32, u32)> = edges.iter().filter(|e| e.2 >= 0).map(|e| (e.0, e.1)).collect();
        prop_assert_eq!(&found.clusters.labels, &reached(40, &linked));
        let members = found.clusters.members();
        prop_assert_eq!(members.len(), found.clusters.count());
        prop_assert_eq!(members.iter().map(Vec::len).sum::<usize>(), 40);
        for rows in members {
            prop_assert!(rows.is_sorted() && rows.iter().all(|row| found.clusters.labels[*row as usize] == rows[0]));
        }
    }

    #[test]
    fn decisions_hold_whatever_the_edges_say(
        edges in proptest::collection::vec((0u32..20, 0u32..20, -3i8..9), 0..60),
        // Records 20 to 24 are named by decisions and are not there.
        decided in proptest::collection::vec((0usize..25, 0usize..25, any::<bool>()), 0..12),
        shuffle in any::<prop::sample::Index>(),
    ) {
        let decisions: Vec<Decision> =
            decided.iter().map(|(l, r, must)| decision(*l, *r, if *must { MustLink } else { CannotLink })).collect();
        let edges: Vec<(u32, u32, i8)> = edges.into_iter().filter(|e| e.0 != e.1).collect();
        let found = clustered(20, &edges, &decisions);
        let suspended: Vec<&Decision> = found.contradictions.iter().flat_map(|c| &c.must_links).collect();
        let row = |record: &RecordRef| record.source_key.parse::<u32>().unwrap();
        let must: Vec<(u32, u32)> = decisions
            .iter()
            .filter(|d| d.kind == MustLink && !suspended.contains(d))
            .map(|d| (row(&d.left), row(&d.right)))
            .collect();
        // Together with what must be linked, also through records that are not there ...
        let must_reach = reached(25, &must);
        for (left, right) in (0..20).flat_map(|l| (0..20).map(move |r| (l, r))) {
            if must_reach[left] == must_reach[right] {
                prop_assert!(found.clusters.together(left as u32, right as u32));
            }
        }
        // ... nothing is that cannot be: the clusters, joined by every must-link, hold no pair that cannot link.
        let of_clusters: Vec<(u32, u32)> = found.clusters.labels.iter().enumerate().map(|(r, l)| (r as u32, *l)).collect();
        let closure = reached(25, &[of_clusters, must].concat());
        for cannot in decisions.iter().filter(|d| d.kind == CannotLink && d.left != d.right) {
            let (left, right) = (row(&cannot.left) as usize, row(&cannot.right) as usize);
            prop_assert_ne!(closure[left], closure[right]);
        }
        // Chains of a contradiction lead from one of its records to the other.
        for contradiction in &found.contradictions {
            let links: Vec<(u32, u32)> = contradiction.must_links.iter().map(|d| (row(&d.left), row(&d.right))).collect();
            let ends = [&contradiction.cannot_link.left, &contradiction.cannot_link.right].map(|r| row(r) as usize);
            let chain = reached(25, &links);
            prop_assert_eq!(chain[ends[0]], chain[ends[1]]);
        }
        // The order in which edges and decisions come does not matter.
        let (mut other_edges, mut other_decisions) = (edges.clone(), decisions.clone());
        other_edges.rotate_left(shuffle.index(edges.len().max(1)).min(edges.len()));
        other_decisions.rotate_left(shuffle.index(decisions.len().max(1)).min(decisions.len()));
        prop_assert_eq!(clustered(20, &other_edges, &other_decisions), found);
    }
}

#[test]
fn the_weakest_link_gives_way() {
    let chain = [(0, 1, 9), (1, 2, 2), (2, 3, 8)];
    let found = clustered(4, &chain, &[decision(0, 3, CannotLink)]);
    assert_eq!(found.clusters.labels, [0, 0, 2, 2]);
    assert_eq!(found.refused, [edge((1, 2, 2))]);
    assert!(found.apart.contains(&(0, 2)) && found.apart.contains(&(2, 0)));
}

#[test]
fn a_record_that_is_gone_still_joins_and_parts() {
    let decisions = [decision(0, 9, MustLink), decision(9, 1, MustLink), decision(9, 2, CannotLink)];
    let found = clustered(3, &[(1, 2, 9)], &decisions);
    assert_eq!(found.clusters.labels, [0, 0, 2]);
    assert_eq!(found.refused.len(), 1);
}

#[test]
fn a_contradiction_is_reported_and_unites_nothing() {
    let decisions =
        [decision(0, 1, MustLink), decision(1, 2, MustLink), decision(2, 0, CannotLink), decision(3, 1, MustLink)];
    let found = clustered(4, &[], &decisions);
    assert_eq!(found.clusters.labels, [0, 1, 2, 1]);
    assert_eq!(found.contradictions.len(), 1);
    assert_eq!(found.contradictions[0].cannot_link, decisions[2]);
    let chain: BTreeSet<&Decision> = found.contradictions[0].must_links.iter().collect();
    assert_eq!(chain, BTreeSet::from([&decisions[0], &decisions[1]]));
}
