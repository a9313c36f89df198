//! Expectation-maximisation over counts of patterns (A. Dempster, N. Laird, D. Rubin, 1977), with three kinds of pairs.
//!
//! Two records are of one entity (m), of two that have nothing to do with each other (u), or of two that share a
//! household or a roof: there agreement on what households share is learned, and agreement on what is a person's own
//! stays at the rate of strangers. Without the third kind, relatives, who agree on name, address and telephone at once,
//! are taken for one person, because the model takes those agreements for independent evidence (the mixture of more than
//! two classes after W. Winkler, "Near automatic weight computation in the Fellegi-Sunter model of record linkage",
//! 1989). The classes keep their meaning without labels because u comes from random pairs and a related class may differ
//! from u only in what is shared.
//!
//! Blocking shows only part of all pairs, but which pairs it shows follows from their patterns; given a pattern the odds
//! of the kinds are the same whether or not blocking shows the pair. So candidates are judged with the priors of all
//! pairs. The rejected alternative, learning in one session for each blocking rule with what the rule demands left out,
//! uses less of each pair and cannot tell a household from a match.
//!
//! Cost is in proportion to the number of different patterns, not of pairs.

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::scorer::MAX_RELATED;
use crate::Pattern;

/// The assumed u counts as this many pairs of strangers that were seen: what was never seen is rare, not impossible.
const ASSUMED_STRANGERS: f64 = 50.0;
/// The assumed m counts as this many matches that were seen.
const ASSUMED_MATCHES: f64 = 1.0;
/// The u of a shared comparison counts as this many pairs of a related class.
const ASSUMED_RELATED: f64 = 1.0;
/// How far priors are kept off 0 and 1, from which there is no return.
const MARGIN: f64 = 1e-9;
/// Patterns that one task judges.
const CHUNK: usize = 2_048;

/// Probabilities by comparison and level. Levels are counted from the one after the null level.
pub(super) type Figures = Vec<Vec<f64>>;

/// The figures that are learned.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Parameters {
    /// The probability that two records drawn at random match.
    pub(super) prior: f64,
    /// m.
    pub(super) m: Figures,
    /// u.
    pub(super) u: Figures,
    /// The kinds of pairs that share something and are no match.
    pub(super) related: Vec<Related>,
}

/// Pairs of two entities that share a household, or a place.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Related {
    /// The probability that two records drawn at random are such a pair.
    pub(super) prior: f64,
    /// The probabilities of the levels; those of u for what is not shared.
    pub(super) figures: Figures,
}

/// What is learned from.
pub(super) struct Observations<'a> {
    /// Patterns of candidate pairs.
    pub(super) candidates: &'a BTreeMap<Pattern, u64>,
    /// Patterns of random pairs.
    pub(super) random: &'a BTreeMap<Pattern, u64>,
    /// All pairs of records there are.
    pub(super) all_pairs: f64,
    /// The m that holds where nothing is seen.
    pub(super) assumed_m: &'a [Vec<f64>],
    /// The u that holds where nothing is seen.
    pub(super) assumed_u: &'a [Vec<f64>],
    /// Whether each comparison compares what related entities share.
    pub(super) shared: &'a [bool],
}

/// Where estimation ended.
pub(super) struct Estimate {
    pub(super) parameters: Parameters,
    /// How many of the candidate pairs are expected to be matches.
    pub(super) expected_matches: f64,
    /// How many of the candidate pairs are expected to be related.
    pub(super) expected_related: f64,
    pub(super) rounds: u32,
    pub(super) converged: bool,
    pub(super) largest_move: f64,
}

/// Shares of a pair's probability: match, the related classes, strangers.
const MATCH: usize = 0;

impl Parameters {
    fn classes(&self) -> usize {
        self.related.len() + 2
    }

    fn of_class(&self, class: usize) -> (f64, &Figures) {
        match class {
            MATCH => (self.prior, &self.m),
            class if class <= self.related.len() => (self.related[class - 1].prior, &self.related[class - 1].figures),
            _ => (1.0 - self.prior - self.related.iter().map(|r| r.prior).sum::<f64>(), &self.u),
        }
    }

    /// The probability of each class given the levels of a pair.
    fn shares(&self, levels: &[u8], into: &mut [f64]) {
        for (class, share) in into.iter_mut().enumerate() {
            let (prior, figures) = self.of_class(class);
            *share = prior;
            for (level, figures) in levels.iter().zip(figures) {
                if *level > 0 {
                    *share *= figures[usize::from(*level) - 1];
                }
            }
        }
        let total: f64 = into.iter().sum();
        if total > 0.0 {
            for share in into {
                *share /= total;
            }
        } else {
            into.fill(0.0);
        }
    }

