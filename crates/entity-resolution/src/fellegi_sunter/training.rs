//! Training: from records to a model whose figures can be believed.
//!
//! What is learned is held against the data before it is used. A base without duplicates, or a model that would call
//! nearly every candidate a match, teaches nothing; then the written figures hold, and the report says why.

use std::collections::BTreeMap;

use arrow::array::RecordBatch;
use onefold_contract::Result;

use super::maximisation::{Observations, Parameters, maximise};
use super::model::{TrainedComparison, TrainedLevel, TrainedModel, TrainedThreshold, TrainingReport, rounded};
use super::random_pairs::random_patterns;
use super::term_frequency::TermFrequencies;
use crate::comparison::{comparison, name_of, prepare};
use crate::error::ResolveError;
use crate::kernel::{self, PatternCounts};
use crate::records::{CodedText, printed};
use crate::spec::{BlockingRuleSpec, ComparisonSpec, ModelSpec};
use crate::{Bits, BlockPlan, Pattern};

/// Counts of patterns.
type Counts = BTreeMap<Pattern, u64>;

/// A model that links a larger share of the candidate pairs than this is suspicious.
const MOST_LINKED: f64 = 0.95;
/// A model that links a larger share of pairs drawn at random than this tells nobody apart.
const MOST_LINKED_AT_RANDOM: f64 = 0.1;

/// Trains a model on records: plans blocks, counts the patterns of all candidate pairs, and estimates.
///
/// # Errors
/// The specification has mistakes, or the records lack a column that it names.
pub fn train(records: &RecordBatch, spec: &ModelSpec) -> Result<TrainedModel> {
    refuse_mistakes(spec)?;
    let plan = BlockPlan::new(records, spec)?;
    let output = kernel::run(&plan, 0..plan.unit_count(), records, spec, None)?;
    train_from_counts(records, spec, &output.pattern_counts)
}

/// Trains a model from the patterns of all candidate pairs, however they were counted.
///
/// # Errors
/// The specification has mistakes, or the records lack a column that it names.
pub fn train_from_counts(records: &RecordBatch, spec: &ModelSpec, candidates: &PatternCounts) -> Result<TrainedModel> {
    refuse_mistakes(spec)?;
    let prepared = prepare(spec, records)?;
    let training = &spec.training;
    let random = random_patterns(&prepared, records.num_rows() as u64, u64::from(training.random_pairs), training.seed);
    let (learned, written, mut report) = estimate(records.num_rows(), spec, candidates, &random);
    report.degenerate = doubts(spec, &joined(candidates), &random, &learned, &written, &report);
    model(records, spec, if report.degenerate.is_some() { &written } else { &learned }, report)
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
    let all_pairs = (records as f64 * (records as f64 - 1.0) / 2.0).max(1.0);
    let all_candidates = joined(candidates);
    let pairs: u64 = all_candidates.values().sum();
    let assumed_u: Vec<Vec<f64>> = levels.iter().map(|n| default_u(*n)).collect();
    let strangers = Parameters::strangers(random, &assumed_u);
    let written = Parameters {
        // The written prior speaks of candidate pairs; as a probability of two random records it is that many matches
        // out of all pairs. One match is assumed at least, so that a model exists even without candidates.
        prior: (spec.training.prior * pairs as f64).clamp(1.0, (all_pairs / 2.0).max(1.0)) / (all_pairs + 1.0),
        rule_priors: vec![spec.training.prior; spec.blocking_rules.len()],
        m: spec.comparisons.iter().zip(&levels).map(|(c, n)| written_m(c, *n)).collect(),
        u: spec.comparisons.iter().zip(&strangers).map(|(c, u)| written_u(c, u)).collect(),
    };
    let demands = demands(spec);
    let seen =
        Observations { candidates, demands: &demands, random, all_pairs, assumed_m: &written.m, assumed_u: &assumed_u };
    let start = Parameters { u: strangers, ..written.clone() };
    let estimate = maximise(&seen, start, spec.training.max_rounds, spec.training.tolerance);
    let learned = estimate.parameters;
    let linked = linked(&all_candidates, &learned, spec.thresholds.link);
    let linked_matches = linked.iter().map(|(pattern, count)| *count as f64 * learned.probability(*pattern)).sum();
    let report = TrainingReport {
        records: records as u64,
        candidate_pairs: pairs,
        random_pairs: random.values().sum(),
        rounds: estimate.rounds,
        converged: estimate.converged,
        largest_move: rounded(estimate.largest_move),
        expected_matches: rounded(estimate.expected_matches),
        expected_linked_matches: rounded(linked_matches),
        linked_share: rounded(share(&linked, &all_candidates)),
        not_learned: not_learned(spec, &demands),
        degenerate: None,
    };
    (learned, written, report)
}

