//! Dates: equal, one typing error or day and month swapped, same year, all else.

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::{DataType, Date32Type};
use onefold_contract::Result;
use onefold_contract::comparison::{Comparison, Level, NULL_LEVEL, PreparedComparison};

use super::similarity::{ALL_ELSE, EQUAL, MISSING};
use super::{EQUAL_LEVEL, name_of};
use crate::records::{column, wrong_type};
use crate::spec::ComparisonSpec;

/// Compares dates as people write and mistype them.
#[derive(Debug, Clone)]
pub struct Dates {
    name: String,
    column: String,
    levels: Vec<String>,
}

impl Dates {
    /// The comparison of a model file.
    pub fn new(spec: &ComparisonSpec) -> Self {
        let levels = [MISSING, EQUAL, "one typing error, or day and month swapped", "same year", ALL_ELSE];
        Self { name: name_of(spec).to_owned(), column: spec.column.clone(), levels: levels.map(String::from).to_vec() }
    }
}

/// A date as its eight digits, four bits each, `0xYYYYMMDD`; 0 where there is none.
struct Prepared(Vec<u32>);

pub(super) const NONE: u32 = 0;

/// The digits of a date given in days since 1970: the civil calendar's rule, after H. Hinnant, "chrono-compatible
/// low-level date algorithms" (2013), with years beginning in March so that the leap day comes last.
pub(super) fn digits(days: i32) -> u32 {
    let days = i64::from(days) + 719_468;
    let (era, day_of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    let decimal = year.unsigned_abs() * 10_000 + (month * 100 + day) as u64;
    (0..8).fold(0, |packed, place| packed | ((decimal / 10u64.pow(place) % 10) as u32) << (4 * place))
}

pub(super) fn swapped(date: u32) -> u32 {
    (date & 0xFFFF_0000) | ((date & 0xFF) << 8) | ((date >> 8) & 0xFF)
}

/// Whether one digit, or the order of two neighbours, is all that differs.
pub(super) fn one_error(left: u32, right: u32) -> bool {
    let differing = left ^ right;
    let low = differing.trailing_zeros() / 4 * 4;
    if differing >> low <= 0xF {
        return true;
    }
    let pair = |date: u32| (date >> low) & 0xFF;
    let reversed = |pair: u32| (pair >> 4) | ((pair & 0xF) << 4);
    differing >> low <= 0xFF && pair(left) == reversed(pair(right))
}

impl PreparedComparison for Prepared {
    fn level(&self, left: u32, right: u32) -> Level {
        let (left, right) = (self.0[left as usize], self.0[right as usize]);
        if left == NONE || right == NONE {
            NULL_LEVEL
        } else if left == right {
            EQUAL_LEVEL
        } else if one_error(left, right) || swapped(left) == right {
            EQUAL_LEVEL + 1
        } else if left >> 16 == right >> 16 {
            EQUAL_LEVEL + 2
        } else {
            EQUAL_LEVEL + 3
        }
    }
}

impl Comparison for Dates {
    fn name(&self) -> &str {
        &self.name
    }

    fn levels(&self) -> &[String] {
        &self.levels
    }

    fn prepare(&self, records: &RecordBatch) -> Result<Box<dyn PreparedComparison>> {
        let values = column(records, &self.column)?;
        if values.data_type() != &DataType::Date32 {
            return Err(wrong_type(&self.column, values.data_type(), "a date"));
        }
        let dates = values.as_primitive::<Date32Type>();
        let packed = dates.iter().map(|days| days.map_or(NONE, digits)).collect();
        Ok(Box::new(Prepared(packed)))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    fn level(left: u32, right: u32) -> Level {
        Prepared(vec![left, right]).level(0, 1)
    }

    #[test]
    fn the_levels_are_what_people_mistype() {
        assert_eq!(digits(0), 0x1970_0101);
        assert_eq!(digits(-1), 0x1969_1231);
        assert_eq!(digits(11_016), 0x2000_0229);
        assert_eq!(level(0x1980_0512, 0x1980_0512), 1);
        assert_eq!(level(0x1980_0512, 0x1980_0517), 2, "one digit");
        assert_eq!(level(0x1980_0512, 0x1980_0521), 2, "neighbours swapped");
        assert_eq!(level(0x1980_0512, 0x1980_1205), 2, "day and month swapped");
        assert_eq!(level(0x1980_0512, 0x1908_0512), 2, "neighbours swapped in the year");
        assert_eq!(level(0x1980_0512, 0x1980_1121), 3, "same year");
        assert_eq!(level(0x1980_0512, 0x1979_0613), 4);
        assert_eq!(level(0x1980_0512, 0x2080_0513), 4, "two digits apart");
        assert_eq!(level(NONE, 0x1980_0512), 0);
    }
}
