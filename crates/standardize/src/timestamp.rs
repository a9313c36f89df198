//! Moments: a date, a time and a zone, kept in UTC to the microsecond.
//!
//! A time without a zone is taken as UTC: no setting says where a column's clock stood, and UTC is the one reading that
//! keeps the order and distance of moments within the column. Named zones other than UTC and GMT are refused, because CST is
//! Chicago, Cuba and China. A number of ten or thirteen digits is seconds or milliseconds since 1970.

use std::sync::Arc;

use arrow::array::{StringArray, TimestampMicrosecondArray};
use chrono::{DateTime, Datelike, NaiveTime, TimeDelta};
use onefold_contract::AttributeKind;
use onefold_contract::standardizer::{ColumnDecision, ColumnSettings, DateOrder, Standardized, Standardizer};

use crate::Dictionaries;
use crate::date::YEARS;
use crate::date::order;
use crate::date::text::{DateText, split_time};
use crate::null_word::is_null;
use crate::text::{tidy_name, western_digits};
use crate::value_wise::{Cleaned, Flaw, clean_each};

/// Cleans timestamps.
pub(crate) struct Timestamps<'d> {
    dictionaries: &'d Dictionaries,
}

impl<'d> Timestamps<'d> {
    /// Over the dictionaries that know the null words.
    pub(crate) fn new(dictionaries: &'d Dictionaries) -> Self {
        Self { dictionaries }
    }

    fn clean(&self, text: &str, settings: &ColumnSettings, order: DateOrder) -> Cleaned<i64> {
        if is_null(text, AttributeKind::Timestamp, settings, self.dictionaries) {
            return Ok(None);
        }
        let text = tidy_name(text);
        let text = western_digits(&text).to_lowercase();
        if let Some(moment) = since_1970(&text) {
            return Ok(Some(moment));
        }
        let (date, time) = split_time(&text);
        let date = DateText::read(date)?.date(order)?;
        let (time, offset) = time.map_or(Ok((NaiveTime::MIN, TimeDelta::zero())), read_time)?;
        let moment = date.and_time(time).checked_sub_signed(offset).filter(|moment| YEARS.contains(&moment.year()));
        let moment = moment.ok_or_else(|| Flaw::new("implausible-date", "the year is not between 1 and 9999"))?;
        Ok(Some(moment.and_utc().timestamp_micros()))
    }
}

impl Standardizer for Timestamps<'_> {
    fn kinds(&self) -> &'static [AttributeKind] {
        &[AttributeKind::Timestamp]
    }

    fn decide(&self, column: &StringArray, settings: &ColumnSettings) -> ColumnDecision {
        order::decide(column, settings)
    }

    fn standardize(
        &self,
        _kind: AttributeKind,
        column: &StringArray,
        settings: &ColumnSettings,
        decision: &ColumnDecision,
    ) -> Standardized {
        let order = order::in_force(settings, decision);
        let (moments, defects) = clean_each(column, |text| self.clean(text, settings, order));
        let clean = TimestampMicrosecondArray::from(moments).with_timezone("UTC");
        Standardized { clean: Arc::new(clean), derived: Vec::new(), defects }
    }
}

/// Seconds (ten digits) or milliseconds (thirteen) since 1970 began, as microseconds.
fn since_1970(text: &str) -> Option<i64> {
    let number: i64 = text.parse().ok().filter(|_| text.bytes().all(|b| b.is_ascii_digit()))?;
    match text.len() {
        10 => number.checked_mul(1_000_000),
        13 => number.checked_mul(1_000),
        _ => None,
    }
    .filter(|moment| DateTime::from_timestamp_micros(*moment).is_some())
}

fn not_a_time(text: &str) -> Flaw {
    Flaw::new("not-a-time", format!("{text} is not written as a time, such as 23:59:59 or 23:59:59+02:00"))
}

