//! Cities and regions.
//!
//! Only what can be known without a gazetteer is done: case, spelling of "Saint", and for the United States and Canada the
//! two-letter code of a state or province that is written out, because half the world writes one and half the other.

use arrow::array::StringArray;
use onefold_contract::AttributeKind;
use onefold_contract::standardizer::{ColumnDecision, ColumnSettings, Standardized, Standardizer};

use crate::Dictionaries;
use crate::casing::{Case, case_of, proper};
use crate::null_word::is_null;
use crate::text::{key, tidy_name};
use crate::value_wise::{Cleaned, Flaw, clean_texts_settled};

/// Words that stay small inside a place's name.
const SMALL: [&str; 30] = [
    "of", "on", "upon", "under", "by", "the", "in", "at", "le", "la", "les", "en", "sur", "de", "du", "des", "del",
    "di", "da", "do", "dos", "am", "an", "der", "dem", "im", "ob", "bei", "und", "aan",
];

/// The states of the United States with the district and the inhabited territories (USPS Publication 28, appendix B).
const UNITED_STATES: &str = "alabama AL alaska AK arizona AZ arkansas AR california CA colorado CO connecticut CT \
    delaware DE districtofcolumbia DC florida FL georgia GA hawaii HI idaho ID illinois IL indiana IN iowa IA kansas KS \
    kentucky KY louisiana LA maine ME maryland MD massachusetts MA michigan MI minnesota MN mississippi MS missouri MO \
    montana MT nebraska NE nevada NV newhampshire NH newjersey NJ newmexico NM newyork NY northcarolina NC \
    northdakota ND ohio OH oklahoma OK oregon OR pennsylvania PA rhodeisland RI southcarolina SC southdakota SD \
    tennessee TN texas TX utah UT vermont VT virginia VA washington WA westvirginia WV wisconsin WI wyoming WY \
    americansamoa AS guam GU northernmarianaislands MP puertorico PR virginislands VI";

/// The provinces and territories of Canada (Canada Post's codes).
const CANADA: &str = "alberta AB britishcolumbia BC manitoba MB newbrunswick NB newfoundlandandlabrador NL \
    newfoundland NL novascotia NS northwestterritories NT nunavut NU ontario ON princeedwardisland PE quebec QC \
    saskatchewan SK yukon YT";

/// Cleans cities and regions.
pub(crate) struct Places<'d> {
    dictionaries: &'d Dictionaries,
}

impl<'d> Places<'d> {
    /// Over the dictionaries that know the null words.
    pub(crate) fn new(dictionaries: &'d Dictionaries) -> Self {
        Self { dictionaries }
    }

    fn clean(&self, text: &str, kind: AttributeKind, settings: &ColumnSettings) -> Cleaned<String> {
        if is_null(text, kind, settings, self.dictionaries) {
            return Ok(None);
        }
        let tidy = tidy_name(text);
        let plain = tidy.trim_matches([',', ';', ' ']);
        if !plain.chars().any(char::is_alphanumeric) {
            return Err(Flaw::new("not-a-place", format!("{tidy} has no letter in it; a place's name belongs here")));
        }
        if kind == AttributeKind::Region
            && let Some(code) = region_code(plain.trim_end_matches(['.', ',', ';', ' ']), settings.region.as_deref())
        {
            return Ok(Some(code));
        }
        let words: Vec<String> = plain.split(' ').map(spelled).collect();
        let cased = place_words(&words.iter().map(String::as_str).collect::<Vec<_>>()).join(" ");
        let clean = cased.trim_end_matches([',', ';', ' ']);
        Ok((!is_null(clean, kind, settings, self.dictionaries)).then(|| clean.to_owned()))
    }
}

impl Standardizer for Places<'_> {
    fn kinds(&self) -> &'static [AttributeKind] {
        &[AttributeKind::City, AttributeKind::Region]
    }

    fn standardize(
        &self,
        kind: AttributeKind,
        column: &StringArray,
        settings: &ColumnSettings,
        _decision: &ColumnDecision,
    ) -> Standardized {
        clean_texts_settled(column, |text| self.clean(text, kind, settings))
    }
}

/// The code of a state or province; any other text of two or three letters is taken for a code.
fn region_code(text: &str, region: Option<&str>) -> Option<String> {
    let table = match region {
        Some("US") => UNITED_STATES,
        Some("CA") => CANADA,
        _ => "",
    };
    let name = key(text);
    let words: Vec<&str> = table.split_ascii_whitespace().collect();
    if let Some(pair) = words.chunks_exact(2).find(|pair| pair[0] == name) {
        return Some(pair[1].to_owned());
    }
    let letters: String = text.chars().filter(|c| *c != '.').collect();
    let short = (2..=3).contains(&letters.len()) && letters.bytes().all(|b| b.is_ascii_alphabetic());
    short.then(|| letters.to_ascii_uppercase())
}

/// "St." and "Ste." before another word are short for Saint and lose their dot; so do other abbreviations.
fn spelled(word: &str) -> String {
    match word.strip_suffix('.') {
        Some(abbreviation) if !abbreviation.is_empty() && !abbreviation.contains('.') => abbreviation.to_owned(),
        _ => word.to_owned(),
    }
}

/// The words of a place's name in proper case, where the name carries none of its own.
pub(crate) fn place_words(words: &[&str]) -> Vec<String> {
    if !matches!(case_of(&words.concat()), Case::Upper | Case::Lower) {
        return words.iter().map(|word| (*word).to_owned()).collect();
    }
    let cased = |(place, word): (usize, &&str)| {
        let lower = word.to_lowercase();
        if place > 0 && SMALL.contains(&lower.as_str()) { lower } else { hyphened(&lower) }
    };
    words.iter().enumerate().map(cased).collect()
}

/// "stoke-on-trent" as Stoke-on-Trent.
fn hyphened(word: &str) -> String {
    let parts: Vec<&str> = word.split('-').collect();
    let last = parts.len() - 1;
    let cased = parts.iter().enumerate().map(|(place, part)| {
        if place > 0 && place < last && SMALL.contains(part) { (*part).to_owned() } else { proper(part) }
    });
    cased.collect::<Vec<_>>().join("-")
}
