//! Greedy agglomeration by average evidence inside a connected component.
//!
//! Connected components chain: two families hang together by one pair that looks alike. So the clusters of a component
//! are put together best first, and two clusters are united only while all that is known of one speaks for the other.
//! A record of one is taken for a copy, with errors, of some record of the other: comparison by comparison, the
//! likelihood ratio is the mean of the ratios of those pairs in which both have a value, and the prior counts once. The
//! rejected alternative, the mean of the pairs' weights (average linkage, R. Sokal, C. Michener, 1958), dilutes twice: an
//! entity of many records has sparse ones among them, whose pairs are near the prior because little is known of them, and
//! a typing error in one record of many counts against all others.
//!
//! Memory is in proportion to the edges of one component: evidence is kept for neighbouring clusters, and computed where
//! clusters become neighbours through a third.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap};

use crate::Bits;
use crate::fellegi_sunter::MAX_RELATED;

/// The records of a large cluster that stand for it where evidence has to be computed anew.
const SPEAKERS: usize = 32;

/// Fractional bits of a likelihood ratio as a whole number.
const FRACTION: f64 = 20.0;

/// What pairs of records say, summed over the pairs in which both have a value. Likelihood ratios are summed as whole
/// numbers of 2^-20, so that no order of adding matters.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Sum {
    pairs: u32,
    ratio: u128,
    related: [u128; MAX_RELATED],
}

fn ratio(weight: Bits) -> u128 {
    (weight.as_f64().clamp(-FRACTION, 80.0) + FRACTION).exp2().round() as u128
}

impl Sum {
    /// Adds a pair: its weight against strangers, and that of each kind of relation.
    pub(crate) fn count(&mut self, weight: Bits, related: impl Iterator<Item = Bits>) {
        self.pairs += 1;
        self.ratio += ratio(weight);
        for (sum, more) in self.related.iter_mut().zip(related) {
            *sum += ratio(more);
        }
    }

    fn add(&mut self, other: &Self) {
        self.pairs += other.pairs;
        self.ratio += other.ratio;
        for (sum, more) in self.related.iter_mut().zip(other.related) {
            *sum += more;
        }
    }

    /// The weight of the mean ratio, and that of each kind of relation; none where no pair has both values.
    pub(crate) fn means(&self) -> Option<(Bits, [Bits; MAX_RELATED])> {
        let mean = |ratio: u128| match ratio {
            // A kind that a comparison knows nothing of leaves no trace in it.
            0 => Bits::ZERO,
            ratio => Bits::new((ratio as f64 / f64::from(self.pairs)).log2() - FRACTION),
        };
        (self.pairs > 0).then(|| (mean(self.ratio), self.related.map(mean)))
    }
}

/// Something that knows what pairs of records say.
pub(crate) trait Evidence: Sync {
    /// How many things are compared.
    fn comparisons(&self) -> usize;
    /// Adds what a pair of records says, comparison by comparison.
    fn pair(&self, left: u32, right: u32, sums: &mut [Sum]);
    /// The match weight of the mean evidence.
    fn weight(&self, sums: &[Sum]) -> Bits;
}

/// Records that belong together from the start.
#[derive(Debug, Clone, Default)]
pub(crate) struct Group {
    /// Its name: the smallest hash of its records' addresses, which no order of rows moves.
    pub(crate) name: u64,
    /// Its rows.
    pub(crate) rows: Vec<u32>,
    /// The declared sources it has records of.
    pub(crate) sources: BTreeSet<u16>,
    /// The groups of the component that a decision keeps it apart from.
    pub(crate) apart: BTreeSet<usize>,
}

/// Two clusters that could be united next; the strongest first, then by name.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Candidate {
    weight: Bits,
    names: Reverse<(u64, u64)>,
    places: (usize, usize),
}

struct Agglomeration<'a, E> {
    evidence: &'a E,
    link: Bits,
    clusters: Vec<Option<Group>>,
    neighbours: Vec<BTreeMap<usize, Box<[Sum]>>>,
    queue: BinaryHeap<Candidate>,
}

