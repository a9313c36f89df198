//! Expectation-maximisation over counts of patterns (A. Dempster, N. Laird, D. Rubin, 1977).
//!
//! The pairs of each blocking rule are a sample of their own: the share of matches among them is learned for each rule,
//! and what the rule demands of them is left out of judging them, because there they all agree. m is learned from all
//! samples together, as Splink does in sessions one after the other. The rejected alternative, one sample of all
//! candidates, takes agreement that blocking forced for evidence and learns an m that is too high.
//!
//! Random pairs teach u, weighted by how unlikely each pattern is to be a match, so that matches among the random pairs
//! of a small base do not pass for coincidence. Cost is in proportion to the number of different patterns, not of pairs.

use std::collections::BTreeMap;

use crate::Pattern;
use crate::kernel::PatternCounts;

/// The assumed u counts as this many pairs of strangers that were seen: what was never seen is rare, not impossible.
const ASSUMED_STRANGERS: f64 = 50.0;
/// The assumed m counts as this many matches that were seen.
const ASSUMED_MATCHES: f64 = 1.0;
/// How far shares of matches are kept off 0 and 1, from which there is no return.
const MARGIN: f64 = 1e-9;

/// The figures that are learned. Levels are counted from the one after the null level.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Parameters {
    /// The probability that two records drawn at random match.
    pub(super) prior: f64,
    /// The probability that two records that a blocking rule brings together match, by rule.
    pub(super) rule_priors: Vec<f64>,
    /// m by comparison and level.
    pub(super) m: Vec<Vec<f64>>,
    /// u by comparison and level.
    pub(super) u: Vec<Vec<f64>>,
}

/// What is learned from.
pub(super) struct Observations<'a> {
    /// Patterns of candidate pairs, by the rules that make them.
    pub(super) candidates: &'a PatternCounts,
    /// Whether a rule, by its place, demands something of what a comparison, by its place, compares.
    pub(super) demands: &'a [Vec<bool>],
    /// Patterns of random pairs.
    pub(super) random: &'a BTreeMap<Pattern, u64>,
    /// All pairs of records there are.
    pub(super) all_pairs: f64,
    /// The m that holds where nothing is seen.
    pub(super) assumed_m: &'a [Vec<f64>],
    /// The u that holds where nothing is seen.
    pub(super) assumed_u: &'a [Vec<f64>],
}

/// Where estimation ended.
pub(super) struct Estimate {
    pub(super) parameters: Parameters,
    /// How many of the candidate pairs are expected to be matches.
    pub(super) expected_matches: f64,
    pub(super) rounds: u32,
    pub(super) converged: bool,
    pub(super) largest_move: f64,
}

/// Sums of pairs by comparison and level.
type Sums = Vec<Vec<f64>>;

impl Parameters {
    /// The probability that a pair of a pattern is a match, whatever brought it together.
    pub(super) fn probability(&self, pattern: Pattern) -> f64 {
        self.judged(pattern, self.prior, |_| true)
    }

    /// The probability that a pair of a rule's is a match, judged by what the rule does not demand.
    fn probability_under(&self, rule: usize, demands: &[bool], pattern: Pattern) -> f64 {
        self.judged(pattern, self.rule_priors[rule], |comparison| !demands[comparison])
    }

    fn judged(&self, pattern: Pattern, prior: f64, counts: impl Fn(usize) -> bool) -> f64 {
        let (mut matching, mut strange) = (prior, 1.0 - prior);
        for (comparison, (m, u)) in self.m.iter().zip(&self.u).enumerate().filter(|(place, _)| counts(*place)) {
            let level = usize::from(pattern.level(comparison));
            if level > 0 {
                matching *= m[level - 1];
                strange *= u[level - 1];
            }
        }
        matching / (matching + strange)
    }

    /// u alone, from random pairs, every one taken for a pair of strangers.
    pub(super) fn strangers(random: &BTreeMap<Pattern, u64>, assumed: &[Vec<f64>]) -> Vec<Vec<f64>> {
        let mut sums = empty(assumed);
        for (pattern, count) in random {
            add(&mut sums, *pattern, *count as f64, |_| true);
        }
        shares(&sums, assumed, ASSUMED_STRANGERS)
    }

