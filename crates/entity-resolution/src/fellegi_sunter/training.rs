//! Training: from records to a model whose figures can be believed.
//!
//! What is learned is held against the data before it is used. A base without duplicates, or a model that would call
//! nearly every candidate a match, teaches nothing; then the written figures hold, and the report says why.

use std::collections::BTreeMap;

use arrow::array::RecordBatch;
use onefold_contract::Result;

use super::maximisation::{Observations, Parameters, Related, maximise};
use super::model::{
    TrainedComparison, TrainedLevel, TrainedModel, TrainedRelated, TrainedThreshold, TrainingReport, rounded,
};
use super::operating_point::OperatingPoint;
use super::random_pairs::random_patterns;
use super::term_frequency::TermFrequencies;
use crate::compared::ComparedRecords;
use crate::comparison::{comparison, name_of, shared_in_household};
use crate::error::ResolveError;
use crate::kernel::{self, PatternCounts};
use crate::spec::{ComparisonSpec, ModelSpec};
use crate::{Bits, BlockPlan, Pattern};

/// Counts of patterns.
type Counts = BTreeMap<Pattern, u64>;

/// A model that links a larger share of the candidate pairs than this is suspicious.
const MOST_LINKED: f64 = 0.95;
/// A model that links a larger share of pairs drawn at random than this tells nobody apart.
const MOST_LINKED_AT_RANDOM: f64 = 0.1;

/// The kinds of pairs that are related and no match, by how many comparisons of shared attributes there are: with few of
/// them a household and a neighbourhood cannot be told apart.
fn relations(shared: usize) -> &'static [(&'static str, f64)] {
    match shared {
        0 => &[],
        1 | 2 => &[("same household", 0.8)],
        _ => &[("same household", 0.8), ("same place", 0.3)],
    }
}

/// Trains a model on records: plans blocks, counts the patterns of all candidate pairs, and estimates.
///
/// # Errors
/// The specification has mistakes, or the records lack a column that it names.
pub fn train(records: &RecordBatch, spec: &ModelSpec) -> Result<TrainedModel> {
    refuse_mistakes(spec)?;
    let plan = BlockPlan::new(records, spec)?;
    let compared = ComparedRecords::new(records, spec)?;
    let output = kernel::count(&plan, 0..plan.unit_count(), &compared)?;
    train_compared(&compared, spec, &output.pattern_counts)
}

/// Trains a model from the patterns of all candidate pairs, however they were counted.
///
/// # Errors
/// The specification has mistakes, or the records lack a column that it names.
pub fn train_from_counts(records: &RecordBatch, spec: &ModelSpec, candidates: &PatternCounts) -> Result<TrainedModel> {
    refuse_mistakes(spec)?;
    train_compared(&ComparedRecords::new(records, spec)?, spec, candidates)
}

/// As [`train_from_counts`], for records that are at hand as the model compares them.
///
/// # Errors
/// The specification has mistakes, or the records were prepared for another.
pub fn train_compared(
    compared: &ComparedRecords,
    spec: &ModelSpec,
    candidates: &PatternCounts,
) -> Result<TrainedModel> {
    refuse_mistakes(spec)?;
    compared.refuse_others(spec)?;
    let (training, records) = (&spec.training, compared.record_count());
    let wanted = u64::from(training.random_pairs);
    let random = random_patterns(compared.comparisons(), records as u64, wanted, training.seed);
    let (learned, written, mut report) = estimate(records, spec, candidates, &random);
    report.degenerate = doubts(spec, candidates, &random, &learned, &written, &report);
    let believed = if report.degenerate.is_some() { &written } else { &learned };
    let point = OperatingPoint::of(&spec.thresholds, candidates, believed);
    report.expected_precision = rounded(point.precision);
    Ok(model(compared, spec, believed, point, report))
}

fn refuse_mistakes(spec: &ModelSpec) -> Result<()> {
    match spec.mistakes(None).into_iter().next() {
        None => Ok(()),
        Some((path, message)) => {
            Err(ResolveError::BadModel { model: spec.name.clone(), mistake: format!("{path}: {message}") }.into())
        }
    }
}

