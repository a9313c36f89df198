//! Exact sums for control totals.

use std::collections::HashSet;

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::{DataType, Decimal128Type, Int64Type};
use onefold_contract::attribute::DECIMAL_SCALE;
use onefold_contract::change::SOURCE_KEY;
use onefold_contract::{Failure, Result};

/// The sum of an integer or decimal column over the rows whose key is in `only` (all rows where absent), in units of
/// 10^-[`DECIMAL_SCALE`].
pub(crate) fn sum(batch: &RecordBatch, column: &str, only: Option<&HashSet<&str>>) -> Result<i128> {
    let values = batch
        .column_by_name(column)
        .ok_or_else(|| Failure::bug(format!("the control total {column} has no column")))?;
    let keys = batch.column_by_name(SOURCE_KEY).map(AsArray::as_string::<i32>);
    let counts = |row: &usize| match (only, keys) {
        (Some(only), Some(keys)) => only.contains(keys.value(*row)),
        _ => true,
    };
    let rows = (0..values.len()).filter(|row| values.is_valid(*row)).filter(counts);
    match values.data_type() {
        DataType::Int64 => {
            let values = values.as_primitive::<Int64Type>();
            let scale = 10i128.pow(DECIMAL_SCALE.unsigned_abs().into());
            Ok(rows.map(|row| i128::from(values.value(row)) * scale).sum())
        }
        DataType::Decimal128(_, DECIMAL_SCALE) => {
            let values = values.as_primitive::<Decimal128Type>();
            Ok(rows.map(|row| values.value(row)).sum())
        }
        other => Err(Failure::bug(format!("the control total {column} is of type {other}"))),
    }
}

/// A sum as exact decimal text without zeros at its end.
pub(crate) fn text(sum: i128) -> String {
    let scale = 10u128.pow(DECIMAL_SCALE.unsigned_abs().into());
    let (sign, size) = (if sum < 0 { "-" } else { "" }, sum.unsigned_abs());
    let fraction = format!("{:0width$}", size % scale, width = DECIMAL_SCALE as usize);
    match fraction.trim_end_matches('0') {
        "" => format!("{sign}{}", size / scale),
        digits => format!("{sign}{}.{digits}", size / scale),
    }
}