/// Which groups of a component are one cluster: for each group the smallest group of its cluster. `edges` are pairs of
/// groups that have something in common, each once.
pub(crate) fn agglomerate<E: Evidence>(
    groups: Vec<Group>,
    edges: &BTreeSet<(usize, usize)>,
    evidence: &E,
    link: Bits,
) -> Vec<usize> {
    let count = groups.len();
    let mut work = Agglomeration {
        evidence,
        link,
        neighbours: vec![BTreeMap::new(); count],
        clusters: groups.into_iter().map(Some).collect(),
        queue: BinaryHeap::new(),
    };
    for (left, right) in edges {
        let sums = work.between(*left, *right);
        work.neighbours[*left].insert(*right, sums.clone());
        work.neighbours[*right].insert(*left, sums);
        work.offer(*left, *right);
    }
    let mut label: Vec<usize> = (0..count).collect();
    while let Some(Candidate { places: (left, right), .. }) = work.queue.pop() {
        if work.clusters[left].is_none() || work.clusters[right].is_none() {
            continue;
        }
        work.unite(left, right);
        label.push(label[left].min(label[right]));
        let (stays, goes) = (label[left].min(label[right]), label[left].max(label[right]));
        label[goes] = stays;
        label[left] = stays;
        label[right] = stays;
    }
    // A label may itself have been united later; the smallest group of a cluster is its own label.
    for place in 0..count {
        label[place] = label[label[place]];
    }
    label.truncate(count);
    label
}

impl<E: Evidence> Agglomeration<'_, E> {
    fn group(&self, place: usize) -> Option<&Group> {
        self.clusters[place].as_ref()
    }

    /// What the records of two clusters say of each other; a few of them speak for a large cluster.
    fn between(&self, left: usize, right: usize) -> Box<[Sum]> {
        let mut sums = vec![Sum::default(); self.evidence.comparisons()].into_boxed_slice();
        let (Some(left), Some(right)) = (self.group(left), self.group(right)) else { return sums };
        for a in left.rows.iter().take(SPEAKERS) {
            for b in right.rows.iter().take(SPEAKERS) {
                self.evidence.pair(*a.min(b), *a.max(b), &mut sums);
            }
        }
        sums
    }

    /// Puts two neighbours into the queue if they may be united.
    fn offer(&mut self, left: usize, right: usize) {
        let (Some(a), Some(b)) = (self.group(left), self.group(right)) else { return };
        let Some(sums) = self.neighbours[left].get(&right) else { return };
        let weight = self.evidence.weight(sums);
        if weight < self.link || a.apart.contains(&right) || !a.sources.is_disjoint(&b.sources) {
            return;
        }
        let names = Reverse((a.name.min(b.name), a.name.max(b.name)));
        self.queue.push(Candidate { weight, names, places: (left.min(right), left.max(right)) });
    }

    /// Makes one cluster of two, under a place of its own, and offers it to the neighbours of both.
    fn unite(&mut self, left: usize, right: usize) {
        let place = self.clusters.len();
        let (mut of_left, mut of_right) =
            (std::mem::take(&mut self.neighbours[left]), std::mem::take(&mut self.neighbours[right]));
        let around: BTreeSet<usize> =
            of_left.keys().chain(of_right.keys()).copied().filter(|n| *n != left && *n != right).collect();
        let mut known: BTreeMap<usize, Box<[Sum]>> = BTreeMap::new();
        for neighbour in around {
            self.neighbours[neighbour].remove(&left);
            self.neighbours[neighbour].remove(&right);
            let mut sums = of_left.remove(&neighbour).unwrap_or_else(|| self.between(left, neighbour));
            let more = of_right.remove(&neighbour).unwrap_or_else(|| self.between(right, neighbour));
            sums.iter_mut().zip(&more).for_each(|(sum, more)| sum.add(more));
            known.insert(neighbour, sums);
        }
        let (Some(mut a), Some(b)) = (self.clusters[left].take(), self.clusters[right].take()) else { return };
        a.name = a.name.min(b.name);
        a.rows.extend(b.rows);
        a.sources.extend(b.sources);
        a.apart.extend(b.apart);
        for enemy in &a.apart {
            if let Some(enemy) = &mut self.clusters[*enemy] {
                enemy.apart.insert(place);
            }
        }
        self.clusters.push(Some(a));
        let offered: Vec<usize> = known.keys().copied().collect();
        for (neighbour, sums) in &known {
            self.neighbours[*neighbour].insert(place, sums.clone());
        }
        self.neighbours.push(known);
        for neighbour in offered {
            self.offer(place, neighbour);
        }
    }
}
