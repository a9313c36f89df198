//! Birth dates: typing errors, swaps, years off, and the first of January that stands for an unknown day.
//!
//! Finer than [`super::Dates`], because a birth date is the strongest thing known of a person. A day that nobody knows is
//! written as the first of January, often: disagreement with it means less, which levels of their own let the model
//! learn; agreement on a date that many have weighs less by its frequency.

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::{DataType, Date32Type};
use onefold_contract::Result;
use onefold_contract::comparison::{Comparison, Level, NULL_LEVEL, PreparedComparison};

use super::date::{NONE, digits, one_error, swapped};
use super::similarity::{ALL_ELSE, EQUAL, MISSING};
use super::{EQUAL_LEVEL, name_of};
use crate::records::{column, is_text, text, wrong_type};
use crate::spec::ComparisonSpec;

/// Compares birth dates.
#[derive(Debug, Clone)]
pub struct BirthDates {
    name: String,
    column: String,
    levels: Vec<String>,
}

/// The levels after the null level.
#[derive(Debug, Clone, Copy)]
#[repr(u8)]
enum Relation {
    Equal = EQUAL_LEVEL,
    OneError,
    DayUnknown,
    SameDay,
    SameMonth,
    SameYear,
    DayUnknownYearOff,
    Different,
}

impl BirthDates {
    /// The comparison of a model file.
    pub fn new(spec: &ComparisonSpec) -> Self {
        let levels = [
            MISSING,
            EQUAL,
            "one typing error, or day and month swapped",
            "same year, once the first of January",
            "same day of another year",
            "same month",
            "same year",
            "another year, once the first of January",
            ALL_ELSE,
        ];
        Self { name: name_of(spec).to_owned(), column: spec.column.clone(), levels: levels.map(String::from).to_vec() }
    }
}

/// Dates as their eight digits, `0xYYYYMMDD`.
struct Prepared(Vec<u32>);

const FIRST_OF_JANUARY: u32 = 0x0101;

fn relation(left: u32, right: u32) -> Relation {
    let (year, day) = (|date: u32| date >> 16, |date: u32| date & 0xFFFF);
    let placeholder = day(left) == FIRST_OF_JANUARY || day(right) == FIRST_OF_JANUARY;
    if left == right {
        return Relation::Equal;
    }
    if placeholder && day(left) != day(right) {
        return if year(left) == year(right) { Relation::DayUnknown } else { Relation::DayUnknownYearOff };
    }
    if one_error(left, right) || swapped(left) == right {
        Relation::OneError
    } else if placeholder {
        Relation::DayUnknownYearOff
    } else if day(left) == day(right) {
        Relation::SameDay
    } else if left >> 8 == right >> 8 {
        Relation::SameMonth
    } else if year(left) == year(right) {
        Relation::SameYear
    } else {
        Relation::Different
    }
}

impl PreparedComparison for Prepared {
    fn level(&self, left: u32, right: u32) -> Level {
        let (left, right) = (self.0[left as usize], self.0[right as usize]);
        if left == NONE || right == NONE { NULL_LEVEL } else { relation(left, right) as Level }
    }
}

/// The digits of a date written `1980-05-12`, whether or not there is such a day.
fn written(value: &str) -> u32 {
    let digits: Vec<u32> = value.chars().filter_map(|c| c.to_digit(10)).collect();
    if digits.len() == 8 { digits.iter().fold(0, |packed, digit| packed << 4 | digit) } else { NONE }
}

impl Comparison for BirthDates {
    fn name(&self) -> &str {
        &self.name
    }

    fn levels(&self) -> &[String] {
        &self.levels
    }

    fn prepare(&self, records: &RecordBatch) -> Result<Box<dyn PreparedComparison>> {
        let values = column(records, &self.column)?;
        let packed = match values.data_type() {
            DataType::Date32 => {
                values.as_primitive::<Date32Type>().iter().map(|days| days.map_or(NONE, digits)).collect()
            }
            found if is_text(found) => {
                text(records, &self.column)?.iter().map(|value| value.map_or(NONE, written)).collect()
            }
            found => return Err(wrong_type(&self.column, found, "a date")),
        };
        Ok(Box::new(Prepared(packed)))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    #[test]
    fn the_levels_are_what_people_mistype() {
        let level = |left: &str, right: &str| {
            let prepared = Prepared(vec![written(left), written(right)]);
            assert_eq!(prepared.level(0, 1), prepared.level(1, 0));
            prepared.level(0, 1)
        };
        assert_eq!(level("1980-05-12", "1980-05-12"), Relation::Equal as Level);
        assert_eq!(level("1980-05-12", "1980-12-05"), Relation::OneError as Level);
        assert_eq!(level("1980-05-12", "1980-05-13"), Relation::OneError as Level);
        assert_eq!(level("1980-05-12", "1981-05-12"), Relation::OneError as Level);
        assert_eq!(level("1980-05-12", "1980-01-01"), Relation::DayUnknown as Level);
        assert_eq!(level("1980-05-12", "1992-05-12"), Relation::SameDay as Level);
        assert_eq!(level("1980-05-12", "1980-05-27"), Relation::SameMonth as Level);
        assert_eq!(level("1980-05-12", "1980-11-27"), Relation::SameYear as Level);
        assert_eq!(level("1980-05-12", "1961-01-01"), Relation::DayUnknownYearOff as Level);
        assert_eq!(level("1980-05-12", "1961-03-04"), Relation::Different as Level);
        assert_eq!(level("1980-05-12", "80"), NULL_LEVEL);
    }
}