    fn largest_move(&self, other: &Self) -> f64 {
        let figures = |p: &Self| p.m.iter().chain(&p.u).flatten().chain(&p.rule_priors).copied().collect::<Vec<_>>();
        let moves = figures(self).into_iter().zip(figures(other)).map(|(a, b)| (a - b).abs());
        // The prior is tiny: its move is judged in proportion to itself.
        moves.fold((self.prior - other.prior).abs() / self.prior.max(other.prior), f64::max)
    }
}

/// Sums of nothing, in the form of the given figures.
fn empty(form: &[Vec<f64>]) -> Sums {
    form.iter().map(|levels| vec![0.0; levels.len()]).collect()
}

/// Adds pairs of a pattern to the sums of those comparisons that count.
fn add(sums: &mut Sums, pattern: Pattern, pairs: f64, counts: impl Fn(usize) -> bool) {
    for (comparison, sum) in sums.iter_mut().enumerate() {
        let level = usize::from(pattern.level(comparison));
        if level > 0 && counts(comparison) {
            sum[level - 1] += pairs;
        }
    }
}

/// Sums as shares of their totals, with what is assumed counted as so many pairs.
fn shares(sums: &Sums, assumed: &[Vec<f64>], pairs: f64) -> Vec<Vec<f64>> {
    let of_comparison = |(sums, assumed): (&Vec<f64>, &Vec<f64>)| {
        let total = sums.iter().sum::<f64>() + pairs;
        sums.iter().zip(assumed).map(|(sum, share)| (sum + share * pairs) / total).collect()
    };
    sums.iter().zip(assumed).map(of_comparison).collect()
}

/// One round: every pair is judged by the figures there are, and the figures are taken anew from the judgement. Returns
/// the matches expected as well.
fn round(seen: &Observations<'_>, now: &Parameters) -> (Parameters, f64) {
    let (mut matches, mut expected) = (empty(&now.m), 0.0);
    let mut by_rule = vec![(0.0, 0.0); seen.demands.len()];
    for (rules, patterns) in seen.candidates {
        let makers: Vec<usize> = rules.rules().collect();
        for (pattern, count) in patterns {
            let count = *count as f64;
            for rule in &makers {
                let demands = &seen.demands[*rule];
                let share = count * now.probability_under(*rule, demands, *pattern);
                add(&mut matches, *pattern, share, |comparison| !demands[comparison]);
                by_rule[*rule].0 += share;
                by_rule[*rule].1 += count;
                expected += share / makers.len() as f64;
            }
        }
    }
    let mut strangers = empty(&now.u);
    for (pattern, count) in seen.random {
        add(&mut strangers, *pattern, *count as f64 * (1.0 - now.probability(*pattern)), |_| true);
    }
    let held = |(share, pairs): &(f64, f64)| (share / pairs.max(1.0)).clamp(MARGIN, 1.0 - MARGIN);
    let next = Parameters {
        prior: (expected / seen.all_pairs).clamp(MARGIN / seen.all_pairs, 1.0 - MARGIN),
        rule_priors: by_rule.iter().map(held).collect(),
        m: shares(&matches, seen.assumed_m, ASSUMED_MATCHES),
        u: shares(&strangers, seen.assumed_u, ASSUMED_STRANGERS),
    };
    (next, expected)
}

/// Repeats expectation and maximisation until nothing moves by more than the tolerance.
pub(super) fn maximise(seen: &Observations<'_>, start: Parameters, max_rounds: u32, tolerance: f64) -> Estimate {
    let mut estimate =
        Estimate { parameters: start, expected_matches: 0.0, rounds: 0, converged: false, largest_move: f64::MAX };
    while estimate.rounds < max_rounds && !estimate.converged {
        let (next, expected) = round(seen, &estimate.parameters);
        estimate.largest_move = next.largest_move(&estimate.parameters);
        estimate.converged = estimate.largest_move <= tolerance;
        estimate.parameters = next;
        estimate.expected_matches = expected;
        estimate.rounds += 1;
    }
    estimate
}