/// The learned figures, the written ones, and what can be said about the learning.
fn estimate(
    records: usize,
    spec: &ModelSpec,
    candidates: &PatternCounts,
    random: &Counts,
) -> (Parameters, Parameters, TrainingReport) {
    let levels: Vec<usize> = spec.comparisons.iter().map(|c| comparison(c).levels().len() - 1).collect();
    let shared: Vec<bool> = spec.comparisons.iter().map(shared_in_household).collect();
    let all_pairs = (records as f64 * (records as f64 - 1.0) / 2.0).max(1.0);
    let pairs: u64 = candidates.values().sum();
    let assumed_u: Vec<Vec<f64>> = levels.iter().map(|n| default_u(*n)).collect();
    let strangers = Parameters::strangers(random, &assumed_u);
    let written = Parameters {
        // The written prior speaks of candidate pairs; as a probability of two random records it is that many matches
        // out of all pairs. One match is assumed at least, so that a model exists even without candidates.
        prior: (spec.training.prior * pairs as f64).clamp(1.0, (all_pairs / 2.0).max(1.0)) / (all_pairs + 1.0),
        m: spec.comparisons.iter().zip(&levels).map(|(c, n)| written_m(c, *n)).collect(),
        u: spec.comparisons.iter().zip(&strangers).map(|(c, u)| written_u(c, u)).collect(),
        related: Vec::new(),
    };
    let seen =
        Observations { candidates, random, all_pairs, assumed_m: &written.m, assumed_u: &assumed_u, shared: &shared };
    let start = start(&written, &strangers, &shared);
    let estimate = maximise(&seen, start, spec.training.max_rounds, spec.training.tolerance);
    let learned = estimate.parameters;
    let linked = linked(candidates, &learned, spec.thresholds.link);
    let linked_matches = linked.iter().map(|(pattern, count)| *count as f64 * learned.probability(*pattern)).sum();
    let report = TrainingReport {
        records: records as u64,
        candidate_pairs: pairs,
        random_pairs: random.values().sum(),
        rounds: estimate.rounds,
        converged: estimate.converged,
        largest_move: rounded(estimate.largest_move),
        expected_matches: rounded(estimate.expected_matches),
        expected_related: rounded(estimate.expected_related),
        expected_linked_matches: rounded(linked_matches),
        linked_share: rounded(share(&linked, candidates)),
        expected_precision: 0.0,
        degenerate: None,
    };
    (learned, written, report)
}

/// Where learning begins: the written m, what random pairs show, and relatives who agree on what is shared about as
/// matches do, or less, and on nothing else.
fn start(written: &Parameters, strangers: &[Vec<f64>], shared: &[bool]) -> Parameters {
    let kinds = relations(shared.iter().filter(|shared| **shared).count());
    let mixed = |share: f64, place: usize| -> Vec<f64> {
        let share = if shared[place] { share } else { 0.0 };
        written.m[place].iter().zip(&strangers[place]).map(|(m, u)| share * m + (1.0 - share) * u).collect()
    };
    let related = kinds.iter().map(|(_, share)| Related {
        prior: written.prior,
        figures: (0..shared.len()).map(|place| mixed(*share, place)).collect(),
    });
    Parameters { prior: written.prior, m: written.m.clone(), related: related.collect(), u: strangers.to_vec() }
}

/// The patterns that a model links.
fn linked(counts: &Counts, parameters: &Parameters, link: f64) -> Counts {
    counts.iter().filter(|(pattern, _)| parameters.probability(**pattern) >= link).map(|(p, n)| (*p, *n)).collect()
}

fn share(part: &Counts, whole: &Counts) -> f64 {
    part.values().sum::<u64>() as f64 / (whole.values().sum::<u64>() as f64).max(1.0)
}

