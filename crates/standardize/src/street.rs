//! Streets with their house numbers.
//!
//! Types of street become their usual abbreviation, never the other way round: "Street" is always "St", but "St" may be
//! a saint. The first word behind the house number is never taken for a type ("12 Avenue Foch", "1 Court Street"), and a compass
//! point is shortened only where it cannot be the street's own name ("North Main Street" is N Main St; "North Street" stays North).
//! German street names end in "straße", however it was abbreviated; in Switzerland and Liechtenstein in "strasse".

use arrow::array::StringArray;
use onefold_contract::AttributeKind;
use onefold_contract::standardizer::{ColumnDecision, ColumnSettings, Standardized, Standardizer};

use crate::Dictionaries;
use crate::casing::{Case, case_of, proper};
use crate::null_word::is_null;
use crate::text::{tidy_name, with_key};
use crate::value_wise::clean_texts_settled;

/// Compass points and how they are shortened.
const COMPASS: [(&str, &str); 8] = [
    ("north", "n"),
    ("south", "s"),
    ("east", "e"),
    ("west", "w"),
    ("northeast", "ne"),
    ("northwest", "nw"),
    ("southeast", "se"),
    ("southwest", "sw"),
];

/// Cleans streets.
pub(crate) struct Streets<'d> {
    dictionaries: &'d Dictionaries,
}

impl<'d> Streets<'d> {
    /// Over the dictionaries that know types of street.
    pub(crate) fn new(dictionaries: &'d Dictionaries) -> Self {
        Self { dictionaries }
    }

    fn clean(&self, text: &str, settings: &ColumnSettings) -> Option<String> {
        if is_null(text, AttributeKind::Street, settings, self.dictionaries) {
            return None;
        }
        let tidy = tidy_name(text);
        let uniform = matches!(case_of(&tidy), Case::Upper | Case::Lower);
        let parts: Vec<String> = tidy
            .split(',')
            .map(|part| self.part(part, uniform, settings.region.as_deref()))
            .filter(|part| !part.is_empty())
            .collect();
        let street = parts.join(", ");
        (!is_null(&street, AttributeKind::Street, settings, self.dictionaries)).then_some(street)
    }

    /// One part between commas.
    fn part(&self, part: &str, uniform: bool, region: Option<&str>) -> String {
        let words: Vec<&str> = part.split_whitespace().filter(|word| !word.is_empty()).collect();
        let is_type = |word: &str| self.dictionaries.street_type(word).is_some();
        let mut named = false;
        let mut out = Vec::new();
        for (place, word) in words.iter().enumerate() {
            let next = words.get(place + 1);
            let spelled = match self.dictionaries.street_type(word) {
                Some(short) if named => short.to_owned(),
                _ => compass(word, named, next.copied(), &is_type)
                    .unwrap_or_else(|| in_german(&cased(word, uniform), region)),
            };
            let is_number = word.starts_with(|c: char| c.is_ascii_digit()) && !is_ordinal(word);
            named |= word.chars().any(char::is_alphabetic) && !is_number;
            out.push(spelled);
        }
        out.join(" ")
    }
}

impl Standardizer for Streets<'_> {
    fn kinds(&self) -> &'static [AttributeKind] {
        &[AttributeKind::Street]
    }

    fn standardize(
        &self,
        _kind: AttributeKind,
        column: &StringArray,
        settings: &ColumnSettings,
        _decision: &ColumnDecision,
    ) -> Standardized {
        clean_texts_settled(column, |text| Ok(self.clean(text, settings)))
    }
}

/// A word in proper case where the street carries no case of its own; house numbers ("12B") in capitals; a dot behind an
/// abbreviation goes.
fn cased(word: &str, uniform: bool) -> String {
    let plain = word.strip_suffix('.').filter(|rest| !rest.is_empty() && !rest.contains('.')).unwrap_or(word);
    if !uniform {
        return plain.to_owned();
    }
    match case_of(plain) {
        Case::None | Case::Mixed => plain.to_owned(),
        _ if is_ordinal(plain) => plain.to_lowercase(),
        _ if plain.starts_with(|c: char| c.is_ascii_digit() || c == '#') => plain.to_uppercase(),
        _ => proper(plain),
    }
}

/// A compass point in short, where a name stands before it or follows it.
fn compass(word: &str, named: bool, next: Option<&str>, is_type: &dyn Fn(&str) -> bool) -> Option<String> {
    let (_, short) = with_key(word, |word| COMPASS.iter().find(|(long, short)| word == *long || word == *short))?;
    let own_name = !named && next.is_none_or(is_type);
    (!own_name).then(|| short.to_ascii_uppercase())
}

/// "1st", "22nd".
fn is_ordinal(word: &str) -> bool {
    let digits = word.trim_end_matches(char::is_alphabetic);
    let ending = word[digits.len()..].to_lowercase();
    !digits.is_empty()
        && digits.bytes().all(|b| b.is_ascii_digit())
        && matches!(ending.as_str(), "st" | "nd" | "rd" | "th")
}

/// The ending of a German street's name in full.
fn in_german(word: &str, region: Option<&str>) -> String {
    let full = if matches!(region, Some("CH" | "LI")) { "strasse" } else { "straße" };
    let ending = ["straße", "strasse", "str"].iter().find(|ending| word.ends_with(*ending));
    let stem = ending.and_then(|ending| word.strip_suffix(ending));
    match stem.filter(|stem| stem.chars().count() > 2 && stem.chars().all(|c| c.is_alphabetic() || c == '-')) {
        Some(stem) => format!("{stem}{full}"),
        None => word.to_owned(),
    }
}
