//! The web shop's accounts, as its export writes them: what people typed about themselves, on telephones.

use std::fmt::Write as _;

use chrono::NaiveDate;

use crate::draw::Draw;
use crate::files::Table;
use crate::hardness::Rate;
use crate::lists::Country;
use crate::night::History;
use crate::night::{after, as_of, before, keys_are_spoiled};
use crate::note::{Birth, Habit, Noted, ORDINARY, note};
use crate::observe::{self, turn};
use crate::person::{Person, System};
use crate::row::{Cell, Row};
use crate::world::{Facts, World, time};

const HABIT: Habit = Habit {
    system: System::Shop,
    nickname: Rate(780, 900),
    initial: Rate(2, 14),
    middle: Rate(0, 20),
    former_family: Rate(0, 120),
    former_home: Rate(50, 150),
    native: Rate(250, 350),
    no_birth: Rate(420, 570),
    forced_birth: Rate(5, 45),
    no_email: Rate(20, 60),
    other_email: Rate(0, 200),
    junk_email: Rate(0, 10),
    no_phone: Rate(270, 340),
    landline: Rate(60, 120),
    junk_phone: Rate(2, 14),
    no_address: Rate(120, 240),
    switchboard: Rate(100, 300),
    slip: Rate(4, 30),
    ..ORDINARY
};

/// Where `address` stands.
const ADDRESS: usize = 6;

/// An account: its key, its row, and when it was opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Account {
    pub(crate) key: String,
    /// Names the account in every stream.
    pub(crate) ordinal: u64,
    /// The night in which the account first stands in the file.
    pub(crate) since: u32,
    pub(crate) registered: NaiveDate,
    pub(crate) row: Row,
}

/// The number of a person's first or second account.
fn number(ordinal: u64) -> String {
    format!("W{}", observe::number(ordinal, 27_182_819, 90_000_131))
}

/// Every account that a person ever opened until a night, also those closed since.
pub(crate) fn accounts(world: &World<'_>, person: &Person, history: &History) -> Vec<Account> {
    let Some(since) = history.ever_known_since(person, System::Shop) else { return Vec::new() };
    let count = person.known[System::Shop as usize].max(1);
    (0..count).map(|slot| account(world, person, history, slot, since)).collect()
}

fn account(world: &World<'_>, person: &Person, history: &History, slot: u64, since: u32) -> Account {
    let ordinal = person.ordinal * 2 + slot;
    let key = number(ordinal);
    let mut noted = note(world.desk(), person, history, slot, &HABIT);
    let [given, family] = names(&mut noted, person);
    let birth = match noted.birth {
        Birth::Absent => None,
        Birth::Forced => Some("1970-01-01".to_string()),
        Birth::Day(day) => Some(day.to_string()),
    };
    let [address, city, region, postcode] = address(&mut noted);
    let draw = &mut noted.draw;
    let newsletter = match draw.below(100) {
        0..38 => Some("yes"),
        38..88 => Some("no"),
        _ => None,
    };
    let (registered, registered_at) = registration(draw, since);
    let changed = changed(draw, history, since, registered);
    let cells = vec![
        (&key).into(),
        given.into(),
        family.into(),
        birth.into(),
        noted.email.into(),
        noted.phone.into(),
        address.into(),
        city.into(),
        region.into(),
        postcode.into(),
        person.home.place.country.name().into(),
        newsletter.into(),
        registered_at.into(),
        changed.to_string().into(),
        noted.company.filter(|_| draw.chance(400)).into(),
    ];
    let mut row = Row::new(Table::ShopCustomer, &key, cells).defects(&noted.defects);
    if slot == 0 && turn(person.ordinal, 500, 450) && keys_are_spoiled(history.until) {
        spoil(&mut row, person.ordinal / 500 % 3);
    }
    Account { key, ordinal, since, registered, row }
}

fn spoil(row: &mut Row, kind: u64) {
    match kind {
        0 => row.spoil("missing-key", |cells| cells[0] = Cell::Empty),
        // An address with a comma that nobody quoted.
        1 => row.spoil("too-many-fields", |cells| {
            cells.insert(ADDRESS, "Rear Building".into());
            // A field too many at the end that is empty would pass for a delimiter at the end of the line.
            cells.pop();
            cells.push("self-employed".into());
        }),
        _ => row.spoil("too-few-fields", |cells| cells.truncate(cells.len() - 3)),
    }
}

fn names(noted: &mut Noted<'_>, person: &Person) -> [String; 2] {
    let draw = &mut noted.draw.fork();
    let suffix = !person.suffix.is_empty() && draw.chance(120);
    let family = if suffix { format!("{} {}.", noted.family, person.suffix) } else { noted.family.clone() };
    let style = draw.below(100);
    [noted.given_names(), family].map(|name| match style {
        0..9 => name.to_lowercase(),
        9..14 => name.to_uppercase(),
        14..17 => format!(" {name} "),
        _ => name,
    })
}

fn address(noted: &mut Noted<'_>) -> [Option<String>; 4] {
    let street = noted.street(400);
    let draw = &mut noted.draw.fork();
    let (Some(home), Some(mut street)) = (noted.address, street) else { return [const { None }; 4] };
    // A form with two lines for the street: the line break travels inside the quotes.
    if draw.chance(8)
        && let Some((flat, rest)) = street.split_once(", ")
    {
        street = format!("{flat}\n{rest}");
    }
    let mut postcode = home.postcode.clone();
    if home.place.country == Country::UnitedStates && draw.chance(60) {
        let _ = write!(postcode, "-{:04}", draw.below(10_000));
    }
    if draw.chance(80) {
        postcode = postcode.replace(' ', "").to_lowercase();
    }
    let city = if draw.chance(70) { home.place.city.to_lowercase() } else { home.place.city.to_string() };
    let region = (!home.place.region.is_empty() && draw.chance(800)).then(|| home.place.region.to_string());
    [Some(street), Some(city), region, Some(postcode)]
}

fn registration(draw: &mut Draw, since: u32) -> (NaiveDate, String) {
    let draw = &mut draw.fork();
    let day = if since > 1 { as_of(since) } else { before(as_of(1), 20 + draw.below(1600)) };
    (day, time(draw, day))
}

fn changed(draw: &mut Draw, history: &History, since: u32, registered: NaiveDate) -> NaiveDate {
    let draw = &mut draw.fork();
    let days = (as_of(1) - registered).num_days().max(0) as u64;
    let changed = after(registered, draw.below(days + 1));
    history.touched(System::Shop).filter(|night| *night >= since).map_or(changed, as_of)
}

/// Writes the accounts that are open.
pub(crate) fn write(facts: &Facts<'_>, rows: &mut Vec<Row>) {
    if facts.history.left(System::Shop).is_none() {
        rows.extend(facts.accounts.iter().map(|account| account.row.clone()));
    }
}
