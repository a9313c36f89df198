//! One cell: where it is, what it holds, and its text.
//!
//! A worksheet has numbers only; what a reader sees is made by the number format. The text of a number here is its value, in
//! the fifteen digits that a worksheet keeps, and not what is shown: `1,234.50 €` would have to be read back, and a column
//! that is too narrow shows `####`. Two formats carry meaning that the number lost and are obeyed: dates, and leading zeros.

use std::borrow::Cow;

use calamine::{CellErrorType, Data, DataRef};

use super::serial::{NoDate, Serial};

/// The least number that has more digits than a worksheet keeps.
const TOO_LONG: f64 = 1e15;

/// What a cell holds.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    Text(String),
    Number(f64),
    Flag(bool),
    Serial(Serial),
    /// The error that a formula ended with, as it is shown: `#N/A`.
    Error(String),
    /// A formula whose result was never saved.
    Unsaved,
}

/// How a number format bears on a number's text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Shape {
    #[default]
    Plain,
    /// Whole numbers have at least so many digits.
    Digits(usize),
    /// The number is shown as a share of a hundred.
    Percent,
}

/// A cell that holds something.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Cell {
    /// Its column, counted from 0.
    pub(super) place: u32,
    pub(super) value: Value,
    pub(super) shape: Shape,
}

/// What keeps a cell from being a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Flaw {
    /// The rule's code.
    pub(super) rule: &'static str,
    /// What it holds, as far as it can be told.
    pub(super) raw: Option<String>,
    /// Words that follow the cell's name, up to the remedy.
    pub(super) reason: String,
}

impl Value {
    /// A value of the reader; `None` where there is none.
    pub(super) fn of(data: DataRef<'_>, from_1904: bool) -> Option<Self> {
        Some(match data {
            DataRef::Empty | DataRef::SharedString("") => return None,
            DataRef::SharedString(text) => Self::Text(text.to_string()),
            DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) if text.is_empty() => {
                return None;
            }
            DataRef::String(text) | DataRef::DurationIso(text) => Self::Text(text),
            DataRef::DateTimeIso(text) => Self::Text(iso(text)),
            DataRef::Int(number) => Self::Number(number as f64),
            DataRef::Float(number) => Self::Number(number),
            DataRef::Bool(flag) => Self::Flag(flag),
            DataRef::DateTime(moment) => {
                Self::Serial(Serial { days: moment.as_f64(), from_1904, span: moment.is_duration() })
            }
            DataRef::Error(error) => Self::Error(shown(&error)),
        })
    }

    /// The same of a value that the reader owns.
    pub(super) fn of_owned(data: &Data, from_1904: bool) -> Option<Self> {
        Self::of(
            match data {
                Data::Int(number) => DataRef::Int(*number),
                Data::Float(number) => DataRef::Float(*number),
                Data::String(text) => DataRef::SharedString(text),
                Data::Bool(flag) => DataRef::Bool(*flag),
                Data::DateTime(moment) => DataRef::DateTime(*moment),
                Data::DateTimeIso(text) => DataRef::DateTimeIso(text.clone()),
                Data::DurationIso(text) => DataRef::DurationIso(text.clone()),
                Data::Error(error) => DataRef::Error(error.clone()),
                Data::Empty => DataRef::Empty,
            },
            from_1904,
        )
    }

    /// The text of a text cell.
    pub(super) fn as_text(&self) -> Option<&str> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }

    /// Whether a person would see nothing: space, or nothing.
    pub(super) fn is_blank(&self) -> bool {
        self.as_text().is_some_and(|text| text.trim().is_empty())
    }
}

impl Cell {
    /// The number in the cell: a number, or a text that is a plain one.
    pub(super) fn number(&self) -> Option<f64> {
        match &self.value {
            Value::Number(number) => Some(*number),
            Value::Text(text) => plain_number(text),
            _ => None,
        }
    }

