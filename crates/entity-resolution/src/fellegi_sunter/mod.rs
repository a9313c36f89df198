//! The model of I. Fellegi and A. Sunter, "A theory for record linkage" (1969).
//!
//! A pair's match weight is the log2 odds, before anything is known, that two records are one entity, plus for every
//! comparison log2(m / u) of the level it is on. The odds are those of two records drawn at random, and u is estimated
//! from random pairs. The rejected alternative, the odds among candidate pairs, counts the agreement that made a pair a
//! candidate twice: once in the odds and once in its weight.

mod explain;
mod maximisation;
mod model;
mod operating_point;
mod random_pairs;
mod scorer;
mod term_frequency;
mod training;

pub use explain::{Contribution, Explanation, explain};
pub use model::{TrainedComparison, TrainedLevel, TrainedModel, TrainedRelated, TrainedThreshold, TrainingReport};
pub(crate) use random_pairs::pattern;
pub(crate) use scorer::{MAX_RELATED, Scorer};
pub use term_frequency::TermFrequencies;
pub use training::{train, train_compared, train_from_counts};

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests;
