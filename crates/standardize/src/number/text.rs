//! Reads numbers as people write them, exactly.
//!
//! Which of "." and "," is the decimal point is told by the text where it can be, else by this rule:
//!
//! - where both stand, the last one is the decimal point, and the other one groups digits;
//! - one that stands several times groups digits;
//! - a single "," before exactly three digits groups ("1,234" is a thousand and more), else it is the decimal point;
//! - a single "." is the decimal point; but in a region that writes decimals with a comma it groups where exactly three
//!   digits follow ("1.234" from Germany);
//! - a leading zero never begins a group ("0,123" is a fraction); spaces and apostrophes only group;
//! - groups are of three digits, or the Indian way of two and a last one of three; anything else is no number.
//!
//! The rejected alternative, to decide by column as for dates, would let one "1,5" turn every "1,234" into a fraction.

use onefold_contract::attribute::{DECIMAL_PRECISION, DECIMAL_SCALE};

use crate::value_wise::Flaw;

/// Regions that write the decimal point as a comma (Unicode CLDR).
const COMMA_REGIONS: [&str; 48] = [
    "AL", "AM", "AR", "AT", "AZ", "BA", "BE", "BG", "BO", "BR", "BY", "CL", "CO", "CR", "CZ", "DE", "DK", "EC", "EE",
    "ES", "FI", "FR", "GE", "GR", "HR", "HU", "ID", "IS", "IT", "KZ", "LT", "LU", "LV", "MA", "MK", "NL", "NO", "PL",
    "PT", "PY", "RO", "RS", "RU", "SE", "SI", "SK", "TR", "VN",
];

/// Whether a region writes the decimal point as a comma.
pub(crate) fn comma_is_decimal(region: Option<&str>) -> bool {
    region.is_some_and(|region| COMMA_REGIONS.contains(&region))
}

/// An unsigned number, exactly: `units` / 10^`scale`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Exact {
    units: i128,
    scale: u32,
}

/// A number longer than this, digits before and after the point together, is no amount of anything.
const MOST_DIGITS: usize = 34;

impl Exact {
    /// Reads digits and separators without a sign. `text` is tidy, with western digits.
    pub(crate) fn read(text: &str, comma_is_decimal: bool) -> Result<Self, Flaw> {
        let flaw = || Flaw::new("not-a-number", format!("{text} is not written as a number, such as 1234.50"));
        let separators: Vec<(usize, char)> = text.char_indices().filter(|(_, c)| !c.is_ascii_digit()).collect();
        if separators.iter().any(|(_, c)| !matches!(c, '.' | ',' | ' ' | '\'')) {
            return Err(flaw());
        }
        let point = decimal_point(text, &separators, comma_is_decimal);
        let (whole, fraction) = point.map_or((text, ""), |place| (&text[..place], &text[place + 1..]));
        let grouped = well_grouped(whole) || (whole.is_empty() && !fraction.is_empty());
        let digits: String = whole.chars().chain(fraction.chars()).filter(char::is_ascii_digit).collect();
        if !grouped || digits.is_empty() || !fraction.bytes().all(|b| b.is_ascii_digit()) {
            return Err(flaw());
        }
        if digits.len() > MOST_DIGITS {
            return Err(too_large());
        }
        let units = digits.parse().map_err(|_| flaw())?;
        Ok(Self { units, scale: fraction.len() as u32 })
    }

    /// The number times a factor in units of 10^-[`DECIMAL_SCALE`], halves rounded away from zero.
    pub(crate) fn decimal(self, factor: i128) -> Result<i128, Flaw> {
        let wanted = DECIMAL_SCALE.unsigned_abs().into();
        let units = self.units.checked_mul(factor).ok_or_else(too_large)?;
        let units = if self.scale <= wanted {
            units.checked_mul(10_i128.pow(wanted - self.scale)).ok_or_else(too_large)?
        } else {
            let divisor = 10_i128.pow(self.scale - wanted);
            (units + divisor / 2) / divisor
        };
        if units < 10_i128.pow(DECIMAL_PRECISION.into()) { Ok(units) } else { Err(too_large()) }
    }

    /// The number, where it is whole.
    pub(crate) fn whole(self) -> Option<i128> {
        let divisor = 10_i128.pow(self.scale);
        (self.units % divisor == 0).then_some(self.units / divisor)
    }
}

fn too_large() -> Flaw {
    Flaw::new("too-large", "the number has more than 24 digits before the point, which is none that is counted")
}

/// Where the decimal point stands, by the rule above.
fn decimal_point(text: &str, separators: &[(usize, char)], comma_is_decimal: bool) -> Option<usize> {
    let (place, last) = *separators.last()?;
    let times = separators.iter().filter(|(_, c)| *c == last).count();
    if !matches!(last, '.' | ',') || times > 1 {
        return None;
    }
    let (before, after) = (&text[..place], &text[place + 1..]);
    let could_group = after.len() == 3 && (1..=3).contains(&before.len()) && !before.starts_with('0');
    let alone = separators.len() == 1;
    let groups = alone && could_group && (last == ',' || comma_is_decimal);
    (!groups).then_some(place)
}

/// Whether digits are grouped in one of the two ways in use, or not at all.
fn well_grouped(whole: &str) -> bool {
    let Some(separator) = whole.chars().find(|c| !c.is_ascii_digit()) else { return !whole.is_empty() };
    let groups: Vec<&str> = whole.split(separator).collect();
    let [first, middle @ .., last] = groups.as_slice() else { return false };
    let digits = |group: &&str| group.bytes().all(|b| b.is_ascii_digit());
    let all_of = |size: usize| middle.iter().all(|group| group.len() == size);
    groups.iter().all(digits)
        && last.len() == 3
        && ((all_of(3) && (1..=3).contains(&first.len())) || (all_of(2) && (1..=2).contains(&first.len())))
}

/// Takes a sign off a number's text: a minus or plus before or behind it, or brackets around it.
pub(crate) fn signed(text: &str) -> (bool, &str) {
    let text = text.trim();
    if let Some(inner) = text.strip_prefix('(').and_then(|t| t.strip_suffix(')')) {
        return (true, inner.trim());
    }
    if let Some(rest) = text.strip_prefix('-').or_else(|| text.strip_suffix('-')) {
        return (true, rest.trim());
    }
    (false, text.strip_prefix('+').unwrap_or(text).trim())
}