    /// The text of the cell.
    ///
    /// # Errors
    /// What keeps it from having one.
    pub(super) fn text(&self) -> Result<Cow<'_, str>, Flaw> {
        match &self.value {
            Value::Text(text) => Ok(Cow::Borrowed(text)),
            Value::Flag(flag) => Ok(Cow::Borrowed(if *flag { "TRUE" } else { "FALSE" })),
            Value::Number(number) => number_text(*number, self.shape).map(Cow::Owned),
            Value::Serial(serial) => serial_text(*serial).map(Cow::Owned),
            Value::Error(error) => Err(Flaw {
                rule: "error-cell",
                raw: Some(error.clone()),
                reason: format!("holds the error {error}; mend its formula or write the value, and save the workbook"),
            }),
            Value::Unsaved => Err(Flaw {
                rule: "formula-without-value",
                raw: None,
                reason: "holds a formula whose result was never saved; open the workbook in Excel and save it".into(),
            }),
        }
    }

    /// The text as a person would see it, for headers and for files without a pipeline: a flaw has the text it shows.
    pub(super) fn shown(&self) -> Cow<'_, str> {
        self.text().unwrap_or_else(|flaw| Cow::Owned(flaw.raw.unwrap_or_default()))
    }
}

fn number_text(number: f64, shape: Shape) -> Result<String, Flaw> {
    if number.abs() >= TOO_LONG || !number.is_finite() {
        return Err(Flaw {
            rule: "number-cut",
            raw: Some(number.to_string()),
            reason:
                "holds a number of more than 15 digits, and a worksheet keeps the first 15; format the column as text \
                     and enter it anew"
                    .into(),
        });
    }
    let text = fifteen_digits(number);
    match shape {
        Shape::Digits(digits) if number >= 0.0 && text.bytes().all(|b| b.is_ascii_digit()) => {
            Ok(format!("{text:0>digits$}"))
        }
        _ => Ok(text),
    }
}

/// A number in the fewest digits, of at most fifteen: `0.1 + 0.2` is 0.3, as in the worksheet.
pub(super) fn fifteen_digits(number: f64) -> String {
    let rounded: f64 = format!("{number:.14e}").parse().unwrap_or(number);
    // A negative zero is a zero.
    if rounded == 0.0 { "0".into() } else { rounded.to_string() }
}

fn serial_text(serial: Serial) -> Result<String, Flaw> {
    if serial.span {
        return Ok(serial.span_text());
    }
    let why = match serial.moment() {
        Ok(moment) => return Ok(moment.text()),
        Err(NoDate::Phantom) => "is day 60 of the workbook's calendar, 29 February 1900, which never was",
        Err(NoDate::Zero) => "is day 0 of the workbook's calendar, which is no day; an empty cell was calculated with",
        Err(NoDate::Outside) => "has the format of a date, and its number is no day of the workbook's calendar",
    };
    let reason = format!("{why}; enter the date anew, or give the cell the format of a number");
    Err(Flaw { rule: "no-such-date", raw: Some(fifteen_digits(serial.days)), reason })
}

/// What `OpenDocument` writes for a moment, with a space between date and time as everywhere here.
fn iso(text: String) -> String {
    match text.split_once('T') {
        Some((date, "00:00:00" | "00:00:00.000000000")) => date.to_string(),
        Some((date, time)) => format!("{date} {time}"),
        None => text,
    }
}

fn shown(error: &CellErrorType) -> String {
    match error {
        CellErrorType::Div0 => "#DIV/0!",
        CellErrorType::NA => "#N/A",
        CellErrorType::Name => "#NAME?",
        CellErrorType::Null => "#NULL!",
        CellErrorType::Num => "#NUM!",
        CellErrorType::Ref => "#REF!",
        CellErrorType::Value => "#VALUE!",
        CellErrorType::GettingData => "#GETTING_DATA",
    }
    .to_string()
}

/// A text that is a number as machines write it.
fn plain_number(text: &str) -> Option<f64> {
    // An amount that somebody typed with its sign and separators is part of a total all the same.
    let amount = text.trim().trim_start_matches(['$', '€', '£', '₹']).trim();
    let (sign, digits) = amount.split_at(amount.len() - amount.trim_start_matches(['-', '+']).len());
    let text = format!("{sign}{}", without_separators(digits));
    let digits = text.strip_prefix(['-', '+']).unwrap_or(&text);
    let plain = digits.bytes().all(|b| b.is_ascii_digit() || b == b'.') && digits.bytes().any(|b| b.is_ascii_digit());
    if plain { text.parse().ok() } else { None }
}

