//! How systems write down what they are told: slips of the finger, abbreviations, and telephone numbers as they come.

use chrono::{Datelike, NaiveDate};

use crate::contact::{Address, Phone};
use crate::draw::Draw;
use crate::lists::Country;

/// The persons before this one are written down without a bad row, so that a company of any size stays well below the
/// loss threshold of one percent: the first bad row of a file comes when it has some two hundred good ones.
pub(crate) const CLEAN_PERSONS: u64 = 250;

/// The same for files that hold few of the persons: in a thousand, `share` of them.
pub(crate) fn turn_of_few(ordinal: u64, every: u64, place: u64, share: u64) -> bool {
    ordinal >= CLEAN_PERSONS * 1000 / share && turn(ordinal, every, place)
}

/// Whether a person is the one in `every` to whom something happens, beginning behind [`CLEAN_PERSONS`].
pub(crate) fn turn(ordinal: u64, every: u64, place: u64) -> bool {
    ordinal >= CLEAN_PERSONS && ordinal % every == place
}

/// Eight digits that name a thing and tell nothing of its place: one to one below a hundred million, because the
/// factors have no divisor in common with it.
pub(crate) fn number(ordinal: u64, factor: u64, start: u64) -> String {
    const NUMBERS: u128 = 100_000_000;
    let number = (u128::from(ordinal) * u128::from(factor) + u128::from(start)) % NUMBERS;
    format!("{number:08}")
}

/// The text with one slip of the finger, never in the first letter, where people notice it. Short texts stay.
pub(crate) fn slip(draw: &mut Draw, text: &str) -> String {
    let mut letters: Vec<char> = text.chars().collect();
    if letters.len() < 4 {
        return text.to_string();
    }
    let place = 1 + draw.below(letters.len() as u64 - 2) as usize;
    match draw.below(4) {
        0 => letters.swap(place, place + 1),
        1 => {
            letters.remove(place);
        }
        2 => letters.insert(place, letters[place]),
        _ => letters[place] = neighbour(draw, letters[place]),
    }
    letters.into_iter().collect()
}

/// A key beside the one that was meant.
fn neighbour(draw: &mut Draw, meant: char) -> char {
    const ROWS: [&str; 4] = ["1234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm"];
    let low = meant.to_ascii_lowercase();
    let Some((row, place)) = ROWS.iter().find_map(|row| row.find(low).map(|place| (row.as_bytes(), place))) else {
        return meant;
    };
    let beside = if place == 0 || (place + 1 < row.len() && draw.chance(500)) { place + 1 } else { place - 1 };
    let found = row[beside] as char;
    if meant.is_ascii_uppercase() { found.to_ascii_uppercase() } else { found }
}

/// A date with one slip: day and month changed places where both can be, or another year's digit.
pub(crate) fn slip_date(draw: &mut Draw, date: NaiveDate) -> NaiveDate {
    if draw.chance(400)
        && date.day() <= 12
        && let Some(swapped) = NaiveDate::from_ymd_opt(date.year(), date.day(), date.month())
    {
        return swapped;
    }
    let years = draw.pick(&[-10, -1, 1, 10]);
    date.with_year(date.year() + years).unwrap_or(date)
}

/// What a system does to the street's type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum StreetType {
    Whole,
    Short,
}

/// The first line of an address.
pub(crate) fn street(address: &Address, kind: StreetType) -> String {
    let word = match kind {
        StreetType::Whole => address.street_type,
        StreetType::Short => short(address.street_type),
    };
    let street = match address.place.country {
        Country::Germany => format!("{} {}", short_german(address.street, kind), address.number),
        Country::Greece => format!("{} {}", address.street, address.number),
        Country::Bulgaria => format!("{word} {} {}", address.street, address.number),
        Country::France => format!("{} {word} {}", address.number, address.street),
        _ => format!("{} {} {word}", address.number, address.street),
    };
    match (address.unit, address.place.country) {
        (None, _) => street,
        (Some(unit), Country::UnitedStates) => format!("{street} Apt {unit}"),
        (Some(unit), _) => format!("Flat {unit}, {street}"),
    }
}

fn short_german(street: &str, kind: StreetType) -> String {
    match (kind, street.strip_suffix("straße")) {
        (StreetType::Short, Some(front)) => format!("{front}str."),
        _ => street.to_string(),
    }
}

fn short(street_type: &'static str) -> &'static str {
    match street_type {
        "Street" => "St",
        "Avenue" => "Ave",
        "Road" => "Rd",
        "Drive" => "Dr",
        "Lane" => "Ln",
        "Court" => "Ct",
        "Boulevard" => "Blvd",
        "Close" => "Cl",
        "Terrace" => "Ter",
        "avenue" => "av.",
        "boulevard" => "bd",
        other => other,
    }
}

/// A telephone number in one of the ways that people of its country write it.
pub(crate) fn phone(draw: &mut Draw, phone: &Phone) -> String {
    let n = phone.national.as_str();
    match phone.country {
        Country::UnitedStates => {
            let (area, rest) = n.split_at(3);
            let (exchange, line) = rest.split_at(3);
            match draw.below(7) {
                0 | 1 => format!("({area}) {exchange}-{line}"),
                2 | 3 => format!("{area}-{exchange}-{line}"),
                4 => format!("{area}.{exchange}.{line}"),
                5 => n.to_string(),
                _ => format!("+1 {area} {exchange} {line}"),
            }
        }
        Country::UnitedKingdom => abroad(draw, "44", n, 4, true),
        Country::India => abroad(draw, "91", n, 5, true),
        Country::Germany => abroad(draw, "49", n, 3, true),
        Country::France => abroad(draw, "33", n, 1, true),
        Country::Greece => abroad(draw, "30", n, 3, false),
        Country::Bulgaria => abroad(draw, "359", n, 2, true),
    }
}

/// Numbers of other countries than the company's own carry the country's code; now and then somebody forgets it. Some
/// countries dial a zero before the number, `trunk`.
fn abroad(draw: &mut Draw, code: &str, national: &str, split: usize, trunk: bool) -> String {
    let (front, back) = national.split_at(split);
    match draw.below(100) {
        0..4 if trunk => format!("0{national}"),
        4..50 => format!("+{code} {front} {back}"),
        50..70 if trunk => format!("+{code} (0) {front} {back}"),
        70..85 => format!("+{code}-{front}-{back}"),
        _ => format!("+{code}{national}"),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;
    use crate::draw::Topic;

    #[test]
    fn a_slip_changes_little_and_keeps_the_first_letter() {
        let mut changed = 0;
        for index in 0..500 {
            let slipped = slip(&mut Draw::new(1, Topic::Record, index), "Featherstone");
            assert!(slipped.starts_with('F') && slipped.chars().count().abs_diff(12) <= 1, "{slipped}");
            changed += u32::from(slipped != "Featherstone");
        }
        assert!(changed > 490, "{changed}");
        assert_eq!(slip(&mut Draw::new(1, Topic::Record, 1), "Ann"), "Ann");
    }

    #[test]
    fn numbers_do_not_repeat() {
        let numbers: std::collections::BTreeSet<String> = (0..20_000).map(|o| number(o, 48_271_603, 7)).collect();
        assert_eq!(numbers.len(), 20_000);
        assert!(numbers.iter().all(|n| n.len() == 8));
    }

    #[test]
    fn a_date_with_a_slip_is_another_date() {
        let born = NaiveDate::from_ymd_opt(1964, 3, 7).unwrap();
        for index in 0..100 {
            assert_ne!(slip_date(&mut Draw::new(1, Topic::Record, index), born), born);
        }
    }
}
