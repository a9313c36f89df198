//! Scores pairs with a trained model, and stops as soon as a pair is hopeless.
//!
//! Comparisons are asked in an order of their own: those that cost nothing first, then those that can take most away. A
//! pair is abandoned when even the best levels of what is left could not lift it to the review threshold. Because
//! weights are whole numbers, neither the order nor the abandoning changes any weight that is reported.

use arrow::array::RecordBatch;
use onefold_contract::Result;
use onefold_contract::comparison::PreparedComparison;
use rayon::prelude::*;

use super::model::{TrainedComparison, TrainedModel};
use crate::comparison::{EQUAL_LEVEL, cost, prepare};
use crate::error::ResolveError;
use crate::records::{CodedText, printed};
use crate::{Bits, Pattern};

/// A model bound to records.
pub(crate) struct Scorer {
    steps: Vec<Step>,
    prior: Bits,
    floor: Bits,
}

/// One comparison, ready to be asked.
struct Step {
    place: usize,
    comparison: Box<dyn PreparedComparison>,
    /// The weights of the levels, the null level first.
    weights: Vec<Bits>,
    /// What agreement on each row's value weighs more, where frequencies count.
    adjustments: Option<Vec<Bits>>,
    /// The most that the comparisons after this one can add.
    best_after: Bits,
}

impl Step {
    fn weight(&self, level: u8, row: u32) -> Bits {
        let weight = self.weights[usize::from(level)];
        match &self.adjustments {
            Some(adjustments) if level == EQUAL_LEVEL => weight + adjustments[row as usize],
            _ => weight,
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
pub(super) fn adjustments(records: &RecordBatch, trained: &TrainedComparison) -> Result<Option<Vec<Bits>>> {
    let Some(terms) = &trained.term_frequencies else { return Ok(None) };
    let values = CodedText::new(&printed(records, &trained.column)?);
    let u = trained.levels.first().map_or(1.0, |level| level.u);
    Ok(Some(terms.adjustments(&values, u)))
}

impl Scorer {
    /// Binds a model to records.
    pub(crate) fn new(model: &TrainedModel, records: &RecordBatch) -> Result<Self> {
        let prepared = prepare(&model.spec, records)?;
        if prepared.len() != model.comparisons.len() {
            let message = format!("model `{}` has figures for other comparisons than it names", model.spec.name);
            return Err(ResolveError::Bug(message).into());
        }
        let mut steps = Vec::with_capacity(prepared.len());
        let adjusted: Vec<Option<Vec<Bits>>> =
            model.comparisons.par_iter().map(|trained| adjustments(records, trained)).collect::<Result<_>>()?;
        let figures = model.comparisons.iter().zip(adjusted);
        for (place, (comparison, (trained, adjustments))) in prepared.into_iter().zip(figures).enumerate() {
            let weights = [Bits::ZERO].into_iter().chain(trained.levels.iter().map(|level| level.weight)).collect();
            steps.push(Step { place, comparison, weights, adjustments, best_after: Bits::ZERO });
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
        Ok(Self { steps, prior: model.prior_weight, floor: model.review.weight })
    }

    /// The pattern and weight of a pair at or above the review threshold; nothing for a pair below it.
    pub(crate) fn score(&self, left: u32, right: u32) -> Option<(Pattern, Bits)> {
        let (mut pattern, mut weight) = (Pattern::default(), self.prior);
        for step in &self.steps {
            let level = step.comparison.level(left, right);
            pattern = pattern.with(step.place, level);
            weight += step.weight(level, left);
            if weight + step.best_after < self.floor {
                return None;
            }
        }
        Some((pattern, weight))
    }
}