/// Whether each blocking rule demands something of what each comparison compares.
fn demands(spec: &ModelSpec) -> Vec<Vec<bool>> {
    let names = |rule: &BlockingRuleSpec, column: &str| rule.keys.iter().any(|key| kin(&key.column, column));
    let demands = |rule: &BlockingRuleSpec, compared: &ComparisonSpec| {
        names(rule, &compared.column) || compared.alternative.as_ref().is_some_and(|column| names(rule, column))
    };
    spec.blocking_rules.iter().map(|rule| spec.comparisons.iter().map(|c| demands(rule, c)).collect()).collect()
}

/// Whether two columns tell of one attribute: they are the same, or one is derived of the other, whose name it extends.
fn kin(one: &str, other: &str) -> bool {
    let extends = |long: &str, short: &str| long.strip_prefix(short).is_some_and(|rest| rest.starts_with('_'));
    one == other || extends(one, other) || extends(other, one)
}

/// The comparisons that every blocking rule demands agreement in, so that their m cannot be learned.
fn not_learned(spec: &ModelSpec, demands: &[Vec<bool>]) -> Vec<String> {
    let everywhere = |place: &usize| demands.iter().all(|rule| rule[*place]);
    (0..spec.comparisons.len()).filter(everywhere).map(|place| name_of(&spec.comparisons[place]).to_owned()).collect()
}

/// The patterns of all candidate pairs, whichever rules make them.
fn joined(candidates: &PatternCounts) -> Counts {
    let mut all = Counts::new();
    for (pattern, count) in candidates.values().flatten() {
        *all.entry(*pattern).or_default() += count;
    }
    all
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
    records: &RecordBatch,
    spec: &ModelSpec,
    parameters: &Parameters,
    report: TrainingReport,
) -> Result<TrainedModel> {
    let mut comparisons = Vec::with_capacity(spec.comparisons.len());
    for (place, written) in spec.comparisons.iter().enumerate() {
        let level = |((name, m), u): ((&String, &f64), &f64)| {
            let (m, u) = (rounded(*m), rounded(*u));
            TrainedLevel { name: name.clone(), m, u, weight: Bits::from_ratio(m, u) }
        };
        let compared = comparison(written);
        let figures = compared.levels().iter().skip(1).zip(&parameters.m[place]).zip(&parameters.u[place]);
        let term_frequencies = if written.term_frequency {
            Some(TermFrequencies::of(&CodedText::new(&printed(records, &written.column)?)))
        } else {
            None
        };
        comparisons.push(TrainedComparison {
            name: name_of(written).to_owned(),
            column: written.column.clone(),
            levels: figures.map(level).collect(),
            term_frequencies,
        });
    }
    let prior = rounded(parameters.prior);
    Ok(TrainedModel {
        version: TrainedModel::VERSION,
        spec: spec.clone(),
        prior,
        prior_weight: Bits::from_probability(prior),
        link: TrainedThreshold::at(spec.thresholds.link),
        review: TrainedThreshold::at(spec.thresholds.review),
        comparisons,
        report,
    })
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
