//! Control totals: sums taken on both sides of staging, by different code from different data.
//!
//! The delivered side is summed from raw text as it streams by, before any rule looks at it; the accepted side from the
//! typed columns when all is done. The two share neither parser nor loop, so that a row or a digit lost between them shows.

use arrow::array::{Array, AsArray, RecordBatch, StringArray};
use arrow::datatypes::{DataType, Decimal128Type, Int64Type};
use onefold_contract::ledger::ControlTotal;
use onefold_contract::{Failure, Result};

use super::columns::is_absent;

/// Units of a sum: one ten-thousandth, the last digit of every exact decimal.
const UNITS: i128 = 10_000;

/// The sums of one control total, as exact decimal text without trailing zeros ("10.5", "-3").
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ControlSum {
    /// The column that is summed.
    pub column: String,
    /// The sum over every row as it streamed out of raw, wherever the value is a number.
    pub delivered: String,
    /// The sum over the accepted rows, taken from the staged values; unchanged rows included.
    pub accepted: String,
    /// The sum over the rows in quarantine, wherever the value is a number.
    pub quarantined: String,
    /// The sum over the rows left out by a declared rule, wherever the value is a number.
    pub excluded: String,
    /// Accepted, quarantined and excluded together; equal to `delivered` unless a row was lost.
    pub accounted: String,
}

impl ControlSum {
    /// The total as the ledger keeps it.
    pub fn total(&self) -> ControlTotal {
        ControlTotal {
            name: format!("sum of {}", self.column),
            delivered: self.delivered.clone(),
            accounted: self.accounted.clone(),
            written: Some(self.accepted.clone()).filter(|accepted| *accepted != self.accounted),
        }
    }
}

/// The running sums of one control total.
#[derive(Debug)]
pub(super) struct Running {
    column: String,
    null_words: Vec<String>,
    delivered: i128,
    quarantined: i128,
    excluded: i128,
}

impl Running {
    /// Sums of a column, all nothing.
    pub(super) fn new(column: &str, null_words: &[String]) -> Self {
        let null_words = null_words.to_vec();
        Self { column: column.to_string(), null_words, delivered: 0, quarantined: 0, excluded: 0 }
    }

    /// The column that is summed.
    pub(super) fn column(&self) -> &str {
        &self.column
    }

    /// Adds a raw column to the delivered side.
    pub(super) fn deliver(&mut self, texts: &StringArray) -> Result<()> {
        for text in texts.iter().flatten() {
            self.delivered = added(self.delivered, self.units(text), &self.column)?;
        }
        Ok(())
    }

    /// Adds a raw value of a row that went into quarantine.
    pub(super) fn quarantine(&mut self, text: Option<&str>) -> Result<()> {
        let units = text.map_or(0, |text| self.units(text));
        self.quarantined = added(self.quarantined, units, &self.column)?;
        Ok(())
    }

    /// Adds a raw value of a row that was left out.
    pub(super) fn exclude(&mut self, text: Option<&str>) -> Result<()> {
        let units = text.map_or(0, |text| self.units(text));
        self.excluded = added(self.excluded, units, &self.column)?;
        Ok(())
    }

    /// Sums the accepted rows and closes the account.
    pub(super) fn close(self, content: &RecordBatch) -> Result<ControlSum> {
        let accepted = self.accepted(content)?;
        let kept = added(accepted, self.quarantined, &self.column)?;
        let accounted = added(kept, self.excluded, &self.column)?;
        Ok(ControlSum {
            column: self.column,
            delivered: text(self.delivered),
            accepted: text(accepted),
            quarantined: text(self.quarantined),
            excluded: text(self.excluded),
            accounted: text(accounted),
        })
    }

    fn accepted(&self, content: &RecordBatch) -> Result<i128> {
        let no_number = || Failure::usage(format!("control total {}: the column is no number", self.column));
        let values = content.column_by_name(&self.column).ok_or_else(no_number)?;
        match values.data_type() {
            DataType::Int64 => {
                let numbers = values.as_primitive::<Int64Type>().iter().flatten();
                numbers.map(|n| i128::from(n) * UNITS).try_fold(0, |sum, n| added(sum, n, &self.column))
            }
            DataType::Decimal128(..) => {
                let numbers = values.as_primitive::<Decimal128Type>().iter().flatten();
                numbers.into_iter().try_fold(0, |sum, n| added(sum, n, &self.column))
            }
            _ => Err(no_number()),
        }
    }

    fn units(&self, text: &str) -> i128 {
        if is_absent(text, &self.null_words) { 0 } else { plain_units(text).unwrap_or(0) }
    }
}

/// A plain number in units, digit by digit; `None` for every other text.
fn plain_units(text: &str) -> Option<i128> {
    let (mut units, mut digits, mut behind, mut point, mut negative) = (0i128, 0u32, 0u32, false, false);
    for (place, sign) in text.trim().chars().enumerate() {
        match sign {
            '-' | '+' if place == 0 => negative = sign == '-',
            '.' if !point => point = true,
            '0'..='9' => {
                let digit = i128::from(sign.to_digit(10)?);
                digits += 1;
                behind += u32::from(point);
                if behind <= 4 {
                    units = units.checked_mul(10)?.checked_add(digit)?;
                } else if digit != 0 {
                    return None;
                }
            }
            _ => return None,
        }
    }
    let units = units.checked_mul(10i128.pow(4 - behind.min(4)))?;
    (digits > 0).then_some(if negative { -units } else { units })
}

fn added(sum: i128, units: i128, column: &str) -> Result<i128> {
    sum.checked_add(units).ok_or_else(|| Failure::source(format!("the sum of column {column} is beyond 38 digits")))
}

/// Units as decimal text without trailing zeros.
fn text(units: i128) -> String {
    let sign = if units < 0 { "-" } else { "" };
    let (whole, fraction) = (units.unsigned_abs() / UNITS.unsigned_abs(), units.unsigned_abs() % UNITS.unsigned_abs());
    if fraction == 0 {
        return format!("{sign}{whole}");
    }
    let fraction = format!("{fraction:04}");
    format!("{sign}{whole}.{}", fraction.trim_end_matches('0'))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::super::values;
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn units_are_written_as_decimals() {
        let cases = [(0, "0"), (10_000, "1"), (-5, "-0.0005"), (105_000, "10.5"), (-123_456_789, "-12345.6789")];
        for (units, expected) in cases {
            assert_eq!(text(units), expected);
        }
    }

    proptest! {
        #[test]
        fn both_sides_read_a_number_alike(text in "[ +-]?[0-9]{0,26}(\\.[0-9]{0,6})?[ 0e,]?") {
            if let Ok(units) = values::decimal(&text) {
                prop_assert_eq!(plain_units(&text), Some(units));
            }
            if let Ok(number) = values::integer(&text) {
                prop_assert_eq!(plain_units(&text), Some(i128::from(number) * UNITS));
            }
        }

        #[test]
        fn a_sum_reads_back(units in -1_000_000_000_000i128..1_000_000_000_000) {
            prop_assert_eq!(values::decimal(&text(units)), Ok(units));
        }
    }
}