/// Reads `13:45[:00[.123]] [am|pm] [zone]` or `1345[00]...` into the time and how far its zone is ahead of UTC.
fn read_time(text: &str) -> Result<(NaiveTime, TimeDelta), Flaw> {
    let flaw = || not_a_time(text);
    let whole = text.split_once('[').map_or(text, |(before, _)| before).trim_end();
    let clock_end = whole.find(|c: char| !c.is_ascii_digit() && !matches!(c, ':' | '.' | ',')).unwrap_or(whole.len());
    let (clock, rest) = whole.split_at(clock_end);
    let rest = rest.trim();
    let (half, zone) = half_of_day(rest);
    let time = read_clock(clock, half).ok_or_else(flaw)?;
    let offset = read_zone(zone.trim()).ok_or_else(|| {
        let reason = format!("{zone} is not a time zone that can be told; write an offset such as +02:00");
        Flaw::new("unknown-time-zone", reason)
    })?;
    Ok((time, offset))
}

/// Splits off am or pm: whether it is after noon, and what follows.
fn half_of_day(text: &str) -> (Option<bool>, &str) {
    for (word, after_noon) in [("a.m.", false), ("p.m.", true), ("am", false), ("pm", true)] {
        if let Some(rest) = text.strip_prefix(word) {
            return (Some(after_noon), rest);
        }
    }
    (None, text)
}

fn read_clock(clock: &str, half: Option<bool>) -> Option<NaiveTime> {
    let (clock, fraction) = match clock.split_once(['.', ',']) {
        Some((clock, fraction)) => (clock, fraction),
        None => (clock, ""),
    };
    let compact = !clock.contains(':');
    let mut parts: Vec<&str> = clock.split(':').collect();
    if compact && clock.len() >= 4 {
        parts = vec![&clock[..2], &clock[2..4]];
        parts.extend(clock.get(4..).filter(|s| !s.is_empty()));
    }
    if !(2..=3).contains(&parts.len()) || parts.iter().any(|part| part.is_empty() || part.len() > 2) {
        return None;
    }
    let numbers: Vec<u32> = parts.iter().map(|part| part.parse().ok()).collect::<Option<_>>()?;
    let hour = match (numbers[0], half) {
        (hour, None) => hour,
        (12, Some(after_noon)) => {
            if after_noon {
                12
            } else {
                0
            }
        }
        (hour @ 1..=11, Some(after_noon)) => hour + if after_noon { 12 } else { 0 },
        _ => return None,
    };
    if !fraction.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let micros = format!("{fraction:0<6}").get(..6)?.parse().ok()?;
    NaiveTime::from_hms_micro_opt(hour, numbers[1], numbers.get(2).copied().unwrap_or(0), micros)
}

fn read_zone(zone: &str) -> Option<TimeDelta> {
    if matches!(zone, "" | "z" | "utc" | "gmt") {
        return Some(TimeDelta::zero());
    }
    let zone = zone.strip_prefix("utc").or_else(|| zone.strip_prefix("gmt")).unwrap_or(zone);
    let (sign, digits) = match zone.split_at_checked(1)? {
        ("+", digits) => (1, digits),
        ("-", digits) => (-1, digits),
        _ => return None,
    };
    let (hours, minutes) = match digits.split_once(':') {
        Some(parts) => parts,
        None if digits.len() == 4 => digits.split_at_checked(2)?,
        None => (digits, "0"),
    };
    let in_digits = |s: &str| !s.is_empty() && s.len() <= 2 && s.bytes().all(|b| b.is_ascii_digit());
    if !in_digits(hours) || !in_digits(minutes) {
        return None;
    }
    let (hours, minutes): (i64, i64) = (hours.parse().ok()?, minutes.parse().ok()?);
    // Offsets in use reach from -12:00 to +14:00.
    (hours <= 14 && minutes < 60).then(|| TimeDelta::minutes(sign * (hours * 60 + minutes)))
}
