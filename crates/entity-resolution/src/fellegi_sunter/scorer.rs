//! Scores pairs with a trained model, and stops as soon as a pair is hopeless.
//!
//! Comparisons are asked in an order of their own: those that cost nothing first, then those that can take most away. A
//! pair is abandoned when even the best levels of what is left could not lift it to the review threshold. Because
//! weights are whole numbers, neither the order nor the abandoning changes any weight that is reported.

use std::sync::Arc;

use arrow::array::RecordBatch;
use onefold_contract::Result;
use onefold_contract::comparison::{NULL_LEVEL, PreparedComparison};
use rayon::prelude::*;

use super::model::{TrainedComparison, TrainedLevel, TrainedModel};
use crate::clustering::{Evidence, Ratios, Sum};
use crate::compared::ComparedRecords;
use crate::comparison::{EQUAL_LEVEL, cost, term_values};
use crate::error::ResolveError;
use crate::kernel::Edge;
use crate::records::CodedText;
use crate::spec::ComparisonSpec;
use crate::{Bits, Pattern};

/// A model bound to records.
pub(crate) struct Scorer {
    steps: Vec<Step>,
    prior: Bits,
    related: Vec<Bits>,
    floor: Bits,
}

/// The kinds of relation that a model may know.
pub(crate) const MAX_RELATED: usize = 3;

/// What could be the same household takes off a match weight: the odds of a match against strangers become the odds
/// against strangers and relatives together. `related` are the weights of the related kinds against strangers.
pub(crate) fn relation_correction(related: &[Bits]) -> Bits {
    if related.is_empty() {
        return Bits::ZERO;
    }
    let others: f64 = related.iter().map(|weight| weight.as_f64().exp2()).sum();
    -Bits::new((1.0 + others).log2())
}

/// log2(h / u) of a level for each kind of relation; nothing where relatives do not share what is compared.
pub(crate) fn related_weights(level: &TrainedLevel) -> impl Iterator<Item = Bits> + '_ {
    level.related.iter().map(|h| Bits::from_ratio(*h, level.u))
}

/// One comparison, ready to be asked.
struct Step {
    place: usize,
    comparison: Arc<dyn PreparedComparison>,
    /// The weights of the levels, the null level first.
    weights: Vec<Bits>,
    /// The weights of the levels for each kind of relation; none where relatives do not share what is compared.
    related: Vec<Vec<Bits>>,
    /// The likelihood ratios of the levels, the null level first.
    ratios: Vec<Ratios>,
    /// What agreement on each row's value weighs more, where frequencies count.
    adjustments: Option<Vec<Bits>>,
    /// The most that the comparisons after this one can add.
    best_after: Bits,
}

impl Step {
    fn adjustment(&self, level: u8, row: u32) -> Bits {
        match &self.adjustments {
            Some(adjustments) if level == EQUAL_LEVEL => adjustments[row as usize],
            _ => Bits::ZERO,
        }
    }

    /// Adds what a level says to the evidence.
    fn count(&self, level: u8, row: u32, sum: &mut Sum) {
        if level == NULL_LEVEL {
            return;
        }
        let adjustment = self.adjustment(level, row);
        if adjustment == Bits::ZERO {
            sum.count(&self.ratios[usize::from(level)]);
        } else {
            let related = self.related.iter().map(|weights| weights[usize::from(level)] + adjustment);
            sum.count(&Ratios::of(self.weights[usize::from(level)] + adjustment, related));
        }
    }

    fn best(&self) -> Bits {
        let more = self.adjustments.as_ref().and_then(|a| a.iter().max().copied()).unwrap_or(Bits::ZERO);
        let equal = self.weights.get(usize::from(EQUAL_LEVEL)).map_or(Bits::ZERO, |weight| *weight + more);
        self.weights.iter().copied().fold(equal, Ord::max)
    }

    /// The most that this comparison can take away.
    fn reach(&self) -> Bits {
        self.best() - self.weights.iter().copied().fold(Bits::ZERO, Ord::min)
    }
}

/// The adjustment of every row, where a comparison adjusts for frequencies.
pub(super) fn adjustments(
    records: &RecordBatch,
    spec: &ComparisonSpec,
    trained: &TrainedComparison,
) -> Result<Option<Vec<Bits>>> {
    let Some(terms) = &trained.term_frequencies else { return Ok(None) };
    let values = CodedText::new(&term_values(spec, records)?);
    Ok(Some(terms.adjustments(&values, u_of_equal(trained))))
}

fn u_of_equal(trained: &TrainedComparison) -> f64 {
    trained.levels.first().map_or(1.0, |level| level.u)
}

