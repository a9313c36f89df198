//! What happens to persons in the nights after the first: moves, marriages, new e-mail addresses, and coming to and
//! leaving the systems.

use chrono::{Datelike, Days, NaiveDate};

use crate::contact::{Address, Phone, address, email, mobile};
use crate::draw::{Draw, Topic};
use crate::lists::Lists;
use crate::person::{Person, System, Trouble, Troubles};

/// The last day that the files of a night know of.
pub(crate) fn as_of(night: u32) -> NaiveDate {
    let first = NaiveDate::from_ymd_opt(2025, 12, 31).unwrap_or_default();
    first.checked_add_days(Days::new(u64::from(night) - 1)).unwrap_or(first)
}

/// The night whose files first know of a day.
pub(crate) fn night_of(day: NaiveDate) -> u32 {
    (day - as_of(1)).num_days().max(0) as u32 + 1
}

/// The first day on which the shop sold anything.
pub(crate) fn opening() -> NaiveDate {
    NaiveDate::from_ymd_opt(2023, 1, 1).unwrap_or_default()
}

/// Days before a day.
pub(crate) fn before(day: NaiveDate, days: u64) -> NaiveDate {
    day.checked_sub_days(Days::new(days)).unwrap_or(day)
}

/// Days after a day.
pub(crate) fn after(day: NaiveDate, days: u64) -> NaiveDate {
    day.checked_add_days(Days::new(days)).unwrap_or(day)
}

/// Whether the rows that were spoiled so that nobody can read their keys are still so: they are there in the first night,
/// and have been mended at the source since. As long as such a row is in a file, any record that is missing could be it, so
/// that a careful reader deletes nothing.
pub(crate) fn keys_are_spoiled(night: u32) -> bool {
    night == 1
}

/// News of a person in one of the nights, and the systems that were told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct News<T> {
    pub(crate) night: u32,
    pub(crate) now: T,
    told: [bool; 7],
}

impl<T> News<T> {
    pub(crate) fn is_known_to(&self, system: System) -> bool {
        self.told[system as usize]
    }
}

/// What has happened to one person until a night; of two moves the last counts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct History {
    /// The night until which this is the history.
    pub(crate) until: u32,
    pub(crate) moved: Option<News<Address>>,
    pub(crate) married: Option<News<String>>,
    pub(crate) new_email: Option<News<String>>,
    pub(crate) new_mobile: Option<News<Phone>>,
    /// The night in which each system first knew the person, where that was after the person's first night.
    joined: [Option<u32>; 7],
    /// The night in which each system lost the person.
    left: [Option<u32>; 7],
    /// The night in which the sales desk merged the person's two numbers.
    pub(crate) merged: Option<u32>,
}

impl History {
    /// The night in which the system first has a record of the person; `None` where it has none, or no longer.
    pub(crate) fn known_since(&self, person: &Person, system: System) -> Option<u32> {
        if self.left(system).is_some() {
            return None;
        }
        self.ever_known_since(person, system)
    }

    /// The same, also where the record is gone since.
    pub(crate) fn ever_known_since(&self, person: &Person, system: System) -> Option<u32> {
        if person.is_known(system) { Some(person.since) } else { self.joined[system as usize] }
    }

    /// The night in which the system lost the person.
    pub(crate) fn left(&self, system: System) -> Option<u32> {
        self.left[system as usize]
    }

    /// How many records of the person the system has.
    pub(crate) fn records(&self, person: &Person, system: System) -> u64 {
        match self.known_since(person, system) {
            None => 0,
            Some(_) if system == System::Crm && self.merged.is_some() => 1,
            Some(_) => person.known[system as usize].max(1),
        }
    }

    /// The last night in which something changed that the system was told of.
    pub(crate) fn touched(&self, system: System) -> Option<u32> {
        let night = |told: bool, night: u32| told.then_some(night);
        let nights = [
            self.moved.as_ref().and_then(|n| night(n.is_known_to(system), n.night)),
            self.married.as_ref().and_then(|n| night(n.is_known_to(system), n.night)),
            self.new_email.as_ref().and_then(|n| night(n.is_known_to(system), n.night)),
            self.new_mobile.as_ref().and_then(|n| night(n.is_known_to(system), n.night)),
        ];
        nights.into_iter().flatten().max()
    }