    /// The probability that a pair of a pattern is a match.
    pub(super) fn probability(&self, pattern: Pattern) -> f64 {
        let levels: Vec<u8> = (0..self.m.len()).map(|place| pattern.level(place)).collect();
        let mut shares = vec![0.0; self.classes()];
        self.shares(&levels, &mut shares);
        shares[MATCH]
    }

    /// u alone, from random pairs, every one taken for a pair of strangers.
    pub(super) fn strangers(random: &BTreeMap<Pattern, u64>, assumed: &[Vec<f64>]) -> Figures {
        let mut sums = empty(assumed);
        for (pattern, count) in random {
            let levels: Vec<u8> = (0..assumed.len()).map(|place| pattern.level(place)).collect();
            add(&mut sums, &levels, *count as f64);
        }
        shares(&sums, assumed, ASSUMED_STRANGERS)
    }

    fn largest_move(&self, other: &Self) -> f64 {
        let figures = |p: &Self| -> Vec<f64> {
            let related = p.related.iter().flat_map(|related| related.figures.iter().flatten());
            p.m.iter().chain(&p.u).flatten().chain(related).copied().collect()
        };
        let moves = figures(self).into_iter().zip(figures(other)).map(|(a, b)| (a - b).abs());
        // Priors are tiny: a move of one is judged in proportion to itself.
        let priors =
            |p: &Self| -> Vec<f64> { [p.prior].into_iter().chain(p.related.iter().map(|r| r.prior)).collect() };
        let of_priors = priors(self).into_iter().zip(priors(other)).map(|(a, b)| (a - b).abs() / a.max(b));
        moves.chain(of_priors).fold(0.0, f64::max)
    }
}

/// Sums of nothing, in the form of the given figures.
fn empty(form: &[Vec<f64>]) -> Figures {
    form.iter().map(|levels| vec![0.0; levels.len()]).collect()
}

/// Adds pairs on the given levels to the sums.
fn add(sums: &mut Figures, levels: &[u8], pairs: f64) {
    for (level, sum) in levels.iter().zip(sums) {
        if *level > 0 {
            sum[usize::from(*level) - 1] += pairs;
        }
    }
}

/// Sums as shares of their totals, with what is assumed counted as so many pairs.
fn shares(sums: &Figures, assumed: &[Vec<f64>], pairs: f64) -> Figures {
    let of_comparison = |(sums, assumed): (&Vec<f64>, &Vec<f64>)| {
        let total = sums.iter().sum::<f64>() + pairs;
        sums.iter().zip(assumed).map(|(sum, share)| (sum + share * pairs) / total).collect()
    };
    sums.iter().zip(assumed).map(of_comparison).collect()
}

/// Patterns unpacked, for the many rounds.
struct Unpacked {
    comparisons: usize,
    levels: Vec<u8>,
    counts: Vec<f64>,
}

impl Unpacked {
    fn new(patterns: &BTreeMap<Pattern, u64>, comparisons: usize) -> Self {
        let levels = patterns.keys().flat_map(|pattern| (0..comparisons).map(|place| pattern.level(place))).collect();
        Self { comparisons, levels, counts: patterns.values().map(|count| *count as f64).collect() }
    }
}

/// Pairs judged: how many are of each class, and their sums by level.
struct Judged {
    pairs: Vec<f64>,
    sums: Vec<Figures>,
}

impl Judged {
    fn new(form: &Parameters) -> Self {
        Self { pairs: vec![0.0; form.classes()], sums: vec![empty(&form.m); form.classes()] }
    }

    /// Unpacks the sums of a table.
    fn of(pairs: &[f64; CLASSES], sums: &[[f64; CLASSES]], form: &Parameters) -> Self {
        let mut judged = Self::new(form);
        for (class, figures) in judged.sums.iter_mut().enumerate() {
            judged.pairs[class] = pairs[class];
            for (place, levels) in figures.iter_mut().enumerate() {
                for (level, sum) in levels.iter_mut().enumerate() {
                    *sum = sums[place * ROW + level + 1][class];
                }
            }
        }
        judged
    }

    /// The sum of both; the order of adding is the order of patterns, so that any number of threads gives one result.
    fn plus(mut self, other: &Self) -> Self {
        self.pairs.iter_mut().zip(&other.pairs).for_each(|(sum, more)| *sum += more);
        for (sums, more) in self.sums.iter_mut().zip(&other.sums) {
            sums.iter_mut().flatten().zip(more.iter().flatten()).for_each(|(sum, more)| *sum += more);
        }
        self
    }
}

/// The probabilities of all classes side by side: row `place * ROW + level`, one number for each class; 1 for the null
/// level, which says nothing.
type Table = Vec<[f64; CLASSES]>;

