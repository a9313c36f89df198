//! A trained model: all that scoring needs, in a form that people read and that an epoch pins.

use serde::{Deserialize, Serialize};

use super::term_frequency::TermFrequencies;
use crate::Bits;
use crate::spec::ModelSpec;

/// A model with its figures. As JSON it is stable: the same records and specification give the same text.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TrainedModel {
    /// The version of this form.
    pub version: u32,
    /// The specification it was trained from.
    pub spec: ModelSpec,
    /// The probability that two records drawn at random are one entity.
    pub prior: f64,
    /// log2 of the odds of a match against two strangers, with which every match weight begins.
    pub prior_weight: Bits,
    /// The kinds of pairs that share a household or a place and are no match; a pair is a match to the degree that it is
    /// neither of strangers nor of such.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub related: Vec<TrainedRelated>,
    /// At or above, a pair is linked.
    pub link: TrainedThreshold,
    /// At or above, and below `link`, a pair is for review.
    pub review: TrainedThreshold,
    /// The comparisons, in the specification's order.
    pub comparisons: Vec<TrainedComparison>,
    /// How the figures came about.
    pub report: TrainingReport,
}

impl TrainedModel {
    /// The version of the form that this code writes.
    pub const VERSION: u32 = 2;
}

/// A kind of pairs of two entities that share something.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TrainedRelated {
    /// Its name in explanations.
    pub name: String,
    /// The probability that two records drawn at random are such a pair.
    pub prior: f64,
    /// log2 of its odds against two strangers.
    pub prior_weight: Bits,
}

/// A line drawn across match weights.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct TrainedThreshold {
    /// As a probability that a pair is a match.
    pub probability: f64,
    /// As a match weight.
    pub weight: Bits,
}

impl TrainedThreshold {
    /// The line at a probability.
    pub fn at(probability: f64) -> Self {
        Self { probability, weight: Bits::from_probability(probability) }
    }
}

/// A comparison with its figures.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TrainedComparison {
    /// The comparison's name.
    pub name: String,
    /// The column compared.
    pub column: String,
    /// The levels after the null level, whose weight is 0.
    pub levels: Vec<TrainedLevel>,
    /// How frequent the values are, where agreement on a rare value weighs more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub term_frequencies: Option<TermFrequencies>,
}

/// A level with its figures.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TrainedLevel {
    /// The level's name.
    pub name: String,
    /// The probability that the records of one entity, both with a value, are on this level.
    pub m: f64,
    /// The probability that the records of two entities, both with a value, are on this level.
    pub u: f64,
    /// log2(m / u).
    pub weight: Bits,
    /// The probability that two related entities, both with a value, are on this level; one for each kind of relation,
    /// none where relatives do not share what is compared.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub related: Vec<f64>,
}

/// How the figures of a model came about.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct TrainingReport {
    /// The records.
    pub records: u64,
    /// The candidate pairs whose patterns m was learned from.
    pub candidate_pairs: u64,
    /// The random pairs that u was estimated from.
    pub random_pairs: u64,
    /// Rounds of expectation-maximisation.
    pub rounds: u32,
    /// Whether the last round moved no figure by more than the tolerance.
    pub converged: bool,
    /// The largest move of the last round.
    pub largest_move: f64,
    /// How many candidate pairs are matches, by the learned figures.
    pub expected_matches: f64,
    /// How many candidate pairs are of two entities that share a household or a place, by the learned figures.
    #[serde(default)]
    pub expected_related: f64,
    /// How many of the expected matches are at or above the link threshold.
    pub expected_linked_matches: f64,
    /// The share of candidate pairs that the learned figures put at or above the link threshold.
    pub linked_share: f64,
    /// The share of the candidate pairs at or above the link threshold that are expected to be matches.
    #[serde(default)]
    pub expected_precision: f64,
    /// Why the written figures hold instead of the learned ones, in one sentence; absent where the learned ones hold.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub degenerate: Option<String>,
}

/// A figure with six significant digits: what JSON shows is what is used, on every machine.
pub(super) fn rounded(figure: f64) -> f64 {
    // A sum of nothing is -0, which nobody wants to read.
    format!("{:.5e}", figure + 0.0).parse().unwrap_or(figure)
}
