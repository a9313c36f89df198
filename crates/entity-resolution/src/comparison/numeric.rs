//! Numbers by their relative difference.

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Float64Type};
use onefold_contract::Result;
use onefold_contract::comparison::{Comparison, Level, NULL_LEVEL, PreparedComparison};

use super::similarity::{bounds, level_names, level_of};
use super::{EQUAL_LEVEL, name_of};
use crate::records::{column, wrong_type};
use crate::spec::ComparisonSpec;

/// Compares numbers by 1 - difference / the larger magnitude.
#[derive(Debug, Clone)]
pub struct Numbers {
    name: String,
    column: String,
    bounds: Vec<f64>,
    levels: Vec<String>,
}

impl Numbers {
    /// The bounds where a model writes none.
    pub const BOUNDS: [f64; 2] = [0.99, 0.9];

    /// The comparison of a model file.
    pub fn new(spec: &ComparisonSpec) -> Self {
        let bounds = bounds(&spec.thresholds, &Self::BOUNDS);
        let levels = level_names("1 - relative difference", &bounds);
        Self { name: name_of(spec).to_owned(), column: spec.column.clone(), bounds, levels }
    }
}

/// Numbers, NaN where there is none.
struct Prepared {
    values: Vec<f64>,
    bounds: Vec<f64>,
}

impl PreparedComparison for Prepared {
    fn level(&self, left: u32, right: u32) -> Level {
        let (a, b) = (self.values[left as usize], self.values[right as usize]);
        if a.is_nan() || b.is_nan() {
            return NULL_LEVEL;
        }
        // Equal is equal to the last bit; what is nearly equal is the business of the bounds.
        if a.total_cmp(&b).is_eq() {
            return EQUAL_LEVEL;
        }
        level_of(Some(1.0 - (a - b).abs() / a.abs().max(b.abs())), &self.bounds, EQUAL_LEVEL)
    }
}

/// The numbers of a column, NaN where there is none.
///
/// # Errors
/// The column is not there or holds no numbers.
pub(super) fn numbers(records: &RecordBatch, name: &str) -> Result<Vec<f64>> {
    let values = column(records, name)?;
    if !values.data_type().is_numeric() {
        return Err(wrong_type(name, values.data_type(), "a number"));
    }
    let values = cast(values, &DataType::Float64)?;
    Ok(values.as_primitive::<Float64Type>().iter().map(|value| value.unwrap_or(f64::NAN)).collect())
}

impl Comparison for Numbers {
    fn name(&self) -> &str {
        &self.name
    }

    fn levels(&self) -> &[String] {
        &self.levels
    }

    fn prepare(&self, records: &RecordBatch) -> Result<Box<dyn PreparedComparison>> {
        Ok(Box::new(Prepared { values: numbers(records, &self.column)?, bounds: self.bounds.clone() }))
    }
}
