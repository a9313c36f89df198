//! Reads what is written of a date, before the order of its parts is known.

use chrono::NaiveDate;
use onefold_contract::standardizer::DateOrder;

use super::YEARS;
use crate::text::key;
use crate::value_wise::Flaw;

/// The names of the months, by the letters that set them apart, in English, German, French, Spanish, Italian,
/// Portuguese and Dutch. A written month is the entry that it begins with; longer entries stand first.
const MONTHS: [(&str, u32); 43] = [
    ("janv", 1),
    ("jan", 1),
    ("jaen", 1),
    ("ene", 1),
    ("gen", 1),
    ("feb", 2),
    ("fev", 2),
    ("marz", 3),
    ("mars", 3),
    ("marc", 3),
    ("maer", 3),
    ("maar", 3),
    ("mar", 3),
    ("mrt", 3),
    ("mrz", 3),
    ("apr", 4),
    ("abr", 4),
    ("avr", 4),
    ("may", 5),
    ("mai", 5),
    ("mei", 5),
    ("mag", 5),
    ("juni", 6),
    ("juin", 6),
    ("jun", 6),
    ("giu", 6),
    ("juil", 7),
    ("jul", 7),
    ("lug", 7),
    ("aug", 8),
    ("aou", 8),
    ("ago", 8),
    ("sep", 9),
    ("set", 9),
    ("okt", 10),
    ("oct", 10),
    ("out", 10),
    ("ott", 10),
    ("nov", 11),
    ("dec", 12),
    ("dez", 12),
    ("dic", 12),
    ("des", 12),
];

/// Words that may stand in a date and tell nothing.
const FILLERS: [&str; 14] =
    ["st", "nd", "rd", "th", "of", "the", "de", "del", "mon", "tue", "wed", "thu", "fri", "sat"];

/// A number of a date with the digits it is written with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Part {
    number: u32,
    digits: usize,
}

impl Part {
    fn year(self) -> Option<i32> {
        match (self.digits, self.number) {
            (4, year) => Some(year as i32),
            (2, year @ 0..=29) => Some(2000 + year as i32),
            (2, year) => Some(1900 + year as i32),
            _ => None,
        }
    }

    fn is_long(self) -> bool {
        self.digits > 2
    }
}

/// A date as written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DateText {
    /// The text itself tells which part is which.
    Told(NaiveDate),
    /// Three numbers whose order the column decides.
    Parts([u32; 3], [usize; 3]),
}

/// Parts a text into its date and, where a time follows, the time. `text` is tidy and in lower case.
pub(crate) fn split_time(text: &str) -> (&str, Option<&str>) {
    let begin = match text.find(':') {
        Some(colon) => text[..colon].trim_end_matches(|c: char| c.is_ascii_digit()).len(),
        None => match compact_time(text) {
            Some(begin) => begin,
            None => return (text, None),
        },
    };
    let (date, time) = text.split_at(begin);
    (date.trim_end_matches([' ', ',', 't']), Some(time))
}

/// Where the time begins in `20240514t134500z`.
fn compact_time(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let digits = |range: std::ops::Range<usize>| bytes.get(range).is_some_and(|b| b.iter().all(u8::is_ascii_digit));
    (digits(0..8) && bytes.get(8) == Some(&b't') && digits(9..13)).then_some(9)
}

impl DateText {
    /// Reads a date without its time. `text` is tidy, in lower case, with western digits.
    pub(crate) fn read(text: &str) -> Result<Self, Flaw> {
        let (numbers, month) = words(text)?;
        match (numbers.as_slice(), month) {
            ([(_, a), (_, b)], Some((place, month))) => {
                // The year is the number of four digits; where none has four, the one after the day and month.
                let year_first = a.is_long() && !b.is_long() && (place > 0);
                let (day, year) = if year_first { (b, a) } else { (a, b) };
                told(year.year(), month, day.number, text)
            }
            ([(_, a), (_, b), (_, c)], None) if a.is_long() => told(a.year(), b.number, c.number, text),
            ([(_, a), (_, b), (_, c)], None) => Ok(Self::parts([*a, *b, *c])),
            ([(_, whole)], None) if whole.digits == 8 => eight_digits(whole.number, text),
            ([(_, whole)], None) if whole.digits == 6 => {
                let pair = |number| Part { number, digits: 2 };
                Ok(Self::parts([whole.number / 10_000, whole.number / 100 % 100, whole.number % 100].map(pair)))
            }
            ([(_, whole)], None) if whole.digits == 5 => Err(Flaw::new(
                "not-a-date",
                format!("{text} looks like a spreadsheet's day number; export the column as dates"),
            )),
            ([_] | [_, _], _) => Err(Flaw::new("incomplete-date", format!("{text} lacks a day, a month or a year"))),
            _ => Err(not_a_date(text)),
        }
    }

    fn parts(parts: [Part; 3]) -> Self {
        Self::Parts(parts.map(|p| p.number), parts.map(|p| p.digits))
    }

