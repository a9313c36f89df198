//! What happens to persons in the nights after the first: moves, new e-mail addresses, and leaving a system.

use chrono::{Datelike, Days, NaiveDate};

use crate::contact::{Address, address, email};
use crate::draw::{Draw, Topic};
use crate::household::Person;
use crate::lists::Lists;

/// The last day that the files of a night know of.
pub(crate) fn as_of(night: u32) -> NaiveDate {
    let first = NaiveDate::from_ymd_opt(2025, 12, 31).unwrap_or_default();
    first.checked_add_days(Days::new(u64::from(night) - 1)).unwrap_or(first)
}

/// The first day on which the shop sold anything.
pub(crate) fn opening() -> NaiveDate {
    NaiveDate::from_ymd_opt(2023, 1, 1).unwrap_or_default()
}

/// Whether the rows that were spoiled so that nobody can read their keys are still so: they are there in the first night,
/// and have been mended at the source since. As long as such a row is in a file, any record that is missing could be it, so
/// that a careful reader deletes nothing.
pub(crate) fn keys_are_spoiled(night: u32) -> bool {
    night == 1
}

/// A move in one of the nights.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Moved {
    pub(crate) night: u32,
    pub(crate) to: Address,
    /// Whether the CRM heard of it; the shop always does.
    pub(crate) told_crm: bool,
}

/// What has happened to one person until a night; of two moves the last counts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct History {
    /// The night until which this is the history.
    pub(crate) until: u32,
    pub(crate) moved: Option<Moved>,
    pub(crate) new_email: Option<(u32, String)>,
    /// The night the CRM lost the person.
    pub(crate) left_crm: Option<u32>,
    /// The night the person closed the shop accounts.
    pub(crate) left_shop: Option<u32>,
}

/// The history of a person until a night.
pub(crate) fn history(lists: &Lists, seed: u64, person: &Person, until: u32) -> History {
    let mut history = History { until, ..History::default() };
    for night in (person.since + 1)..=until {
        let mut draw = Draw::new(seed, Topic::Event, (u64::from(night) << 40) | person.ordinal);
        match draw.below(1000) {
            0..4 => {
                let town = lists.town(&mut draw, person.home.place.country).clone();
                let to = address(lists, &mut draw, &town);
                history.moved = Some(Moved { night, to, told_crm: draw.chance(400) });
            }
            4..7 => {
                let (given, nickname, year) = (person.given, person.nickname, person.birth.year());
                let new = email(&mut draw, given, nickname, &person.family, year, &person.home.place);
                history.new_email = Some((night, new));
            }
            7..9 => history.left_crm = history.left_crm.or(Some(night)),
            9 => history.left_shop = history.left_shop.or(Some(night)),
            _ => {}
        }
    }
    history
}
