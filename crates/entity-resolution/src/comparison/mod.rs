//! How two records are compared, aspect by aspect.
//!
//! A comparison puts a pair on one of a few levels. Levels, not raw similarities, are what probabilities are learned
//! for; the rejected alternative, a weight interpolated over similarity, assumes that a similarity of .9 means as much
//! for a birth date as for a street.

mod alternative;
mod damerau_levenshtein;
mod date;
mod email;
mod exact;
mod jaccard;
mod jaro_winkler;
mod similarity;

use arrow::array::RecordBatch;
use arrow::datatypes::DataType;
use onefold_contract::Result;
use onefold_contract::comparison::{Comparison, PreparedComparison};
use rayon::prelude::*;

pub use alternative::WithAlternative;
pub use damerau_levenshtein::DamerauLevenshtein;
pub use date::Dates;
pub use email::Email;
pub use exact::Exact;
pub use jaccard::Jaccard;
pub use jaro_winkler::JaroWinkler;

use crate::records::is_text;
use crate::spec::{ComparisonMethod, ComparisonSpec, ModelSpec};

/// The level of equal values, for every method.
pub const EQUAL_LEVEL: u8 = 1;

/// The comparison that a model file describes. Every method is registered here and nowhere else.
pub fn comparison(spec: &ComparisonSpec) -> Box<dyn Comparison> {
    let plain: Box<dyn Comparison> = match spec.method {
        ComparisonMethod::Exact => Box::new(Exact::new(spec)),
        ComparisonMethod::JaroWinkler => Box::new(JaroWinkler::new(spec)),
        ComparisonMethod::DamerauLevenshtein => Box::new(DamerauLevenshtein::new(spec)),
        ComparisonMethod::Jaccard => Box::new(Jaccard::new(spec)),
        ComparisonMethod::Date => Box::new(Dates::new(spec)),
        ComparisonMethod::Email => Box::new(Email::new(spec)),
    };
    match &spec.alternative {
        Some(column) => Box::new(WithAlternative::new(plain, column)),
        None => plain,
    }
}

/// Whether a method compares values of a type.
pub(crate) fn accepts(method: ComparisonMethod, data_type: &DataType) -> bool {
    match method {
        ComparisonMethod::Exact => !data_type.is_nested(),
        ComparisonMethod::Date => data_type == &DataType::Date32,
        _ => is_text(data_type),
    }
}

/// What a method compares, in words.
pub(crate) fn needed(method: ComparisonMethod) -> &'static str {
    match method {
        ComparisonMethod::Exact => "a simple value",
        ComparisonMethod::Date => "a date",
        _ => "text",
    }
}

/// Whether a method has levels of similarity whose bounds can be written.
pub(crate) fn takes_thresholds(method: ComparisonMethod) -> bool {
    !matches!(method, ComparisonMethod::Exact | ComparisonMethod::Date)
}

/// How dear it is to compare a pair of values, as a rank: what costs nothing is asked first.
pub(crate) fn cost(method: ComparisonMethod) -> u8 {
    match method {
        ComparisonMethod::Exact | ComparisonMethod::Date => 0,
        ComparisonMethod::JaroWinkler | ComparisonMethod::Email => 1,
        ComparisonMethod::Jaccard | ComparisonMethod::DamerauLevenshtein => 2,
    }
}

/// The name of a comparison in reports.
pub(crate) fn name_of(spec: &ComparisonSpec) -> &str {
    spec.name.as_deref().unwrap_or(&spec.column)
}

/// A model's comparisons with the records' values at hand, in the model's order.
///
/// # Errors
/// A column a comparison names is not in the table or is of another type.
pub fn prepare(model: &ModelSpec, records: &RecordBatch) -> Result<Vec<Box<dyn PreparedComparison>>> {
    model.comparisons.par_iter().map(|spec| comparison(spec).prepare(records)).collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests;
