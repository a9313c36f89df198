//! Telephone numbers, as E.164: `+12125550123`.
//!
//! The region says how a number without a country code is dialled. A number is kept where it is possible, that is where it
//! has the form, or at least the length, of its country's numbers; the stricter test, whether its range is in use today, refuses numbers of ranges
//! opened since the tables were made, and a customer's old number still tells who she is. An extension follows as in
//! RFC 3966, `+12125550123;ext=45`: behind a switchboard it is the extension that names a person. Where a cell holds several
//! numbers, the first one counts; the original beside it still has all.
//!
//! The tables are libphonenumber's, by way of crate `phonenumber`. It is handed nothing but digits: what people write around
//! them is taken off here.

use std::fmt::Write;

use arrow::array::StringArray;
use onefold_contract::AttributeKind;
use onefold_contract::standardizer::{ColumnDecision, ColumnSettings, Standardized, Standardizer};
use phonenumber::Metadata;
use phonenumber::country;
use phonenumber::metadata::{DATABASE, Descriptor};

use crate::Dictionaries;
use crate::null_word::is_null;
use crate::text::{tidy_name, western_digits};
use crate::value_wise::{Cleaned, Flaw, clean_texts};

/// What people write beside a number and that tells nothing.
const LABELS: [&str; 29] = [
    "tel",
    "telephone",
    "telefon",
    "phone",
    "ph",
    "phn",
    "mob",
    "mobile",
    "mobil",
    "cell",
    "cellular",
    "fax",
    "home",
    "work",
    "office",
    "direct",
    "main",
    "landline",
    "day",
    "evening",
    "no",
    "number",
    "t",
    "m",
    "p",
    "h",
    "w",
    "o",
    "c",
];

/// What people write between digits.
const AROUND: [char; 15] = [' ', '-', '.', '/', '(', ')', '[', ']', ':', ',', '\'', '_', '~', '*', ';'];

/// What stands before an extension, longest first.
const EXTENSIONS: [&str; 6] = [";ext=", "extension", "extn", "ext", "x", "#"];

/// The longest extension of RFC 3966 practice.
const LONGEST_EXTENSION: usize = 7;

/// Cleans telephone numbers.
pub(crate) struct Phones<'d> {
    dictionaries: &'d Dictionaries,
}

impl<'d> Phones<'d> {
    /// Over the dictionaries that know the null words.
    pub(crate) fn new(dictionaries: &'d Dictionaries) -> Self {
        Self { dictionaries }
    }

    fn clean(&self, text: &str, settings: &ColumnSettings) -> Cleaned<String> {
        if is_null(text, AttributeKind::Phone, settings, self.dictionaries) {
            return Ok(None);
        }
        let tidy = tidy_name(text);
        let lower = western_digits(&tidy).to_lowercase();
        let (first, extension) = split_extension(first_number(&lower));
        let digits = dialled(first)
            .ok_or_else(|| Flaw::new("not-a-phone-number", format!("{tidy} has more in it than a telephone number")))?;
        let mut clean = e164(&digits, settings.region.as_deref(), &tidy)?;
        if let Some(extension) = extension {
            // Writing to a String cannot fail.
            let _ = write!(clean, ";ext={extension}");
        }
        Ok(Some(clean))
    }
}

impl Standardizer for Phones<'_> {
    fn kinds(&self) -> &'static [AttributeKind] {
        &[AttributeKind::Phone]
    }

    fn standardize(
        &self,
        _kind: AttributeKind,
        column: &StringArray,
        settings: &ColumnSettings,
        _decision: &ColumnDecision,
    ) -> Standardized {
        clean_texts(column, |text| self.clean(text, settings))
    }
}

fn digits_in(text: &str) -> usize {
    text.bytes().filter(u8::is_ascii_digit).count()
}

/// The first of several numbers; a piece shorter than seven digits is no number of its own ("030/12345678").
fn first_number(text: &str) -> &str {
    for separator in [" or ", " and ", "|", ";", ",", "/", "&"] {
        if let Some((first, others)) = text.split_once(separator)
            && digits_in(first) >= 7
            && digits_in(others) >= 7
        {
            return first;
        }
    }
    text
}

/// Splits off an extension, its leading words dropped.
fn split_extension(text: &str) -> (&str, Option<&str>) {
    for word in EXTENSIONS {
        let Some((number, behind)) = text.rsplit_once(word) else { continue };
        let digits = behind.trim_matches([' ', '.', ':', '=', '-', ')']);
        let fits = (1..=LONGEST_EXTENSION).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
        if fits && digits_in(number) >= 6 {
            return (number.trim_end_matches([' ', ',', ';', '(', '.', '-']), Some(digits));
        }
    }
    (text, None)
}

/// The digits to dial, with the plus sign where there is one; none where the text holds other words. Letters of a
/// North American number such as 1-800-FLOWERS stand for the digits on their keys.
fn dialled(text: &str) -> Option<String> {
    let text = text.strip_suffix(".0").unwrap_or(text);
    if let Some(digits) = vanity(text) {
        return Some(digits);
    }
    let (mut digits, mut word) = (String::new(), String::new());
    let mut before_word = ' ';
    let mut last = ' ';
    for c in text.chars().chain([' ']) {
        if c.is_alphabetic() {
            if word.is_empty() {
                before_word = last;
            }
            word.push(c);
        } else if !word.is_empty() {
            // A letter between two digits is a typing error, not a label.
            let inside = before_word.is_ascii_digit() && c.is_ascii_digit();
            if inside || !LABELS.contains(&word.as_str()) {
                return None;
            }
            word.clear();
        }
        last = c;
        match c {
            '0'..='9' => digits.push(c),
            '+' if digits.is_empty() => digits.push(c),
            _ if c.is_alphabetic() || AROUND.contains(&c) => {}
            _ => return None,
        }
    }
    (digits_in(&digits) > 0).then_some(digits)
}

