//! Dates: birth dates and others.
//!
//! Whether 04/08/1966 is in April or in August is decided for the whole column ([`order`]), never value by value: the
//! rejected alternative turns every date that happens to read both ways into a guess of its own, and a column of American
//! birth dates into a mixture.
//!
//! - Two-digit years 00 to 29 are 2000 to 2029, 30 to 99 are 1930 to 1999, as spreadsheets have it.
//! - A time behind the date is dropped; the date stands as its clock showed it.
//! - Birth dates lie in 1850 to 2100. The upper bound is loose on purpose: this crate knows no clock, and whether a date lies
//!   in the future depends on when the run was. Other dates lie in the years 1 to 9999.

pub(crate) mod order;
pub(crate) mod text;

use std::sync::Arc;

use arrow::array::{Date32Array, StringArray};
use arrow::datatypes::Date32Type;
use chrono::{Datelike, NaiveDate};
use onefold_contract::AttributeKind;
use onefold_contract::standardizer::{ColumnDecision, ColumnSettings, DateOrder, Standardized, Standardizer};

use self::text::{DateText, split_time};
use crate::Dictionaries;
use crate::null_word::is_null;
use crate::text::{tidy_name, western_digits};
use crate::value_wise::{Cleaned, Flaw, clean_each};

/// The years in which a customer can have been born.
const BIRTH_YEARS: std::ops::RangeInclusive<i32> = 1850..=2100;
/// The years that a date is written with.
pub(crate) const YEARS: std::ops::RangeInclusive<i32> = 1..=9999;

/// Cleans dates.
pub(crate) struct Dates<'d> {
    dictionaries: &'d Dictionaries,
}

impl<'d> Dates<'d> {
    /// Over the dictionaries that know the null words.
    pub(crate) fn new(dictionaries: &'d Dictionaries) -> Self {
        Self { dictionaries }
    }

    fn clean(
        &self,
        text: &str,
        kind: AttributeKind,
        settings: &ColumnSettings,
        order: DateOrder,
    ) -> Cleaned<NaiveDate> {
        if is_null(text, kind, settings, self.dictionaries) {
            return Ok(None);
        }
        let text = tidy_name(text);
        let text = western_digits(&text).to_lowercase();
        let date = DateText::read(split_time(&text).0)?.date(order)?;
        let years = if kind == AttributeKind::BirthDate { BIRTH_YEARS } else { YEARS };
        if years.contains(&date.year()) {
            return Ok(Some(date));
        }
        let (first, last) = (years.start(), years.end());
        Err(Flaw::new("implausible-date", format!("the year {} is not between {first} and {last}", date.year())))
    }
}

impl Standardizer for Dates<'_> {
    fn kinds(&self) -> &'static [AttributeKind] {
        &[AttributeKind::BirthDate, AttributeKind::Date]
    }

    fn decide(&self, column: &StringArray, settings: &ColumnSettings) -> ColumnDecision {
        order::decide(column, settings)
    }

    fn standardize(
        &self,
        kind: AttributeKind,
        column: &StringArray,
        settings: &ColumnSettings,
        decision: &ColumnDecision,
    ) -> Standardized {
        let order = order::in_force(settings, decision);
        let (dates, defects) = clean_each(column, |text| self.clean(text, kind, settings, order));
        let clean: Date32Array = dates.into_iter().map(|date| date.map(Date32Type::from_naive_date)).collect();
        Standardized { clean: Arc::new(clean), derived: Vec::new(), defects }
    }
}
