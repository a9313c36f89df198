//! Why two records match, or do not: the weight as a sum of contributions.

use arrow::array::{Array, RecordBatch};
use onefold_contract::Result;
use onefold_contract::identity::RecordRef;
use serde::{Deserialize, Serialize};

use super::model::TrainedModel;
use super::scorer::{adjustments, related_weights, relation_correction};
use crate::Bits;
use crate::comparison::{EQUAL_LEVEL, comparison};
use crate::error::ResolveError;
use crate::records::{printed, record_refs};

/// A pair's weight, explained: `prior`, the contributions and `relation` sum exactly to `weight`.
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
    /// What is taken off because the pair could be two of one household or place: each contribution is evidence against
    /// strangers, and relatives agree on more than strangers do.
    pub relation: Bits,
    /// The kind of relation that takes most off, where any takes off a thousandth of a bit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub relation_kind: Option<String>,
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
    /// The same evidence for each kind of relation against strangers; none where relatives do not share what is compared.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub related: Vec<Bits>,
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
    let kind = |place: usize| {
        let of_comparisons = contributions.iter().filter_map(|c: &Contribution| c.related.get(place).copied());
        model.related[place].prior_weight + of_comparisons.sum()
    };
    let kinds: Vec<Bits> = (0..model.related.len()).map(kind).collect();
    let relation = relation_correction(&kinds);
    let strongest = (0..kinds.len()).max_by_key(|place| (kinds[*place], std::cmp::Reverse(*place)));
    let relation_kind =
        strongest.filter(|_| relation < Bits::new(-0.001)).map(|place| model.related[place].name.clone());
    let weight = model.prior_weight + contributions.iter().map(|c| c.weight).sum() + relation;
    Ok(Explanation {
        relation,
        relation_kind,
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
    let term_frequency_adjustment = match adjustments(pair, spec, trained)? {
        Some(adjustments) if level == usize::from(EQUAL_LEVEL) => adjustments[0],
        _ => Bits::ZERO,
    };
    let related = match level {
        0 => Vec::new(),
        level => related_weights(&trained.levels[level - 1]).map(|weight| weight + term_frequency_adjustment).collect(),
    };
    Ok(Contribution {
        related,
        comparison: trained.name.clone(),
        left: value(0),
        right: value(1),
        level: comparison.levels()[level].clone(),
        level_weight,
        term_frequency_adjustment,
        weight: level_weight + term_frequency_adjustment,
    })
}
