//! How two records are compared, aspect by aspect.
//!
//! A comparison puts a pair on one of a few levels. Levels, not raw similarities, are what probabilities are learned
//! for; the rejected alternative, a weight interpolated over similarity, assumes that a similarity of .9 means as much
//! for a birth date as for a street.

mod address;
mod alternative;
mod birth_date;
mod code;
mod damerau_levenshtein;
mod date;
mod email;
mod exact;
mod geographic;
mod jaccard;
mod jaro_winkler;
mod names;
mod numeric;
mod pair_cache;
mod phone;
mod q_gram;
mod relation;
mod similarity;
mod word_lists;
mod words;

use arrow::array::{RecordBatch, StringArray};
use arrow::datatypes::DataType;
use onefold_contract::Result;
use onefold_contract::comparison::{Comparison, PreparedComparison};
use rayon::prelude::*;

pub use address::Addresses;
pub use alternative::WithAlternative;
pub use birth_date::BirthDates;
pub use code::Codes;
pub use damerau_levenshtein::DamerauLevenshtein;
pub use date::Dates;
pub use email::Email;
pub use exact::Exact;
pub use geographic::Places;
pub use jaccard::Jaccard;
pub use jaro_winkler::JaroWinkler;
pub use names::Names;
pub use numeric::Numbers;
pub use phone::Phones;
pub use q_gram::QGrams;
pub use words::Words;

use crate::records::{folded_text, is_text, printed};
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
        ComparisonMethod::BirthDate => Box::new(BirthDates::new(spec)),
        // Names have a level for the alternative already.
        ComparisonMethod::GivenName => return Box::new(Names::given(spec)),
        ComparisonMethod::FamilyName => return Box::new(Names::family(spec)),
        ComparisonMethod::Words => Box::new(Words::new(spec)),
        ComparisonMethod::Phone => Box::new(Phones::new(spec)),
        ComparisonMethod::Address => Box::new(Addresses::new(spec)),
        ComparisonMethod::Code => Box::new(Codes::new(spec)),
        ComparisonMethod::QGram => Box::new(QGrams::new(spec)),
        ComparisonMethod::Numeric => Box::new(Numbers::new(spec)),
        ComparisonMethod::Geographic => Box::new(Places::new(spec)),
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
        ComparisonMethod::BirthDate => data_type == &DataType::Date32 || is_text(data_type),
        ComparisonMethod::Numeric | ComparisonMethod::Geographic => data_type.is_numeric(),
        _ => is_text(data_type),
    }
}

/// What a method compares, in words.
pub(crate) fn needed(method: ComparisonMethod) -> &'static str {
    match method {
        ComparisonMethod::Exact => "a simple value",
        ComparisonMethod::Date | ComparisonMethod::BirthDate => "a date",
        ComparisonMethod::Numeric | ComparisonMethod::Geographic => "a number",
        _ => "text",
    }
}

/// Whether a method has levels of similarity whose bounds can be written.
pub(crate) fn takes_thresholds(method: ComparisonMethod) -> bool {
    use ComparisonMethod as Method;
    !matches!(
        method,
        Method::Exact
            | Method::Date
            | Method::BirthDate
            | Method::GivenName
            | Method::FamilyName
            | Method::Phone
            | Method::Address
            | Method::Code
    )
}

/// Whether a method looks at the partner's column too.
pub(crate) fn takes_partner(method: ComparisonMethod) -> bool {
    matches!(method, ComparisonMethod::GivenName | ComparisonMethod::FamilyName | ComparisonMethod::Geographic)
}

/// Whether people of one household share what is compared.
pub(crate) fn shared_in_household(spec: &ComparisonSpec) -> bool {
    use ComparisonMethod as Method;
    let by_method = matches!(spec.method, Method::Email | Method::Phone | Method::Address | Method::FamilyName);
    spec.shared_in_household.unwrap_or(by_method)
}

/// How dear it is to compare a pair of values, as a rank: what costs nothing is asked first.
pub(crate) fn cost(method: ComparisonMethod) -> u8 {
    use ComparisonMethod as Method;
    match method {
        Method::Exact | Method::Date | Method::BirthDate | Method::Numeric => 0,
        Method::JaroWinkler | Method::Email | Method::Phone | Method::Code => 1,
        Method::GivenName | Method::FamilyName => 2,
        Method::Jaccard | Method::DamerauLevenshtein | Method::QGram | Method::Geographic => 3,
        Method::Address | Method::Words => 4,
    }
}

/// The name of a comparison in reports.
pub(crate) fn name_of(spec: &ComparisonSpec) -> &str {
    spec.name.as_deref().unwrap_or(&spec.column)
}

/// The values that are equal on the level of equal values: what frequencies are counted of.
///
/// # Errors
/// The column is not in the table or is of another type.
pub(crate) fn term_values(spec: &ComparisonSpec, records: &RecordBatch) -> Result<StringArray> {
    use ComparisonMethod as Method;
    match spec.method {
        Method::Phone => phone::numbers(records, &spec.column),
        Method::GivenName | Method::FamilyName | Method::Address | Method::Words | Method::Code | Method::QGram => {
            folded_text(records, &spec.column)
        }
        _ => printed(records, &spec.column),
    }
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