/// Why the learned figures cannot be believed, if they cannot.
fn doubts(
    spec: &ModelSpec,
    candidates: &Counts,
    random: &Counts,
    learned: &Parameters,
    written: &Parameters,
    report: &TrainingReport,
) -> Option<String> {
    let needed = spec.training.min_expected_matches;
    if report.expected_linked_matches < needed {
        return Some(format!(
            "of {} candidate pairs only {:.1} are expected to be matches that can be linked, and {needed} are needed to learn from",
            report.candidate_pairs, report.expected_linked_matches,
        ));
    }
    let link = spec.thresholds.link;
    let share_of = |counts: &Counts, parameters: &Parameters| share(&linked(counts, parameters, link), counts);
    if report.linked_share > MOST_LINKED {
        // Tight blocking rules make hardly a pair that is no match. Then the written figures agree, and strangers stay apart.
        let tight = share_of(candidates, written) > MOST_LINKED && share_of(random, learned) < MOST_LINKED_AT_RANDOM;
        if !tight {
            return Some(format!(
                "the learned figures would link {:.1} % of the candidate pairs, which is nearly every one",
                100.0 * report.linked_share,
            ));
        }
    }
    let inverted = |place: &usize| match (learned.m[*place].first(), learned.u[*place].first()) {
        (Some(m), Some(u)) => *m < u / 2.0,
        _ => false,
    };
    (0..spec.comparisons.len()).find(inverted).map(|place| {
        let name = name_of(&spec.comparisons[place]);
        format!("the pairs taken for matches agree on `{name}` less often than strangers do")
    })
}

/// Puts a model together, every figure rounded before it is used.
fn model(
    compared: &ComparedRecords,
    spec: &ModelSpec,
    parameters: &Parameters,
    point: OperatingPoint,
    report: TrainingReport,
) -> TrainedModel {
    let mut comparisons = Vec::with_capacity(spec.comparisons.len());
    for (place, written) in spec.comparisons.iter().enumerate() {
        let is_shared = shared_in_household(written);
        let level = |(level, name): (usize, &String)| {
            let (m, u) = (rounded(parameters.m[place][level]), rounded(parameters.u[place][level]));
            let related = parameters.related.iter().filter(|_| is_shared);
            let related = related.map(|related| rounded(related.figures[place][level])).collect();
            TrainedLevel { name: name.clone(), m, u, weight: Bits::from_ratio(m, u), related }
        };
        let levels = comparison(written).levels().iter().skip(1).enumerate().map(level).collect();
        let term_frequencies = compared.terms(place).map(TermFrequencies::of);
        comparisons.push(TrainedComparison {
            name: name_of(written).to_owned(),
            column: written.column.clone(),
            levels,
            term_frequencies,
        });
    }
    let prior = rounded(parameters.prior);
    let strangers = 1.0 - prior - parameters.related.iter().map(|related| rounded(related.prior)).sum::<f64>();
    let kinds = relations(spec.comparisons.iter().filter(|c| shared_in_household(c)).count());
    let related = parameters.related.iter().zip(kinds).map(|(related, (name, _))| {
        let prior = rounded(related.prior);
        TrainedRelated { name: (*name).to_owned(), prior, prior_weight: Bits::from_ratio(prior, strangers) }
    });
    TrainedModel {
        version: TrainedModel::VERSION,
        spec: spec.clone(),
        prior,
        prior_weight: Bits::from_ratio(prior, strangers),
        related: related.collect(),
        link: TrainedThreshold::at(rounded(point.link)),
        review: TrainedThreshold::at(rounded(point.review)),
        comparisons,
        report,
    }
}

/// The written m, or what is usual: matches agree, and what disagreement there is comes closest to agreement.
fn written_m(spec: &ComparisonSpec, levels: usize) -> Vec<f64> {
    if !spec.m.is_empty() {
        return spec.m.clone();
    }
    let weights: Vec<f64> = (0..levels.saturating_sub(1)).map(|place| 0.125f64.powi(place as i32)).collect();
    let total: f64 = weights.iter().sum();
    weights.iter().map(|weight| 0.95 * weight / total).chain([0.05]).collect()
}

/// The written u, or what random pairs show; they need no matches to be right.
fn written_u(spec: &ComparisonSpec, strangers: &[f64]) -> Vec<f64> {
    if spec.u.is_empty() { strangers.to_vec() } else { spec.u.clone() }
}

/// What is usual among strangers, before any was looked at: one in a hundred agrees, twice as many nearly agree.
fn default_u(levels: usize) -> Vec<f64> {
    let mut shares: Vec<f64> = (0..levels.saturating_sub(1)).map(|place| 0.01 * 2f64.powi(place as i32)).collect();
    let total: f64 = shares.iter().sum();
    if total > 0.5 {
        for share in &mut shares {
            *share *= 0.5 / total;
        }
    }
    shares.push(1.0 - total.min(0.5));
    shares
}