fn vanity(text: &str) -> Option<String> {
    let plain: String = text.chars().filter(|c| !" -.()".contains(*c)).collect();
    let number = plain.strip_prefix("+1").or_else(|| plain.strip_prefix('1')).unwrap_or(&plain);
    let letters = number.get(3..)?;
    let free = number.starts_with('8') && digits_in(&number[..3]) == 3;
    let spelled = letters.len() >= 7 && letters.bytes().all(|b| b.is_ascii_alphanumeric());
    if !free || !spelled || digits_in(letters) == letters.len() {
        return None;
    }
    let digits: String = number.chars().take(10).map(key_of).collect();
    Some(format!("+1{digits}"))
}

/// The digit on whose key a letter stands (ITU-T E.161).
fn key_of(c: char) -> char {
    match c {
        'a'..='c' => '2',
        'd'..='f' => '3',
        'g'..='i' => '4',
        'j'..='l' => '5',
        'm'..='o' => '6',
        'p'..='s' => '7',
        't'..='v' => '8',
        'w'..='z' => '9',
        other => other,
    }
}

fn e164(digits: &str, region: Option<&str>, text: &str) -> Result<String, Flaw> {
    let country: Option<country::Id> = region.and_then(|region| region.parse().ok());
    if country.is_none() && !digits.starts_with('+') && !digits.starts_with("00") {
        let reason =
            format!("{text} has no country code and its source names no region; set region in the source's file");
        return Err(Flaw::new("no-region", reason));
    }
    let found =
        abroad(digits, country).and_then(|digits| possible(&digits, None)).or_else(|| possible(digits, country));
    // Where some carrier's prefix was taken off and more looks like one, what is left is no number.
    let stands = |(code, national): &(u16, String)| {
        possible(&format!("+{code}{national}"), None).is_some_and(|again| (again.0, &again.1) == (*code, national))
    };
    let Some((code, national)) = found.filter(stands) else {
        return Err(Flaw::new("impossible-phone-number", impossible(digits, country, text)));
    };
    let mut others = national.bytes();
    let first = others.next();
    if others.all(|b| Some(b) == first) || national == "1234567890" || national == "0123456789" {
        return Err(Flaw::new("placeholder", format!("{text} is a placeholder, not a number that someone answers")));
    }
    Ok(format!("+{code}{national}"))
}

/// The digits with a plus sign, where they begin with one, with the region's own prefix for calls abroad, or with 00, which
/// most of the world dials. Such a number is read without the region: its prefixes are not that country's.
fn abroad(digits: &str, country: Option<country::Id>) -> Option<String> {
    if digits.starts_with('+') {
        return Some(digits.to_owned());
    }
    let known = country.and_then(|country| DATABASE.by_id(country.as_ref()));
    let prefix = known.and_then(Metadata::international_prefix);
    let dialled =
        prefix.and_then(|prefix| prefix.find(digits).filter(|found| found.start() == 0).map(|found| found.end()));
    let rest = dialled.map(|end| &digits[end..]).or_else(|| digits.strip_prefix("00"))?;
    Some(format!("+{rest}"))
}

/// The country code and national number, where some country of that code has numbers of this form, or landline or mobile
/// numbers of this length.
fn possible(digits: &str, country: Option<country::Id>) -> Option<(u16, String)> {
    let number = phonenumber::parse(country, digits).ok()?;
    let (code, national) = (number.code().value(), number.national().to_string());
    let countries = DATABASE.by_code(&code)?;
    let fits = |country: &&Metadata| {
        let general = country.descriptors().general();
        let lengths = [country.descriptors().fixed_line(), country.descriptors().mobile()].into_iter().flatten();
        // A kind of number without lengths of its own has the country's.
        let lengths = lengths.map(Descriptor::possible_length);
        let lengths = lengths.map(|own| if own.is_empty() { general.possible_length() } else { own });
        general.is_match(&national) || lengths.flatten().any(|length| usize::from(*length) == national.len())
    };
    countries.iter().any(fits).then_some((code, national))
}

fn impossible(digits: &str, country: Option<country::Id>, text: &str) -> String {
    let region = country.filter(|_| !digits.starts_with('+'));
    let known = region.and_then(|region| Some((region, DATABASE.by_id(region.as_ref())?)));
    let Some((region, known)) = known else {
        return format!("{text} has not the form of any country's telephone numbers");
    };
    let lengths = known.descriptors().general().possible_length();
    let lengths: Vec<String> = lengths.iter().map(ToString::to_string).collect();
    let region: &str = region.as_ref();
    if lengths.is_empty() {
        return format!("{text} has not the form of a telephone number of region {region}");
    }
    format!(
        "{text} has not the form of a telephone number of region {region}, which has {} digits",
        lengths.join(" or ")
    )
}