/// Digits without the commas that part thousands; text whose commas part something else stays as it is.
fn without_separators(digits: &str) -> Cow<'_, str> {
    let whole = digits.split('.').next().unwrap_or_default();
    let mut groups = whole.split(',');
    let parts_thousands =
        groups.next().is_some_and(|first| (1..=3).contains(&first.len())) && groups.all(|g| g.len() == 3);
    if whole.contains(',') && parts_thousands { Cow::Owned(digits.replace(',', "")) } else { Cow::Borrowed(digits) }
}

/// The letters of a column: 0 is `A`, 27 is `AB`.
pub(super) fn letters(place: u32) -> String {
    let (mut place, mut letters) = (place, Vec::new());
    loop {
        letters.push(char::from(b'A' + (place % 26) as u8));
        match place / 26 {
            0 => break,
            more => place = more - 1,
        }
    }
    letters.iter().rev().collect()
}

/// The name of a cell: column 4 of row 13, counted from 0, is `E14`.
pub(super) fn cell_name(row: u32, place: u32) -> String {
    format!("{}{}", letters(place), u64::from(row) + 1)
}

/// What a number format means for the text of a number.
pub(super) fn shape(format: &str) -> Shape {
    let first = format.split(';').next().unwrap_or_default();
    // A locale may stand before the digits: `[$-409]00000`.
    let bare = first.rsplit(']').next().unwrap_or_default();
    if bare.len() > 1 && bare.bytes().all(|b| b == b'0') {
        return Shape::Digits(bare.len());
    }
    if first.contains('%') { Shape::Percent } else { Shape::Plain }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn text(number: f64, shape: Shape) -> String {
        number_text(number, shape).unwrap()
    }

    #[test]
    fn numbers_are_written_as_a_worksheet_keeps_them() {
        assert_eq!(text(123.0, Shape::Plain), "123");
        assert_eq!(text(-0.0, Shape::Plain), "0");
        assert_eq!(text(0.1 + 0.2, Shape::Plain), "0.3");
        assert_eq!(text(1234.5, Shape::Plain), "1234.5");
        assert_eq!(text(0.000_01, Shape::Plain), "0.00001");
        assert_eq!(text(999_999_999_999_999.0, Shape::Plain), "999999999999999");
        assert_eq!(text(1234.0, Shape::Digits(5)), "01234");
        assert_eq!(text(1234.5, Shape::Digits(5)), "1234.5");
        assert_eq!(text(-12.0, Shape::Digits(5)), "-12");
        assert_eq!(number_text(1e15, Shape::Plain).unwrap_err().rule, "number-cut");
        assert_eq!(number_text(123_456_789_012_345_678.0, Shape::Plain).unwrap_err().rule, "number-cut");
    }

    #[test]
    fn formats_that_bear_on_the_text() {
        assert_eq!(shape("00000"), Shape::Digits(5));
        assert_eq!(shape("[$-409]00000;@"), Shape::Digits(5));
        assert_eq!(shape("0"), Shape::Plain);
        assert_eq!(shape("0.0%"), Shape::Percent);
        assert_eq!(shape("#,##0.00"), Shape::Plain);
        assert_eq!(shape("General"), Shape::Plain);
    }

    #[test]
    fn columns_have_letters() {
        let cases =
            [(0, "A"), (25, "Z"), (26, "AA"), (51, "AZ"), (52, "BA"), (701, "ZZ"), (702, "AAA"), (16_383, "XFD")];
        for (place, expected) in cases {
            assert_eq!(letters(place), expected);
        }
        assert_eq!(cell_name(13, 4), "E14");
    }

    proptest! {
        #[test]
        fn numbers_of_fifteen_digits_keep_their_digits(whole in 0u64..1_000_000_000, cents in 0u64..100) {
            let number: f64 = format!("{whole}.{cents:02}").parse().unwrap();
            let back: f64 = fifteen_digits(number).parse().unwrap();
            prop_assert_eq!(back.to_bits(), number.to_bits());
        }
    }
}
