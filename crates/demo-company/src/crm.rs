//! The legacy CRM: one wide table of a database that nobody dares to touch, and what has been added around it: who owns an
//! account, and which numbers were given up.
//!
//! Its defects are those of its kind: capitals without apostrophes or hyphens, fields cut to their old widths, dates as
//! text with the month first, placeholders where a field was forced, married women under their maiden names, leading
//! zeros of postcodes lost, the same customer entered twice.

use chrono::{Datelike, NaiveDate};

use crate::contact::Address;
use crate::draw::{Draw, Topic};
use crate::files::Table;
use crate::hardness::Rate;
use crate::lists::{Country, Sex};
use crate::night::{after, as_of, before, keys_are_spoiled};
use crate::note::{self, Birth, Habit, ORDINARY, note};
use crate::observe::{self, turn};
use crate::person::{Person, System, Trouble};
use crate::row::{Cell, Row};
use crate::world::{Facts, World};

/// The number that stands for "no telephone": the head office's own.
const OWN_NUMBER: &str = "(503) 222-0100";

const HABIT: Habit = Habit {
    system: System::Crm,
    nickname: Rate(60, 150),
    middle: Rate(20, 100),
    former_family: Rate(750, 850),
    former_home: Rate(650, 750),
    no_birth: Rate(170, 340),
    forced_birth: Rate(5, 35),
    no_email: Rate(300, 400),
    other_email: Rate(550, 580),
    junk_email: Rate(4, 20),
    junk_emails: &["NONE@NONE.EXAMPLE", "N/A", "TEST@TEST.EXAMPLE"],
    no_phone: Rate(120, 190),
    landline: Rate(350, 450),
    junk_phone: Rate(10, 50),
    junk_phones: &["000-000-0000", "9999999999", OWN_NUMBER],
    no_address: Rate(40, 110),
    slip: Rate(4, 30),
    ..ORDINARY
};

/// A person's customer number, of the first or second record.
pub(crate) fn number(person: &Person, slot: u64) -> String {
    observe::number(person.ordinal * 2 + slot, 61_803_399, 40_000_417)
}

/// A number that was given up.
pub(crate) struct GivenUp {
    pub(crate) old: String,
    pub(crate) new: String,
    pub(crate) on: NaiveDate,
    reason: &'static str,
}

/// The customer numbers of a person that were given up until a night.
pub(crate) fn given_up(world: &World<'_>, facts: &Facts<'_>) -> Vec<GivenUp> {
    let (person, mut found) = (facts.person, Vec::new());
    if person.is_known(System::Crm) && person.since == 1 && !person.has(Trouble::Junk) {
        let draw = &mut world.draw(Topic::Account, person.ordinal);
        if draw.chance(60) {
            let migration = draw.chance(400);
            let on = before(as_of(1), if migration { 4900 } else { 20 + draw.below(2500) });
            // Far beyond the records that live.
            let old = observe::number(60_000_000 + person.ordinal, 61_803_399, 40_000_417);
            found.push(GivenUp { old, new: number(person, 0), on, reason: if migration { "MIG" } else { "DUP" } });
        }
    }
    if let Some(night) = facts.history.merged {
        let (old, new) = (number(person, 1), number(person, 0));
        found.push(GivenUp { old, new, on: as_of(night), reason: "DUP" });
    }
    found
}

/// Writes what the CRM has about a person.
pub(crate) fn write(world: &World<'_>, facts: &Facts<'_>, rows: &mut Vec<Row>) {
    if facts.history.ever_known_since(facts.person, System::Crm).is_none() {
        return;
    }
    for slot in 0..facts.history.records(facts.person, System::Crm) {
        rows.push(account(world, facts, slot));
    }
    for (owner, from, to) in assignments(world, facts) {
        let cells =
            vec![number(facts.person, 0).into(), owner.into(), month_first(from).into(), to.map(month_first).into()];
        rows.push(Row::new(Table::Assignment, format!("{}/{from}", number(facts.person, 0)), cells));
    }
    for merged in given_up(world, facts) {
        let GivenUp { old, new, on, reason } = merged;
        let cells = vec![(&old).into(), new.into(), month_first(on).into(), reason.into()];
        rows.push(Row::new(Table::MergedNumber, old, cells));
    }
}

