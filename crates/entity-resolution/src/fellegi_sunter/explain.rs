//! Why two records match, or do not: the weight as a sum of contributions.

use arrow::array::{Array, RecordBatch};
use onefold_contract::Result;
use onefold_contract::identity::RecordRef;
use serde::{Deserialize, Serialize};

use super::model::TrainedModel;
use super::scorer::adjustments;
use crate::Bits;
use crate::comparison::{EQUAL_LEVEL, comparison};
use crate::error::ResolveError;
use crate::records::{printed, record_refs};

/// A pair's weight, explained: `prior` and the contributions sum exactly to `weight`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Explanation {
    /// One record.
    pub left: RecordRef,
    /// The other.
    pub right: RecordRef,
    /// What the weight begins with: the log2 odds that two records drawn at random match.
    pub prior: Bits,
    /// The comparisons, in the model's order.
    pub contributions: Vec<Contribution>,
    /// The match weight.
    pub weight: Bits,
    /// The probability of a match at that weight.
    pub probability: f64,
}

/// What one comparison contributes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Contribution {
    /// The comparison.
    pub comparison: String,
    /// The one record's value.
    pub left: Option<String>,
    /// The other's.
    pub right: Option<String>,
    /// The name of the level they are on.
    pub level: String,
    /// The weight of that level.
    pub level_weight: Bits,
    /// What the value's frequency adds, where they agree on one.
    pub term_frequency_adjustment: Bits,
    /// Both together.
    pub weight: Bits,
}

/// Explains the weight of a pair of rows.
///
/// # Errors
/// A row is not there, or the records lack a column of the model.
pub fn explain(records: &RecordBatch, left: u32, right: u32, model: &TrainedModel) -> Result<Explanation> {
    let rows = records.num_rows();
    if left as usize >= rows || right as usize >= rows {
        return Err(ResolveError::Bug(format!("rows {left} and {right} are asked for, but there are {rows}")).into());
    }
    // Two rows are all that is looked at; term frequencies stand in the model.
    let pair = arrow::compute::take_record_batch(records, &arrow::array::UInt32Array::from(vec![left, right]))?;
    let refs = record_refs(&pair)?;
    let contributions =
        (0..model.comparisons.len()).map(|place| contribution(&pair, place, model)).collect::<Result<Vec<_>>>()?;
    let weight = model.prior_weight + contributions.iter().map(|c| c.weight).sum();
    Ok(Explanation {
        left: refs[0].clone(),
        right: refs[1].clone(),
        prior: model.prior_weight,
        contributions,
        weight,
        probability: weight.probability(),
    })
}

fn contribution(pair: &RecordBatch, place: usize, model: &TrainedModel) -> Result<Contribution> {
    let Some((spec, trained)) = model.spec.comparisons.get(place).zip(model.comparisons.get(place)) else {
        return Err(ResolveError::Bug(format!("model `{}` has no comparison {place}", model.spec.name)).into());
    };
    let comparison = comparison(spec);
    let level = usize::from(comparison.prepare(pair)?.level(0, 1));
    let values = printed(pair, &spec.column)?;
    let value = |row: usize| values.is_valid(row).then(|| values.value(row).to_owned());
    let level_weight = if level == 0 { Bits::ZERO } else { trained.levels[level - 1].weight };
    let term_frequency_adjustment = match adjustments(pair, trained)? {
        Some(adjustments) if level == usize::from(EQUAL_LEVEL) => adjustments[0],
        _ => Bits::ZERO,
    };
    Ok(Contribution {
        comparison: trained.name.clone(),
        left: value(0),
        right: value(1),
        level: comparison.levels()[level].clone(),
        level_weight,
        term_frequency_adjustment,
        weight: level_weight + term_frequency_adjustment,
    })
}
