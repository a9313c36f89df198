//! Postcodes, PIN codes and ZIP codes.
//!
//! The region's written form is brought back: capitals, the usual space or hyphen, and the leading zero that a spreadsheet took
//! from a code of digits. A code with letters tells its own country, so that a Canadian customer of an American shop keeps hers.
//! In a region without an entry in [`FORMS`], and where no region is set, a code is only made plain.

use arrow::array::StringArray;
use onefold_contract::AttributeKind;
use onefold_contract::standardizer::{ColumnDecision, ColumnSettings, Standardized, Standardizer};

use crate::Dictionaries;
use crate::null_word::is_null;
use crate::text::{tidy_name, western_digits};
use crate::value_wise::{Cleaned, Flaw, clean_texts};

/// Forms of codes by region (Universal Postal Union): 9 is a digit, A a letter, * either, and all else stands for itself.
const FORMS: &[(&str, &[&str])] = &[
    ("AR", &["A9999AAA", "9999"]),
    ("AT", &["9999"]),
    ("AU", &["9999"]),
    ("BE", &["9999"]),
    ("BR", &["99999-999"]),
    ("CA", &["A9A 9A9"]),
    ("CH", &["9999"]),
    ("CN", &["999999"]),
    ("CZ", &["999 99"]),
    ("DE", &["99999"]),
    ("DK", &["9999"]),
    ("ES", &["99999"]),
    ("FI", &["99999"]),
    ("FR", &["99999"]),
    ("GB", &["A9 9AA", "A99 9AA", "A9A 9AA", "AA9 9AA", "AA99 9AA", "AA9A 9AA"]),
    ("GR", &["999 99"]),
    ("HU", &["9999"]),
    ("ID", &["99999"]),
    ("IE", &["A9* ****"]),
    ("IN", &["999999"]),
    ("IT", &["99999"]),
    ("JP", &["999-9999"]),
    ("KR", &["99999"]),
    ("LU", &["9999"]),
    ("MX", &["99999"]),
    ("MY", &["99999"]),
    ("NL", &["9999 AA"]),
    ("NO", &["9999"]),
    ("NZ", &["9999"]),
    ("PL", &["99-999"]),
    ("PT", &["9999-999", "9999"]),
    ("RU", &["999999"]),
    ("SE", &["999 99"]),
    ("SG", &["999999"]),
    ("SK", &["999 99"]),
    ("TH", &["99999"]),
    ("TR", &["99999"]),
    ("UA", &["99999"]),
    ("US", &["99999", "99999-9999"]),
    ("ZA", &["9999"]),
];

/// Regions whose codes may begin with a zero that a spreadsheet takes away, up to so many.
const LOST_ZEROS: [(&str, usize); 12] = [
    ("US", 2),
    ("DE", 1),
    ("FR", 1),
    ("ES", 1),
    ("IT", 2),
    ("AU", 1),
    ("MX", 1),
    ("MY", 1),
    ("FI", 2),
    ("TR", 1),
    ("UA", 1),
    ("NO", 1),
];

/// Regions whose codes hold letters and so tell themselves.
const TELLING: [&str; 4] = ["GB", "CA", "NL", "IE"];

/// Cleans postcodes.
pub(crate) struct Postcodes<'d> {
    dictionaries: &'d Dictionaries,
}

impl<'d> Postcodes<'d> {
    /// Over the dictionaries that know the null words.
    pub(crate) fn new(dictionaries: &'d Dictionaries) -> Self {
        Self { dictionaries }
    }

