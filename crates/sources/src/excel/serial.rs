//! Serial dates: days since the workbook's first day, as fractions of a double.
//!
//! A workbook counts from 1900 or from 1904. The one from 1900 has a day too many, 29 February 1900 (serial 60), kept since
//! Lotus 1-2-3: serials below it stand one day off from those above, and itself is no day at all. The reader of workbooks
//! that is used here hands serials on as they are, so the calendar is made here; its own conversion would turn day 60 into
//! 1 March without a word.
//!
//! Reference: ECMA-376 part 1, 18.17.4 (date systems).

use chrono::{Days, NaiveDate};

/// The serial of 31 December 9999 counted from 1900, the last day of a worksheet.
const LAST_1900: f64 = 2_958_465.0;
/// The same counted from 1904.
const LAST_1904: f64 = 2_957_003.0;
/// Seconds in a day.
const DAY: f64 = 86_400.0;

/// A moment or a span of time in a cell.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Serial {
    /// Days, counted from the workbook's first day.
    pub(super) days: f64,
    /// Whether the workbook counts from 1904.
    pub(super) from_1904: bool,
    /// Whether the cell shows a span of time (`[h]:mm`) and no moment.
    pub(super) span: bool,
}

/// Why a serial is no date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NoDate {
    /// Day 60 of the calendar from 1900.
    Phantom,
    /// Day 0, the day before the first: what an empty date looks like when it is calculated with.
    Zero,
    /// Before the first day or after the last.
    Outside,
}

/// A moment, taken apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Moment {
    /// The day; `None` for a time of day by itself.
    pub(super) date: Option<NaiveDate>,
    /// Milliseconds since midnight.
    pub(super) millis: u32,
}

impl Serial {
    /// The moment of a serial that is no span.
    ///
    /// # Errors
    /// What keeps it from being one.
    pub(super) fn moment(self) -> Result<Moment, NoDate> {
        let last = if self.from_1904 { LAST_1904 } else { LAST_1900 };
        if !(0.0..last + 1.0).contains(&self.days) {
            return Err(NoDate::Outside);
        }
        let (mut day, mut millis) = (self.days.floor(), (self.days.fract() * DAY * 1000.0).round());
        // 23:59:59.9999 is midnight, within what a double of this size can tell.
        if millis >= DAY * 1000.0 {
            (day, millis) = (day + 1.0, 0.0);
        }
        let millis = millis as u32;
        match day as u64 {
            0 if self.from_1904 => {}
            0 if millis > 0 => return Ok(Moment { date: None, millis }),
            0 => return Err(NoDate::Zero),
            60 if !self.from_1904 => return Err(NoDate::Phantom),
            _ => {}
        }
        let date = date(day as u64, self.from_1904).ok_or(NoDate::Outside)?;
        Ok(Moment { date: Some(date), millis })
    }

    /// A span as hours, minutes and seconds: `26:30:00`.
    pub(super) fn span_text(self) -> String {
        let seconds = (self.days.abs() * DAY).round() as u64;
        let sign = if self.days < 0.0 && seconds > 0 { "-" } else { "" };
        format!("{sign}{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60)
    }
}

impl Moment {
    /// As ISO 8601 writes it: a date, a date and a time, or a time.
    pub(super) fn text(self) -> String {
        let seconds = self.millis / 1000;
        let time = format!("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
        let fraction = self.millis % 1000;
        let time = if fraction == 0 { time } else { format!("{time}.{fraction:03}") };
        match self.date {
            None => time,
            Some(date) if self.millis == 0 => date.format("%Y-%m-%d").to_string(),
            Some(date) => format!("{} {time}", date.format("%Y-%m-%d")),
        }
    }
}

fn date(day: u64, from_1904: bool) -> Option<NaiveDate> {
    let first = match (from_1904, day) {
        (true, _) => NaiveDate::from_ymd_opt(1904, 1, 1),
        (false, 0..60) => NaiveDate::from_ymd_opt(1899, 12, 31),
        (false, _) => NaiveDate::from_ymd_opt(1899, 12, 30),
    };
    first?.checked_add_days(Days::new(day))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn text(days: f64, from_1904: bool) -> Result<String, NoDate> {
        Serial { days, from_1904, span: false }.moment().map(Moment::text)
    }

    #[test]
    fn the_calendar_from_1900_has_a_day_too_many() {
        let of = |days| text(days, false);
        assert_eq!(of(1.0).unwrap(), "1900-01-01");
        assert_eq!(of(59.0).unwrap(), "1900-02-28");
        assert_eq!(of(60.0), Err(NoDate::Phantom));
        assert_eq!(of(60.5), Err(NoDate::Phantom));
        assert_eq!(of(61.0).unwrap(), "1900-03-01");
        assert_eq!(of(366.0).unwrap(), "1900-12-31");
        assert_eq!(of(42_736.0).unwrap(), "2017-01-01");
        assert_eq!(of(2_958_465.0).unwrap(), "9999-12-31");
        assert_eq!(of(2_958_466.0), Err(NoDate::Outside));
        assert_eq!(of(-1.0), Err(NoDate::Outside));
        assert_eq!(of(f64::NAN), Err(NoDate::Outside));
        assert_eq!(of(0.0), Err(NoDate::Zero));
    }

    #[test]
    fn the_calendar_from_1904_begins_with_day_0() {
        assert_eq!(text(0.0, true).unwrap(), "1904-01-01");
        assert_eq!(text(60.0, true).unwrap(), "1904-03-01");
        assert_eq!(text(41_274.0, true).unwrap(), "2017-01-01");
        assert_eq!(text(2_957_003.0, true).unwrap(), "9999-12-31");
    }

    #[test]
    fn times_are_fractions_of_a_day() {
        assert_eq!(text(42_736.25, false).unwrap(), "2017-01-01 06:00:00");
        assert_eq!(text(42_736.999_999_999_9, false).unwrap(), "2017-01-02");
        assert_eq!(text(0.5, false).unwrap(), "12:00:00");
        assert_eq!(text(42_736.0 + 1.5 / 86_400.0, false).unwrap(), "2017-01-01 00:00:01.500");
        let span = |days| Serial { days, from_1904: false, span: true }.span_text();
        assert_eq!(span(26.5 / 24.0), "26:30:00");
        assert_eq!(span(-0.5), "-12:00:00");
    }
}