/// Rows of a table for each comparison.
const ROW: usize = Pattern::MAX_LEVELS;
/// The most classes: matches, related, strangers.
const CLASSES: usize = MAX_RELATED + 2;

fn table(now: &Parameters) -> Table {
    let mut table = vec![[1.0; CLASSES]; now.m.len() * ROW];
    // A class is a row of several tables at once.
    #[allow(clippy::needless_range_loop)]
    for class in 0..now.classes() {
        for (place, levels) in now.of_class(class).1.iter().enumerate() {
            for (level, share) in levels.iter().enumerate() {
                table[place * ROW + level + 1][class] = *share;
            }
        }
    }
    table
}

fn judge(patterns: &Unpacked, now: &Parameters) -> Judged {
    let (width, table, classes) = (patterns.comparisons.max(1), table(now), now.classes());
    let mut priors = [0.0; CLASSES];
    (0..classes).for_each(|class| priors[class] = now.of_class(class).0);
    let of_chunk = |(levels, counts): (&[u8], &[f64])| {
        let (mut pairs, mut sums) = ([0.0; CLASSES], vec![[0.0; CLASSES]; table.len()]);
        for (levels, count) in levels.chunks(width).zip(counts) {
            let row = |(place, level): (usize, &u8)| place * ROW + usize::from(*level);
            let mut shares = priors;
            for row in levels.iter().enumerate().map(row) {
                (0..CLASSES).for_each(|class| shares[class] *= table[row][class]);
            }
            let total: f64 = shares[..classes].iter().sum();
            if total <= 0.0 {
                continue;
            }
            let weighed = shares.map(|share| if share / total > 1e-12 { share / total * count } else { 0.0 });
            (0..CLASSES).for_each(|class| pairs[class] += weighed[class]);
            for row in levels.iter().enumerate().map(row) {
                (0..CLASSES).for_each(|class| sums[row][class] += weighed[class]);
            }
        }
        Judged::of(&pairs, &sums, now)
    };
    let chunks = patterns.levels.par_chunks(CHUNK * width).zip(patterns.counts.par_chunks(CHUNK));
    let judged: Vec<Judged> = chunks.map(of_chunk).collect();
    judged.iter().fold(Judged::new(now), Judged::plus)
}

/// One round: every pair is judged by the figures there are, and the figures are taken anew from the judgement. Returns
/// the pairs of each class among the candidates as well.
fn round(
    seen: &Observations<'_>,
    candidates: &Unpacked,
    random: &Unpacked,
    now: &Parameters,
) -> (Parameters, Vec<f64>) {
    let (judged, of_random) = (judge(candidates, now), judge(random, now));
    let strangers = now.classes() - 1;
    let u = shares(&of_random.sums[strangers], seen.assumed_u, ASSUMED_STRANGERS);
    let prior = |pairs: f64| (pairs / seen.all_pairs).clamp(MARGIN / seen.all_pairs, 0.4);
    let related = (1..strangers).map(|class| {
        let mut figures = shares(&judged.sums[class], &u, ASSUMED_RELATED);
        for (place, figures) in figures.iter_mut().enumerate().filter(|(place, _)| !seen.shared[*place]) {
            figures.clone_from(&u[place]);
        }
        Related { prior: prior(judged.pairs[class]), figures }
    });
    let next = Parameters {
        prior: prior(judged.pairs[MATCH]),
        m: shares(&judged.sums[MATCH], seen.assumed_m, ASSUMED_MATCHES),
        related: related.collect(),
        u,
    };
    (next, judged.pairs)
}

/// Repeats expectation and maximisation until nothing moves by more than the tolerance.
pub(super) fn maximise(seen: &Observations<'_>, start: Parameters, max_rounds: u32, tolerance: f64) -> Estimate {
    let comparisons = start.m.len();
    let (candidates, random) = (Unpacked::new(seen.candidates, comparisons), Unpacked::new(seen.random, comparisons));
    let mut estimate = Estimate {
        parameters: start,
        expected_matches: 0.0,
        expected_related: 0.0,
        rounds: 0,
        converged: false,
        largest_move: f64::MAX,
    };
    while estimate.rounds < max_rounds && !estimate.converged {
        let (next, pairs) = round(seen, &candidates, &random, &estimate.parameters);
        estimate.largest_move = next.largest_move(&estimate.parameters);
        estimate.converged = estimate.largest_move <= tolerance;
        estimate.parameters = next;
        estimate.expected_matches = pairs[MATCH];
        estimate.expected_related = pairs[1..pairs.len() - 1].iter().sum();
        estimate.rounds += 1;
    }
    estimate
}