    /// The date, its parts taken in an order.
    pub(crate) fn date(self, order: DateOrder) -> Result<NaiveDate, Flaw> {
        let Some(date) = self.in_order(order) else {
            let Self::Parts([a, b, c], _) = self else { return Err(not_a_date("it")) };
            let order = super::order::words(order);
            let reason = format!("{a:02}/{b:02}/{c:02} is no date in the order {order} that the column has");
            return Err(Flaw::new("impossible-date", reason));
        };
        Ok(date)
    }

    /// The date, its parts taken in an order; none where that gives no date.
    pub(crate) fn in_order(self, order: DateOrder) -> Option<NaiveDate> {
        let (numbers, digits) = match self {
            Self::Told(date) => return Some(date),
            Self::Parts(numbers, digits) => (numbers, digits),
        };
        let [a, b, c] = [0, 1, 2].map(|place| Part { number: numbers[place], digits: digits[place] });
        let (year, month, day) = match order {
            DateOrder::DayMonthYear => (c, b, a),
            DateOrder::MonthDayYear => (c, a, b),
            DateOrder::YearMonthDay => (a, b, c),
        };
        if month.is_long() || day.is_long() {
            return None;
        }
        NaiveDate::from_ymd_opt(year.year()?, month.number, day.number)
    }
}

/// The years that eight digits may name; others are not looked for in a number without separators.
const COMPACT_YEARS: std::ops::RangeInclusive<u32> = 1800..=2199;

/// Eight digits are year, month and day where that is a date of our time, else the column's order with the year last.
/// No eight digits are both: the middle of a year 18xx to 21xx is no month.
fn eight_digits(number: u32, text: &str) -> Result<DateText, Flaw> {
    let (year, month, day) = (number / 10_000, number / 100 % 100, number % 100);
    let plausible = COMPACT_YEARS.contains(&year) || number == 99_991_231 || number == 10_101;
    if let Some(date) = NaiveDate::from_ymd_opt(year as i32, month, day).filter(|_| plausible) {
        return Ok(DateText::Told(date));
    }
    if COMPACT_YEARS.contains(&(number % 10_000)) {
        return Ok(DateText::Parts([year / 100, year % 100, number % 10_000], [2, 2, 4]));
    }
    Err(Flaw::new("impossible-date", format!("{text} is no date in year, month and day")))
}

fn told(year: Option<i32>, month: u32, day: u32, text: &str) -> Result<DateText, Flaw> {
    let year = year.filter(|year| YEARS.contains(year)).ok_or_else(|| not_a_date(text))?;
    let date = NaiveDate::from_ymd_opt(year, month, day);
    let flaw = || Flaw::new("impossible-date", format!("there is no day {day} in month {month} of {year}"));
    date.map(DateText::Told).ok_or_else(flaw)
}

fn not_a_date(text: &str) -> Flaw {
    Flaw::new("not-a-date", format!("{text} is not written as a date, such as 1999-12-31 or 31 December 1999"))
}

/// The numbers of a date, each with its place among the words, and the month's name with its place.
type Words = (Vec<(usize, Part)>, Option<(usize, u32)>);

fn words(text: &str) -> Result<Words, Flaw> {
    let (mut numbers, mut month) = (Vec::new(), None);
    for (place, run) in runs(text).ok_or_else(|| not_a_date(text))?.into_iter().enumerate() {
        if run.starts_with(|c: char| c.is_ascii_digit()) {
            let number = run.parse().map_err(|_| not_a_date(text))?;
            numbers.push((place, Part { number, digits: run.len() }));
        } else if let Some(named) = month_named(run) {
            // A second month's name makes no date.
            if month.replace((place, named)).is_some() {
                return Err(not_a_date(text));
            }
        } else if !is_filler(run) {
            return Err(not_a_date(text));
        }
    }
    // Only whether the month precedes both numbers matters, so places are counted among numbers and month alone.
    let month = month.map(|(place, named)| (numbers.iter().filter(|(p, _)| *p < place).count(), named));
    Ok((numbers, month))
}

/// Runs of digits and runs of letters; none where anything but the usual separators stands between them.
fn runs(text: &str) -> Option<Vec<&str>> {
    let mut runs = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let in_run: fn(char) -> bool = match first {
            _ if first.is_ascii_digit() => |c| c.is_ascii_digit(),
            '年' | '月' | '日' | '-' | '/' | '.' | ',' | ' ' | '\'' => {
                rest = &rest[first.len_utf8()..];
                continue;
            }
            _ if first.is_alphabetic() => |c| c.is_alphabetic() && !matches!(c, '年' | '月' | '日'),
            _ => return None,
        };
        let end = rest.find(|c| !in_run(c)).unwrap_or(rest.len());
        runs.push(&rest[..end]);
        rest = &rest[end..];
    }
    Some(runs)
}

fn month_named(word: &str) -> Option<u32> {
    let word = key(word);
    if word.len() > 10 || word.starts_with("mardi") || word.starts_with("mond") {
        return None;
    }
    MONTHS.iter().find(|(begin, _)| word.starts_with(begin)).map(|(_, month)| *month)
}

fn is_filler(word: &str) -> bool {
    FILLERS.contains(&word) || (word.len() > 5 && word.ends_with("day") && word.is_ascii()) || word == "sun"
}
