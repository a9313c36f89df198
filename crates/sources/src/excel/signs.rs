//! Columns of dates whose day and month were swapped on their way.
//!
//! A file of `month/day/year` that is opened in a day-first locale is read wrongly without a word: `05/12/2017`, the 12th of
//! May, becomes the 5th of December, and `05/13/2017`, which is no date there, stays text. Such a column gives itself away:
//! every text in it has a day above 12, and no date has. Chance does not make that of more than a few dates, since three of
//! five days of a month are above 12. What cannot be told from a single cell is told from its column.

use chrono::{Datelike, NaiveDate};

use super::cell::{Cell, Value, cell_name};

/// Fewer dates than this may all be before the 13th by chance; this many are in one column of ten thousand.
const ENOUGH: u64 = 10;

/// What a column's dates show.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Signs {
    /// Cells that are dates.
    pub(super) dates: u64,
    /// Texts that are dates with a day above 12.
    pub(super) texts: u64,
    /// The first cell that a swap cannot have made: a date with a day above 12, or a text whose parts could both be months.
    pub(super) against: Option<String>,
}

/// What the signs of a column say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Says {
    /// Day and month were swapped.
    Swapped,
    /// They were not.
    NotSwapped,
    /// There is too little to tell.
    Nothing,
}

impl Signs {
    /// Takes a cell in.
    pub(super) fn take(&mut self, row: u32, cell: &Cell) {
        match &cell.value {
            Value::Serial(serial) if !serial.span => {
                let Some(date) = serial.moment().ok().and_then(|moment| moment.date) else { return };
                self.dates += 1;
                if date.day() > 12 {
                    self.against(row, cell.place);
                }
            }
            Value::Text(text) => match SlashDate::read(text) {
                Some(date) if date.day_month().is_some() => self.texts += 1,
                Some(_) => self.against(row, cell.place),
                None => {}
            },
            _ => {}
        }
    }

    fn against(&mut self, row: u32, place: u32) {
        self.against.get_or_insert_with(|| cell_name(row, place));
    }

    /// What the column says.
    pub(super) fn says(&self) -> Says {
        match &self.against {
            Some(_) => Says::NotSwapped,
            None if self.texts > 0 && self.dates >= ENOUGH => Says::Swapped,
            None => Says::Nothing,
        }
    }
}

/// A cell's date with day and month as they were before they were swapped; `None` where it is no date.
pub(super) fn swapped_back(cell: &Cell) -> Option<String> {
    match &cell.value {
        Value::Serial(serial) if !serial.span => {
            let mut moment = serial.moment().ok()?;
            let date = moment.date?;
            // A day above 12 is no month; the signs were asked before, so there is none.
            moment.date = Some(NaiveDate::from_ymd_opt(date.year(), date.day(), date.month())?);
            Some(moment.text())
        }
        Value::Text(text) => {
            let slash = SlashDate::read(text)?;
            let (day, month) = slash.day_month()?;
            let date = NaiveDate::from_ymd_opt(slash.year, month, day)?.format("%Y-%m-%d").to_string();
            Some(if slash.time.is_empty() { date } else { format!("{date} {}", slash.time) })
        }
        _ => None,
    }
}

/// A date of three numbers whose last is the year: `5/13/2017`, `13.05.2017 10:30`.
struct SlashDate<'a> {
    first: u32,
    second: u32,
    year: i32,
    time: &'a str,
}

impl<'a> SlashDate<'a> {
    fn read(text: &'a str) -> Option<Self> {
        let (date, time) = text.trim().split_once(' ').unwrap_or((text.trim(), ""));
        let parts: Vec<&str> = date.split(['/', '.', '-']).collect();
        let [first, second, year] = parts[..] else { return None };
        let digits = |text: &str, most: usize| {
            let plain = (1..=most).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
            if plain { text.parse::<u32>().ok() } else { None }
        };
        let (first, second) = (digits(first, 2)?, digits(second, 2)?);
        let year = digits(year, 4).filter(|_| year.len() == 4)? as i32;
        let plausible = |n: u32| (1..=31).contains(&n);
        (plausible(first) && plausible(second)).then_some(Self { first, second, year, time: time.trim() })
    }

    /// Day and month, where one of the two numbers can only be the day.
    fn day_month(&self) -> Option<(u32, u32)> {
        let (less, more) = (self.first.min(self.second), self.first.max(self.second));
        (less <= 12 && more > 12).then_some((more, less))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::super::cell::Shape;
    use super::super::serial::Serial;
    use super::*;

    fn cell(value: Value) -> Cell {
        Cell { place: 0, value, shape: Shape::Plain }
    }

    fn date(days: f64) -> Cell {
        cell(Value::Serial(Serial { days, from_1904: false, span: false }))
    }

    fn text(text: &str) -> Cell {
        cell(Value::Text(text.into()))
    }

    fn says(cells: &[Cell]) -> Says {
        let mut signs = Signs::default();
        cells.iter().enumerate().for_each(|(row, cell)| signs.take(row as u32, cell));
        signs.says()
    }

    #[test]
    fn a_column_tells_that_it_was_swapped() {
        // 1 January to 12 January 2017 and on, none above the 12th.
        let low: Vec<Cell> = (0..20).map(|n| date(42_736.0 + f64::from(n % 12))).collect();
        let with = |more: &[Cell]| says(&[low.as_slice(), more].concat());
        assert_eq!(with(&[]), Says::Nothing);
        assert_eq!(with(&[text("1/13/2017")]), Says::Swapped);
        assert_eq!(with(&[text("13.1.2017")]), Says::Swapped);
        assert_eq!(with(&[text("1/13/2017"), text("1/12/2017")]), Says::NotSwapped);
        assert_eq!(with(&[text("1/13/2017"), date(42_748.0)]), Says::NotSwapped);
        assert_eq!(with(&[text("n/a"), text("")]), Says::Nothing);
        assert_eq!(says(&[text("1/13/2017"), date(42_736.0)]), Says::Nothing);
    }

    #[test]
    fn swapping_back() {
        // 5 December 2017, which was 12 May.
        assert_eq!(swapped_back(&date(43_074.0)).unwrap(), "2017-05-12");
        assert_eq!(swapped_back(&date(43_074.25)).unwrap(), "2017-05-12 06:00:00");
        assert_eq!(swapped_back(&text("5/13/2017")).unwrap(), "2017-05-13");
        assert_eq!(swapped_back(&text("13/5/2017 10:30")).unwrap(), "2017-05-13 10:30");
        assert_eq!(swapped_back(&text("2017-05-13")), None);
        assert_eq!(swapped_back(&text("soon")), None);
    }
}