impl Scorer {
    /// Binds a model to records.
    pub(crate) fn new(model: &TrainedModel, records: &ComparedRecords) -> Result<Self> {
        records.refuse_others(&model.spec)?;
        let prepared = records.comparisons();
        if prepared.len() != model.comparisons.len() {
            let message = format!("model `{}` has figures for other comparisons than it names", model.spec.name);
            return Err(ResolveError::Bug(message).into());
        }
        let mut steps = Vec::with_capacity(prepared.len());
        let adjusted = |(place, trained): (usize, &TrainedComparison)| {
            let terms = trained.term_frequencies.as_ref()?;
            Some(terms.adjustments(records.terms(place)?, u_of_equal(trained)))
        };
        let adjusted: Vec<Option<Vec<Bits>>> = model.comparisons.par_iter().enumerate().map(adjusted).collect();
        for (place, (trained, adjustments)) in model.comparisons.iter().zip(adjusted).enumerate() {
            let weights: Vec<Bits> =
                [Bits::ZERO].into_iter().chain(trained.levels.iter().map(|level| level.weight)).collect();
            let related = related_by_kind(trained, model.related.len());
            let ratios = (0..weights.len()).map(|level| Ratios::of(weights[level], related.iter().map(|w| w[level])));
            steps.push(Step {
                place,
                comparison: Arc::clone(&prepared[place]),
                ratios: ratios.collect(),
                weights,
                related,
                adjustments,
                best_after: Bits::ZERO,
            });
        }
        steps.sort_by_key(|step| {
            let dear = model.spec.comparisons.get(step.place).map_or(0, |spec| cost(spec.method));
            (dear, std::cmp::Reverse(step.reach()), step.place)
        });
        let mut best_after = Bits::ZERO;
        for step in steps.iter_mut().rev() {
            step.best_after = best_after;
            best_after += step.best();
        }
        let related = model.related.iter().take(MAX_RELATED).map(|related| related.prior_weight).collect();
        Ok(Self { steps, prior: model.prior_weight, related, floor: model.review.weight })
    }

    /// The pattern and weight of a pair at or above the review threshold; nothing for a pair below it.
    pub(crate) fn score(&self, left: u32, right: u32) -> Option<(Pattern, Bits)> {
        self.weigh_from(left, right, Some(self.floor))
    }
}

impl Scorer {
    /// The pattern and weight of a pair, however low.
    pub(crate) fn weigh(&self, left: u32, right: u32) -> (Pattern, Bits) {
        self.weigh_from(left, right, None).unwrap_or_default()
    }

    fn weigh_from(&self, left: u32, right: u32, floor: Option<Bits>) -> Option<(Pattern, Bits)> {
        let (mut pattern, mut weight) = (Pattern::default(), self.prior);
        let mut related = [Bits::ZERO; MAX_RELATED];
        let kinds = self.related.len();
        related[..kinds].copy_from_slice(&self.related);
        for step in &self.steps {
            let level = step.comparison.level(left, right);
            let adjustment = step.adjustment(level, left);
            pattern = pattern.with(step.place, level);
            weight += step.weights[usize::from(level)] + adjustment;
            if floor.is_some_and(|floor| weight + step.best_after < floor) {
                return None;
            }
            for (sum, weights) in related.iter_mut().zip(&step.related) {
                *sum += weights[usize::from(level)] + adjustment;
            }
        }
        weight += relation_correction(&related[..kinds]);
        floor.is_none_or(|floor| weight >= floor).then_some((pattern, weight))
    }
}

/// The weights of a comparison's levels for each kind of relation, the null level first.
fn related_by_kind(trained: &TrainedComparison, kinds: usize) -> Vec<Vec<Bits>> {
    let levels: Vec<Vec<Bits>> = trained.levels.iter().map(|level| related_weights(level).collect()).collect();
    if levels.iter().any(|weights| weights.len() < kinds) {
        return Vec::new();
    }
    let of_kind = |kind: usize| [Bits::ZERO].into_iter().chain(levels.iter().map(|weights| weights[kind])).collect();
    (0..kinds).map(of_kind).collect()
}

impl Evidence for Scorer {
    fn comparisons(&self) -> usize {
        self.steps.len()
    }

    fn pair(&self, left: u32, right: u32, sums: &mut [Sum]) {
        for (step, sum) in self.steps.iter().zip(sums) {
            step.count(step.comparison.level(left, right), left, sum);
        }
    }

    fn edge(&self, edge: &Edge, sums: &mut [Sum]) {
        for (step, sum) in self.steps.iter().zip(sums) {
            step.count(edge.pattern.level(step.place), edge.left, sum);
        }
    }

    fn weight(&self, sums: &[Sum]) -> Bits {
        let kinds = self.related.len();
        let mut related = [Bits::ZERO; MAX_RELATED];
        related[..kinds].copy_from_slice(&self.related);
        let mut weight = self.prior;
        for (of_comparison, of_related) in sums.iter().filter_map(Sum::means) {
            weight += of_comparison;
            for (sum, more) in related[..kinds].iter_mut().zip(of_related) {
                *sum += more;
            }
        }
        weight + relation_correction(&related[..kinds])
    }
}
