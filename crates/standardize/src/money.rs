//! Amounts of money with their currency.
//!
//! The amount is exact to four digits behind the point; further digits are rounded, halves away from zero. The currency is
//! the one that the text names, by code or symbol, else the column's; a symbol that several currencies share ($, kr, ¥, Rs)
//! means the column's where that is one of them, else the first in [`MENTIONS`]. Text behind the number may multiply it
//! (k, lakh, crore, million); a bare "m" is refused, because it is a thousand to some and a million to others.

use arrow::array::StringArray;
use onefold_contract::AttributeKind;
use onefold_contract::standardizer::{ColumnDecision, ColumnSettings, Standardized, Standardizer};

use crate::Dictionaries;
use crate::null_word::is_null;
use crate::number::decimals;
use crate::number::text::{Exact, comma_is_decimal};
use crate::text::{tidy_name, western_digits};
use crate::value_wise::{Cleaned, Flaw, clean_each, text_array};

/// Symbols and words, in lower case without dots, and the currencies each may mean, the likeliest first.
const MENTIONS: [(&str, &[&str]); 49] = [
    (
        "$",
        &[
            "USD", "CAD", "AUD", "NZD", "SGD", "HKD", "MXN", "TWD", "ARS", "CLP", "COP", "BBD", "BSD", "BZD", "FJD",
            "GYD", "JMD", "LRD", "NAD", "SBD", "SRD", "TTD", "XCD", "BMD", "KYD", "BND", "DOP", "CUP", "UYU",
        ],
    ),
    ("us$", &["USD"]),
    ("dollar", &["USD", "CAD", "AUD", "NZD", "SGD", "HKD"]),
    ("dollars", &["USD", "CAD", "AUD", "NZD", "SGD", "HKD"]),
    ("a$", &["AUD"]),
    ("au$", &["AUD"]),
    ("c$", &["CAD"]),
    ("ca$", &["CAD"]),
    ("nz$", &["NZD"]),
    ("hk$", &["HKD"]),
    ("s$", &["SGD"]),
    ("nt$", &["TWD"]),
    ("mx$", &["MXN"]),
    ("r$", &["BRL"]),
    ("€", &["EUR"]),
    ("euro", &["EUR"]),
    ("euros", &["EUR"]),
    ("£", &["GBP", "EGP", "GIP", "FKP", "SHP", "SYP", "LBP"]),
    ("pound", &["GBP"]),
    ("pounds", &["GBP"]),
    ("¥", &["JPY", "CNY"]),
    ("円", &["JPY"]),
    ("元", &["CNY"]),
    ("yen", &["JPY"]),
    ("₹", &["INR"]),
    ("₨", &["INR", "PKR", "LKR", "NPR", "MUR", "SCR"]),
    ("rs", &["INR", "PKR", "LKR", "NPR", "MUR", "SCR"]),
    ("re", &["INR", "PKR", "LKR", "NPR", "MUR", "SCR"]),
    ("rupee", &["INR", "PKR", "LKR", "NPR", "MUR", "SCR"]),
    ("rupees", &["INR", "PKR", "LKR", "NPR", "MUR", "SCR"]),
    ("kr", &["SEK", "NOK", "DKK", "ISK"]),
    ("fr", &["CHF"]),
    ("sfr", &["CHF"]),
    ("zł", &["PLN"]),
    ("zl", &["PLN"]),
    ("kč", &["CZK"]),
    ("ft", &["HUF"]),
    ("lei", &["RON"]),
    ("₽", &["RUB"]),
    ("₺", &["TRY"]),
    ("₪", &["ILS"]),
    ("₩", &["KRW"]),
    ("₫", &["VND"]),
    ("฿", &["THB"]),
    ("₱", &["PHP"]),
    ("₴", &["UAH"]),
    ("₦", &["NGN"]),
    ("rm", &["MYR"]),
    ("rp", &["IDR"]),
];

/// The codes of ISO 4217 that are in use, and those that the euro replaced in living memory.
const CODES: &str = "AED AFN ALL AMD ANG AOA ARS ATS AUD AWG AZN BAM BBD BDT BEF BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN \
    BZD CAD CDF CHF CLP CNY COP CRC CUP CVE CZK DEM DJF DKK DOP DZD EGP ERN ESP ETB EUR FIM FJD FKP FRF GBP GEL GHS GIP \
    GMD GNF GRD GTQ GYD HKD HNL HRK HTG HUF IDR IEP ILS INR IQD IRR ISK ITL JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD \
    KZT LAK LBP LKR LRD LSL LTL LVL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NLG NOK NPR \
    NZD OMR PAB PEN PGK PHP PKR PLN PTE PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP \
    SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VES VND VUV WST XAF XCD XOF XPF YER ZAR ZMW ZWL";

/// Words behind a number and what they multiply it by.
const FACTORS: [(&str, i128); 17] = [
    ("k", 1_000),
    ("thousand", 1_000),
    ("tsd", 1_000),
    ("lakh", 100_000),
    ("lakhs", 100_000),
    ("lac", 100_000),
    ("lacs", 100_000),
    ("mn", 1_000_000),
    ("mio", 1_000_000),
    ("million", 1_000_000),
    ("millions", 1_000_000),
    ("crore", 10_000_000),
    ("crores", 10_000_000),
    ("bn", 1_000_000_000),
    ("mrd", 1_000_000_000),
    ("billion", 1_000_000_000),
    ("billions", 1_000_000_000),
];

/// An amount and its currency.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Amount {
    units: i128,
    currency: Option<String>,
}