    /// The troubles of a person, those of the nights included.
    pub(crate) fn troubles(&self, person: &Person) -> Troubles {
        let mut troubles = person.troubles;
        if self.moved.is_some() {
            troubles.add(Trouble::Move);
        }
        if self.married.is_some() {
            troubles.add(Trouble::Marriage);
        }
        troubles
    }

    fn leave(&mut self, person: &Person, system: System, night: u32) {
        if self.ever_known_since(person, system).is_some_and(|since| since < night) {
            let left = &mut self.left[system as usize];
            *left = left.or(Some(night));
        }
    }

    fn join(&mut self, person: &Person, system: System, night: u32) {
        if self.ever_known_since(person, system).is_none() {
            self.joined[system as usize] = Some(night);
        }
    }

    fn happens(&mut self, lists: &Lists, person: &Person, night: u32, draw: &mut Draw) {
        match draw.below(10_000) {
            0..40 => {
                let town = *lists.town(draw, person.home.place.country);
                let now = address(lists, draw, &town);
                self.moved = Some(News { night, now, told: told(draw, true) });
            }
            40..70 => {
                let (nickname, year) = (person.nickname, person.birth.year());
                let now = email(draw, person.given, nickname, &person.family, year, &person.home.place);
                self.new_email = Some(News { night, now, told: told(draw, true) });
            }
            70..90 => self.leave(person, System::Crm, night),
            90..100 => self.leave(person, System::Shop, night),
            100..112 => self.leave(person, System::Loyalty, night),
            112..124 => self.leave(person, System::Campaign, night),
            124..134 => self.leave(person, System::Leads, night),
            134..140 => self.leave(person, System::Callers, night),
            140..150 => {
                let now = family_after_marriage(lists, draw, person);
                self.married = Some(News { night, now, told: told(draw, false) });
            }
            150..165 => {
                let now = mobile(draw, &person.home.place);
                self.new_mobile = Some(News { night, now, told: told(draw, false) });
            }
            165..185 => self.join(person, System::Leads, night),
            185..210 => self.join(person, System::Callers, night),
            210..225 => self.join(person, System::Campaign, night),
            225..240 => self.join(person, System::Loyalty, night),
            240..250 => self.join(person, System::Contracts, night),
            250..260 => self.join(person, System::Shop, night),
            260..1260 if person.known[System::Crm as usize] > 1 => self.merged = self.merged.or(Some(night)),
            _ => {}
        }
    }
}

/// Which systems hear of news: the shop where the person changes it there, the others now and then.
fn told(draw: &mut Draw, shop: bool) -> [bool; 7] {
    System::ALL.map(|system| (system == System::Shop && shop) || draw.chance(400))
}

fn family_after_marriage(lists: &Lists, draw: &mut Draw, person: &Person) -> String {
    use crate::lists::{Country, Culture};
    let culture = match person.home.place.country {
        Country::UnitedStates => Culture::American,
        Country::UnitedKingdom => Culture::British,
        Country::India => Culture::Indian,
        Country::Germany => Culture::German,
        Country::France => Culture::French,
        Country::Greece => Culture::Greek,
        Country::Bulgaria => Culture::Bulgarian,
    };
    crate::household::family_name(lists, draw, culture, person.sex)
}

/// The history of a person until a night.
pub(crate) fn history(lists: &Lists, seed: u64, person: &Person, until: u32) -> History {
    let mut history = History { until, ..History::default() };
    if person.has(Trouble::Junk) {
        return history;
    }
    for night in (person.since + 1)..=until {
        let mut draw = Draw::new(seed, Topic::Event, (u64::from(night) << 40) | person.ordinal);
        history.happens(lists, person, night, &mut draw);
    }
    history
}
