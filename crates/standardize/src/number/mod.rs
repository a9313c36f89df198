//! Whole numbers and decimals that arrive as text.
//!
//! Staging types these kinds already; they come here only from a source whose rows were never typed, and the same
//! reading of separators serves money.

pub(crate) mod text;

use std::sync::Arc;

use arrow::array::{ArrayRef, Decimal128Array, Int64Array, StringArray};
use onefold_contract::AttributeKind;
use onefold_contract::attribute::{DECIMAL_PRECISION, DECIMAL_SCALE};
use onefold_contract::standardizer::{ColumnDecision, ColumnSettings, Standardized, Standardizer};

use self::text::{Exact, comma_is_decimal, signed};
use crate::Dictionaries;
use crate::null_word::is_null;
use crate::text::{tidy_name, western_digits};
use crate::value_wise::{Cleaned, Flaw, clean_each};

/// Cleans whole numbers and decimals.
pub(crate) struct Numbers<'d> {
    dictionaries: &'d Dictionaries,
}

impl<'d> Numbers<'d> {
    /// Over the dictionaries that know the null words.
    pub(crate) fn new(dictionaries: &'d Dictionaries) -> Self {
        Self { dictionaries }
    }

    fn read(&self, text: &str, kind: AttributeKind, settings: &ColumnSettings) -> Cleaned<(bool, Exact)> {
        if is_null(text, kind, settings, self.dictionaries) {
            return Ok(None);
        }
        let text = tidy_name(text);
        let text = western_digits(&text);
        let (negative, digits) = signed(&text);
        Ok(Some((negative, Exact::read(digits, comma_is_decimal(settings.region.as_deref()))?)))
    }
}

impl Standardizer for Numbers<'_> {
    fn kinds(&self) -> &'static [AttributeKind] {
        &[AttributeKind::Integer, AttributeKind::Decimal]
    }

    fn standardize(
        &self,
        kind: AttributeKind,
        column: &StringArray,
        settings: &ColumnSettings,
        _decision: &ColumnDecision,
    ) -> Standardized {
        if kind == AttributeKind::Integer {
            let (values, defects) = clean_each(column, |text| self.read(text, kind, settings)?.map(whole).transpose());
            return Standardized { clean: Arc::new(Int64Array::from(values)), derived: Vec::new(), defects };
        }
        let decimal = |(negative, exact): (bool, Exact)| exact.decimal(if negative { -1 } else { 1 });
        let (values, defects) = clean_each(column, |text| self.read(text, kind, settings)?.map(decimal).transpose());
        Standardized { clean: decimals(values), derived: Vec::new(), defects }
    }
}

fn whole((negative, exact): (bool, Exact)) -> Result<i64, Flaw> {
    let number = exact.whole().map(|number| if negative { -number } else { number });
    let number =
        number.ok_or_else(|| Flaw::new("not-whole", "the number has a fraction; a whole number belongs here"))?;
    i64::try_from(number).map_err(|_| Flaw::new("too-large", "the number has more than 18 digits"))
}

/// Amounts in units of 10^-[`DECIMAL_SCALE`] as an array.
pub(crate) fn decimals(values: Vec<Option<i128>>) -> ArrayRef {
    let array = Decimal128Array::from(values);
    // Precision and scale are constants that Arrow takes; were they not, the array's own would show in the schema.
    Arc::new(array.clone().with_precision_and_scale(DECIMAL_PRECISION, DECIMAL_SCALE).unwrap_or(array))
}