fn account(world: &World<'_>, facts: &Facts<'_>, slot: u64) -> Row {
    let Facts { person, history, .. } = *facts;
    let mut noted = note(world.desk(), person, history, slot, &HABIT);
    let key = number(person, slot);
    let street = noted.street(650);
    let draw = &mut noted.draw;
    let birth = match noted.birth {
        Birth::Absent => None,
        Birth::Forced => Some(draw.pick(&["01/01/1900", "01/01/1900", "00/00/0000"]).to_string()),
        Birth::Day(day) => Some(month_first(day)),
    };
    let [city, region, postcode] = town(draw, noted.address);
    let [opened, updated] = note::days(draw, person, history, System::Crm, person.since, 6500);
    let title = draw.chance(550).then(|| person.title.to_uppercase());
    let suffix = (!person.suffix.is_empty() && draw.chance(600)).then(|| person.suffix.to_uppercase());
    let sex = draw.chance(820).then_some(if person.sex == Sex::Female { "F" } else { "M" });
    let limit = draw.chance(600).then(|| dollars(draw));
    let status = if draw.chance(920) { "A" } else { "I" };
    let country = country_word(draw, person.home.place.country);
    let unknown = draw.chance(15) && noted.address.is_none() && !person.has(Trouble::Junk);
    let owner = assignments(world, facts).into_iter().next_back().map(|(owner, _, _)| owner);
    let cells = vec![
        (&key).into(),
        title.into(),
        capitals(&noted.family, 15).into(),
        capitals(&noted.given_names(), 12).into(),
        suffix.into(),
        birth.into(),
        sex.into(),
        if unknown { "UNKNOWN".into() } else { street.map(|street| capitals(&street, 25)).into() },
        city.into(),
        region.into(),
        postcode.into(),
        country.into(),
        noted.phone.into(),
        noted.email.map(|email| email.to_uppercase()).into(),
        limit.into(),
        status.into(),
        month_first(opened).into(),
        month_first(updated).into(),
        noted.company.map(|company| capitals(&company, 20)).into(),
        owner.into(),
    ];
    let mut row = Row::new(Table::Customer, key, cells).defects(&noted.defects);
    spoil(&mut row, person.ordinal, slot, history.until);
    row
}

fn town(draw: &mut Draw, address: Option<&Address>) -> [Option<String>; 3] {
    let lost_zero = draw.chance(300);
    let has_postcode = draw.chance(950);
    let Some(home) = address else { return [None, None, None] };
    let postcode = if lost_zero { home.postcode.trim_start_matches('0') } else { &home.postcode };
    [
        Some(capitals(home.place.city, 18)),
        (!home.place.region.is_empty()).then(|| capitals(home.place.region, 12)),
        has_postcode.then(|| postcode.to_string()),
    ]
}

/// The periods in which sales persons owned the account: owner, from, to.
fn assignments(world: &World<'_>, facts: &Facts<'_>) -> Vec<(String, NaiveDate, Option<NaiveDate>)> {
    let Facts { person, history, .. } = *facts;
    let draw = &mut Draw::new(world.seed, Topic::Owner, (1 << 48) | person.ordinal);
    let territory = person.home.place.territory;
    let from = if person.since > 1 { as_of(person.since) } else { before(as_of(1), 500 + draw.below(3000)) };
    let mut lot = draw.below(4);
    let mut periods = vec![(world.owner(territory, lot).id.clone(), from, None)];
    let mut change = |day: NaiveDate, step: u64| {
        lot += step;
        if let Some(last) = periods.last_mut() {
            last.2 = Some(before(day, 1));
        }
        periods.push((world.owner(territory, lot).id.clone(), day, None));
    };
    if person.since == 1 && draw.chance(300) {
        change(after(from, 100 + draw.below(390)), 1 + draw.below(3));
    }
    for night in (person.since + 1)..=history.until {
        let draw = &mut world.draw_tonight(Topic::Account, night, person.ordinal);
        if draw.chance(3) && history.left(System::Crm).is_none_or(|left| left > night) {
            change(as_of(night), 1 + draw.below(3));
        }
    }
    periods
}

/// What goes wrong in the table on purpose, at places that do not depend on the night.
fn spoil(row: &mut Row, ordinal: u64, slot: u64, night: u32) {
    if slot > 0 {
        return;
    }
    if turn(ordinal, 1000, 400) && keys_are_spoiled(night) {
        row.spoil("missing-key", |cells| cells[0] = Cell::Empty);
    } else if turn(ordinal, 400, 150) {
        row.cells[5] = format!("02/30/{}", 1940 + ordinal % 60).into();
        row.flaws.push("impossible-date");
    } else if turn(ordinal, 300, 75) {
        row.cells[12] = ["CALL OFFICE", "12345", "555-CALL-NOW"][(ordinal / 300 % 3) as usize].into();
        row.flaws.push("bad-phone");
    }
}

/// Capitals of an old character set, cut to the width of the field.
fn capitals(text: &str, width: usize) -> String {
    let plain = deunicode::deunicode(text);
    let plain = plain.chars().filter(|c| *c != '\'').map(|c| if c == '-' { ' ' } else { c.to_ascii_uppercase() });
    plain.take(width).collect::<String>().trim_end().to_string()
}

pub(crate) fn month_first(date: NaiveDate) -> String {
    format!("{:02}/{:02}/{:04}", date.month(), date.day(), date.year())
}

fn country_word(draw: &mut Draw, country: Country) -> Option<&'static str> {
    let words = match country {
        Country::UnitedStates => ["USA", "US"],
        Country::UnitedKingdom => ["UK", "GB"],
        Country::India => ["INDIA", "IN"],
        Country::Germany => ["GERMANY", "DE"],
        Country::France => ["FRANCE", "FR"],
        Country::Greece => ["GREECE", "GR"],
        Country::Bulgaria => ["BULGARIA", "BG"],
    };
    draw.chance(900).then(|| draw.pick(&words))
}

/// A credit limit as an old form printed it, the trailing blank included.
fn dollars(draw: &mut Draw) -> String {
    let thousands = draw.pick(&[1, 2, 5, 5, 10, 10, 15, 25]);
    format!("${thousands},000 ")
}
