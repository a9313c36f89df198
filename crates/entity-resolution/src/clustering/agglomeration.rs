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
use std::rc::Rc;

use crate::Bits;
use crate::fellegi_sunter::MAX_RELATED;
use crate::kernel::Edge;

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

/// The likelihood ratios of one pair, against strangers and of each kind of relation, as whole numbers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Ratios {
    ratio: u128,
    related: [u128; MAX_RELATED],
}

impl Ratios {
    /// Of a pair's weight against strangers, and that of each kind of relation.
    pub(crate) fn of(weight: Bits, related: impl Iterator<Item = Bits>) -> Self {
        let mut ratios = Self { ratio: ratio(weight), related: [0; MAX_RELATED] };
        for (of_kind, weight) in ratios.related.iter_mut().zip(related) {
            *of_kind = ratio(weight);
        }
        ratios
    }
}

fn ratio(weight: Bits) -> u128 {
    (weight.as_f64().clamp(-FRACTION, 80.0) + FRACTION).exp2().round() as u128
}

impl Sum {
    /// Adds a pair.
    pub(crate) fn count(&mut self, pair: &Ratios) {
        self.pairs += 1;
        self.ratio += pair.ratio;
        for (sum, more) in self.related.iter_mut().zip(pair.related) {
            *sum += more;
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
    /// Adds what a pair says whose levels are known.
    fn edge(&self, edge: &Edge, sums: &mut [Sum]);
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
    /// What neighbouring clusters say of each other; both know it.
    neighbours: Vec<BTreeMap<usize, Rc<[Sum]>>>,
    queue: BinaryHeap<Candidate>,
}

/// Two groups that have something in common, by their places, the smaller first; and the edge, where it is all that
/// they have to say of each other, so that nothing needs to be compared again.
pub(crate) type Neighbours = ((usize, usize), Option<Edge>);

/// Which groups of a component are one cluster: for each group the smallest group of its cluster. `edges` are the
/// neighbouring groups, each two once.
pub(crate) fn agglomerate<E: Evidence>(
    groups: Vec<Group>,
    edges: &[Neighbours],
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
    for ((left, right), edge) in edges {
        let sums: Rc<[Sum]> = match edge {
            Some(edge) => {
                let mut sums = work.nothing();
                evidence.edge(edge, &mut sums);
                sums.into()
            }
            None => work.between(*left, *right).into(),
        };
        work.neighbours[*left].insert(*right, Rc::clone(&sums));
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

    fn nothing(&self) -> Vec<Sum> {
        vec![Sum::default(); self.evidence.comparisons()]
    }

    /// What the records of two clusters say of each other; a few of them speak for a large cluster.
    fn between(&self, left: usize, right: usize) -> Vec<Sum> {
        let mut sums = self.nothing();
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
        let mut known: BTreeMap<usize, Rc<[Sum]>> = BTreeMap::new();
        for neighbour in around {
            self.neighbours[neighbour].remove(&left);
            self.neighbours[neighbour].remove(&right);
            let mut sums =
                of_left.remove(&neighbour).map_or_else(|| self.between(left, neighbour), |sums| sums.to_vec());
            let more = of_right.remove(&neighbour).unwrap_or_else(|| self.between(right, neighbour).into());
            sums.iter_mut().zip(more.iter()).for_each(|(sum, more)| sum.add(more));
            known.insert(neighbour, sums.into());
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