    fn clean(&self, text: &str, settings: &ColumnSettings) -> Cleaned<String> {
        if is_null(text, AttributeKind::Postcode, settings, self.dictionaries) {
            return Ok(None);
        }
        let tidy = tidy_name(text);
        let upper = western_digits(&tidy).to_uppercase();
        let tidy = tidy_name(&upper);
        let region = settings.region.as_deref().unwrap_or_default();
        let code = without_country(without_ending(&tidy), region);
        let bare: String = code.chars().filter(|c| c.is_alphanumeric()).collect();
        let Some(forms) = forms_of(region) else { return plain(code, &bare) };
        let padded = padded(&bare, region);
        let own = forms.iter().find_map(|form| fit(form, &padded));
        let telling =
            || TELLING.iter().filter_map(|region| forms_of(region)).flatten().find_map(|form| fit(form, &bare));
        let clean = own.filter(|code| !(region == "IN" && code.starts_with('0'))).or_else(telling);
        clean.map(Some).ok_or_else(|| {
            let forms = forms.join(" or ");
            let reason =
                format!("{tidy} is no postcode of region {region}; its form is {forms} (9 a digit, A a letter)");
            Flaw::new("not-a-postcode", reason)
        })
    }
}

impl Standardizer for Postcodes<'_> {
    fn kinds(&self) -> &'static [AttributeKind] {
        &[AttributeKind::Postcode]
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

fn forms_of(region: &str) -> Option<&'static [&'static str]> {
    FORMS.iter().find(|(name, _)| *name == region).map(|(_, forms)| *forms)
}

/// Drops stray punctuation and what is left of a number that went through a spreadsheet ("2138.0").
fn without_ending(code: &str) -> &str {
    let shorter = code.trim_end_matches(['.', ',', ' ']);
    let shorter = shorter.strip_suffix(".0").unwrap_or(shorter);
    if shorter.len() == code.len() { code } else { without_ending(shorter) }
}

/// Drops the country before a code ("D-10115", "SE-111 22").
fn without_country<'t>(code: &'t str, region: &str) -> &'t str {
    let short = match region {
        "DE" => "D",
        "AT" => "A",
        "FR" => "F",
        "BE" => "B",
        "IT" => "I",
        other => other,
    };
    let prefixes = [region, short];
    let mut prefixes = prefixes.iter().filter(|prefix| !prefix.is_empty());
    let rest = prefixes.find_map(|prefix| code.strip_prefix(*prefix)?.strip_prefix('-'));
    rest.filter(|rest| rest.chars().any(|c| c.is_ascii_digit())).unwrap_or(code)
}

/// The lost zeros given back: as many as may be lost to the shortest form, one to a longer form.
fn padded(bare: &str, region: &str) -> String {
    let most = LOST_ZEROS.iter().find(|(name, _)| *name == region).map_or(0, |(_, most)| *most);
    let forms = forms_of(region).unwrap_or_default();
    let lengths = forms.iter().map(|form| form.bytes().filter(|b| *b == b'9').count());
    let length = lengths.enumerate().find_map(|(place, length)| {
        let lost = length.saturating_sub(bare.len());
        (1..=if place == 0 { most } else { most.min(1) }).contains(&lost).then_some(length)
    });
    match length.filter(|_| bare.bytes().all(|b| b.is_ascii_digit())) {
        Some(length) => format!("{bare:0>length$}"),
        None => bare.to_owned(),
    }
}

/// A bare code written in a form; none where it does not fit.
fn fit(form: &str, bare: &str) -> Option<String> {
    let mut rest = bare.chars();
    let mut out = String::new();
    for place in form.chars() {
        let fits: fn(char) -> bool = match place {
            '9' => |c| c.is_ascii_digit(),
            'A' => |c| c.is_ascii_uppercase(),
            '*' => |c| c.is_ascii_alphanumeric(),
            fixed => {
                out.push(fixed);
                continue;
            }
        };
        out.push(rest.next().filter(|c| fits(*c))?);
    }
    rest.next().is_none().then_some(out)
}

fn plain(code: &str, bare: &str) -> Cleaned<String> {
    // No country's codes are longer than ten characters; what is longer is another part of an address.
    let fits =
        (2..=10).contains(&bare.chars().count()) && bare.chars().any(|c| c.is_ascii_digit() || c.is_alphabetic());
    if fits { Ok(Some(code.to_owned())) } else { Err(Flaw::new("not-a-postcode", format!("{code} is no postcode"))) }
}