/// Cleans money.
pub(crate) struct Money<'d> {
    dictionaries: &'d Dictionaries,
}

impl<'d> Money<'d> {
    /// Over the dictionaries that know the null words.
    pub(crate) fn new(dictionaries: &'d Dictionaries) -> Self {
        Self { dictionaries }
    }

    fn clean(&self, text: &str, settings: &ColumnSettings) -> Cleaned<Amount> {
        if is_null(text, AttributeKind::Money, settings, self.dictionaries) {
            return Ok(None);
        }
        let text = tidy_name(text);
        let text = western_digits(&text);
        let parts = Parts::of(&text)?;
        let mut factor = 1;
        let mut mentions: Vec<Vec<&str>> = Vec::new();
        for word in parts.words {
            if let Some((_, by)) = FACTORS.iter().find(|(name, _)| *name == word) {
                factor *= by;
            } else {
                mentions.push(currencies(&word).ok_or_else(|| {
                    Flaw::new("unknown-currency", format!("{word} in {text} is no currency; use a code such as USD"))
                })?);
            }
        }
        let exact = Exact::read(parts.number, comma_is_decimal(settings.region.as_deref()))?;
        let units = exact.decimal(factor)?;
        let currency = resolve(&mentions, settings, &text)?;
        Ok(Some(Amount { units: if parts.negative { -units } else { units }, currency }))
    }
}

impl Standardizer for Money<'_> {
    fn kinds(&self) -> &'static [AttributeKind] {
        &[AttributeKind::Money]
    }

    fn standardize(
        &self,
        _kind: AttributeKind,
        column: &StringArray,
        settings: &ColumnSettings,
        _decision: &ColumnDecision,
    ) -> Standardized {
        let (amounts, defects) = clean_each(column, |text| self.clean(text, settings));
        let currency = text_array(amounts.iter().map(|a| a.as_ref().and_then(|a| a.currency.as_deref())));
        let clean = decimals(amounts.iter().map(|a| a.as_ref().map(|a| a.units)).collect());
        Standardized { clean, derived: vec![currency], defects }
    }
}

/// The parts of an amount's text.
struct Parts<'t> {
    negative: bool,
    number: &'t str,
    /// What stands around the number, in lower case without dots.
    words: Vec<String>,
}

impl<'t> Parts<'t> {
    fn of(text: &'t str) -> Result<Self, Flaw> {
        let flaw = || Flaw::new("not-an-amount", format!("{text} is not written as an amount, such as 1234.50 EUR"));
        let first = text.find(|c: char| c.is_ascii_digit()).ok_or_else(flaw)?;
        let last = text.rfind(|c: char| c.is_ascii_digit()).ok_or_else(flaw)?;
        // ".50" begins with its point; the point of "Rs.500" ends a word.
        let before = &text[..first];
        let bare_point = before.ends_with(['.', ',']) && !before[..before.len() - 1].ends_with(char::is_alphabetic);
        let first = if bare_point { first - 1 } else { first };
        let (before, behind) = (&text[..first], &text[last + 1..]);
        let behind =
            ["/-", ".-", ",-", "/=", ".", ","].iter().find_map(|end| behind.strip_prefix(end)).unwrap_or(behind);
        let signs = |text: &str, sign: char| text.matches(sign).count();
        let brackets = (signs(before, '('), signs(behind, ')'));
        let minuses = signs(before, '-') + signs(behind, '-');
        let pluses = signs(before, '+') + signs(behind, '+');
        let stray = signs(before, ')') + signs(behind, '(');
        if !matches!(brackets, (0, 0) | (1, 1)) || minuses + pluses + brackets.0 > 1 || stray > 0 {
            return Err(flaw());
        }
        let words = [before, behind].into_iter().flat_map(words_of).collect();
        Ok(Self { negative: minuses + brackets.0 == 1, number: &text[first..=last], words })
    }
}

/// Words and symbols beside a number; "US$" is one of them, "90k€" ends in two.
fn words_of(text: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut open = false;
    for c in text.chars() {
        if c == '.' {
            continue;
        }
        if matches!(c, ' ' | '(' | ')' | '-' | '+') {
            open = false;
            continue;
        }
        let joins = c.is_alphabetic() || c == '$';
        let lower = c.to_lowercase();
        match words.last_mut() {
            Some(word) if open && joins => word.extend(lower),
            _ => words.push(lower.collect()),
        }
        open = c.is_alphabetic();
    }
    words
}

/// The currencies that a word may mean; none where it means none.
fn currencies(word: &str) -> Option<Vec<&'static str>> {
    if let Some((_, meant)) = MENTIONS.iter().find(|(name, _)| *name == word) {
        return Some(meant.to_vec());
    }
    let code = word.to_uppercase();
    CODES.split_ascii_whitespace().find(|known| *known == code).map(|known| vec![known])
}

/// The one currency that fits all that is mentioned, the column's before others.
fn resolve(mentions: &[Vec<&str>], settings: &ColumnSettings, text: &str) -> Result<Option<String>, Flaw> {
    let Some((first, others)) = mentions.split_first() else { return Ok(settings.currency.clone()) };
    let mut fit = first.iter().filter(|code| others.iter().all(|other| other.contains(code)));
    let own = settings.currency.as_deref();
    let chosen = fit.clone().find(|code| Some(**code) == own).or_else(|| fit.next());
    let flaw = || Flaw::new("two-currencies", format!("{text} names two currencies; leave one"));
    chosen.map(|code| Some((*code).to_owned())).ok_or_else(flaw)
}
