//! The legacy CRM: one wide table of a database that nobody dares to touch.
//!
//! Its defects are those of its kind: capitals without apostrophes or hyphens, fields cut to their old widths, dates as
//! text with the month first, placeholders where a field was forced, married women under their maiden names, leading
//! zeros of postcodes lost, the same customer entered twice.

use std::path::Path;

use chrono::{Datelike, Days, NaiveDate};
use rusqlite::{Connection, params_from_iter};

use crate::GenerateError;
use crate::contact::Address;
use crate::draw::{Draw, Topic};
use crate::household::{Person, Trouble};
use crate::lists::{Country, Sex};
use crate::night::{History, as_of, keys_are_spoiled};
use crate::observe::{self, Observed, StreetType, slip, slip_date, turn};

/// The source's name in the pipeline and in the truth.
pub(crate) const SOURCE: &str = "crm";

/// The columns of table `customer`.
pub(crate) const COLUMNS: [&str; 18] = [
    "CUST_NO",
    "TTL",
    "LST_NM",
    "FST_NM",
    "SFX",
    "BRTH_DT",
    "SEX",
    "ADDR_1",
    "CTY",
    "ST",
    "ZIP",
    "CNTRY",
    "PHN_1",
    "EML_ADDR",
    "CR_LMT",
    "STAT_CD",
    "OPN_DT",
    "LST_UPD_DT",
];

/// A row of table `customer`.
pub(crate) type Row = Observed<18>;

/// The number that stands for "no telephone": the head office's own.
const OWN_NUMBER: &str = "(503) 222-0100";

/// The records of a person in the CRM after a night, with their keys; those in the truth are the good ones.
pub(crate) fn rows(seed: u64, person: &Person, history: &History) -> Vec<(String, Row)> {
    if history.left_crm.is_some() {
        return Vec::new();
    }
    (0..person.known.crm).map(|slot| row(seed, person, history, slot)).collect()
}

fn row(seed: u64, person: &Person, history: &History, slot: u64) -> (String, Row) {
    let record = person.ordinal * 2 + slot;
    let draw = &mut Draw::new(seed, Topic::Crm, record);
    let key = observe::number(record, 61_803_399, 40_000_417);
    let clerk = Clerk { person, history, slip: slipped_field(draw, person) };
    let [family, given] = clerk.names(draw);
    let birth = clerk.birth(draw, slot);
    let [street, city, region, postcode, country] = clerk.address(draw);
    let phone = clerk.phone(draw);
    let email = clerk.email(draw, slot);
    let [opened, updated] = clerk.days(draw);
    let title = (draw.chance(550)).then(|| person.title.to_uppercase());
    let suffix = (!person.suffix.is_empty() && draw.chance(600)).then(|| person.suffix.to_uppercase());
    let sex = draw.chance(820).then(|| if person.sex == Sex::Female { "F" } else { "M" }.to_string());
    let limit = draw.chance(600).then(|| dollars(draw));
    let status = if draw.chance(920) { "A" } else { "I" };
    let fields = [
        Some(key.clone()),
        title,
        Some(family),
        Some(given),
        suffix,
        birth,
        sex,
        street,
        city,
        region,
        postcode,
        country,
        phone,
        email,
        limit,
        Some(status.to_string()),
        Some(month_first(opened)),
        Some(month_first(updated)),
    ];
    let mut row = Row { fields, bad: None, flaws: Vec::new() };
    spoil(&mut row, person.ordinal, slot, history.until);
    (key, row)
}

/// The field in which the clerk's finger slips: none, or one of the five.
fn slipped_field(draw: &mut Draw, person: &Person) -> Option<u64> {
    let slips = if person.mistyped { 550 } else { 8 };
    draw.chance(slips).then(|| draw.below(5))
}

/// One person's data on its way into the CRM.
struct Clerk<'a> {
    person: &'a Person,
    history: &'a History,
    slip: Option<u64>,
}

impl Clerk<'_> {
    fn names(&self, draw: &mut Draw) -> [String; 2] {
        let draw = &mut draw.fork();
        let person = self.person;
        let family = match &person.former_family {
            Some(former) if draw.chance(800) => former,
            _ => &person.family,
        };
        let given = match (draw.below(1000), person.nickname) {
            (0..15, _) if person.trouble != Trouble::Junk => person.given.chars().take(1).collect(),
            (15..120, Some(nickname)) => nickname.to_string(),
            (120..180, _) => format!("{} {}", person.given, (b'A' + draw.below(23) as u8) as char),
            _ => person.given.to_string(),
        };
        let family = if self.slip == Some(0) { slip(draw, family) } else { family.clone() };
        let given = if self.slip == Some(1) { slip(draw, &given) } else { given };
        [capitals(&family, 15), capitals(&given, 12)]
    }

    fn birth(&self, draw: &mut Draw, slot: u64) -> Option<String> {
        let draw = &mut draw.fork();
        let born = if self.slip == Some(2) { slip_date(draw, self.person.birth) } else { self.person.birth };
        match draw.below(1000) {
            0..15 => Some("01/01/1900".to_string()),
            15..20 => Some("00/00/0000".to_string()),
            _ if self.person.trouble == Trouble::Junk => None,
            20..760 if slot == 0 => Some(month_first(born)),
            20..400 => Some(month_first(born)),
            _ => None,
        }
    }

    fn home(&self, draw: &mut Draw) -> &Address {
        let knows_former = draw.chance(700);
        if let Some(moved) = self.history.moved.as_ref().filter(|m| m.told_crm) {
            return &moved.to;
        }
        self.person.former_home.as_ref().filter(|_| knows_former).unwrap_or(&self.person.home)
    }

    fn address(&self, draw: &mut Draw) -> [Option<String>; 5] {
        let draw = &mut draw.fork();
        let home = self.home(draw);
        let kind = if draw.chance(650) { StreetType::Short } else { StreetType::Whole };
        let mut street = observe::street(home, kind);
        if self.slip == Some(3) {
            street = slip(draw, &street);
        }
        let known = draw.below(1000);
        if known < 60 || self.person.trouble == Trouble::Junk {
            return [None, None, None, None, country_word(draw, home)];
        }
        let street = if known < 75 { "UNKNOWN".to_string() } else { capitals(&street, 25) };
        let lost_zero = draw.chance(300);
        let postcode = if lost_zero { home.postcode.trim_start_matches('0') } else { &home.postcode };
        [
            Some(street),
            Some(capitals(home.place.city, 18)),
            (!home.place.region.is_empty()).then(|| capitals(home.place.region, 12)),
            draw.chance(950).then(|| postcode.to_string()),
            country_word(draw, home),
        ]
    }

    fn phone(&self, draw: &mut Draw) -> Option<String> {
        let draw = &mut draw.fork();
        let person = self.person;
        match (draw.below(1000), &person.landline) {
            (0..10, _) => Some("000-000-0000".to_string()),
            (10..18, _) => Some("9999999999".to_string()),
            (18..30, _) => Some(OWN_NUMBER.to_string()),
            _ if person.trouble == Trouble::Junk => Some("9999999999".to_string()),
            (30..420, Some(landline)) => Some(observe::phone(draw, landline)),
            (30..820, _) => Some(observe::phone(draw, &person.mobile)),
            _ => None,
        }
    }

    fn email(&self, draw: &mut Draw, slot: u64) -> Option<String> {
        let draw = &mut draw.fork();
        let person = self.person;
        let written = draw.below(1000);
        let other = slot == 1 || draw.chance(700);
        let email = match &person.other_email {
            Some(address) if other => address,
            _ => &person.email,
        };
        let email = if self.slip == Some(4) { slip(draw, email) } else { email.clone() };
        match written {
            0..8 => Some("NONE@NONE.EXAMPLE".to_string()),
            8..12 => Some("N/A".to_string()),
            _ if person.trouble == Trouble::Junk => Some("TEST@TEST.EXAMPLE".to_string()),
            12..620 => Some(email.to_uppercase()),
            _ => None,
        }
    }

    /// When the record was opened and when it was last touched.
    fn days(&self, draw: &mut Draw) -> [NaiveDate; 2] {
        let draw = &mut draw.fork();
        if self.person.since > 1 {
            let opened = as_of(self.person.since);
            return [opened, self.touched().unwrap_or(opened)];
        }
        // Nobody under sixteen has an account with the sales desk.
        let grown = (as_of(1) - self.person.birth).num_days() - 16 * 366;
        let age = 30 + draw.below((grown - 30).clamp(1, 6500) as u64);
        let opened = as_of(1).checked_sub_days(Days::new(age)).unwrap_or_default();
        let updated = opened.checked_add_days(Days::new(draw.below(age))).unwrap_or(opened);
        [opened, self.touched().unwrap_or(updated)]
    }

    fn touched(&self) -> Option<NaiveDate> {
        self.history.moved.as_ref().filter(|m| m.told_crm).map(|m| as_of(m.night))
    }
}

/// What goes wrong in the table on purpose, at places that do not depend on the night.
fn spoil(row: &mut Row, ordinal: u64, slot: u64, night: u32) {
    if slot > 0 {
        return;
    }
    if turn(ordinal, 1000, 400) && keys_are_spoiled(night) {
        row.fields[0] = None;
        row.bad = Some("missing-key");
    } else if turn(ordinal, 400, 150) {
        row.fields[5] = Some(format!("02/30/{}", 1940 + ordinal % 60));
        row.flaws.push("impossible-date");
    } else if turn(ordinal, 300, 75) {
        row.fields[12] = Some(["CALL OFFICE", "12345", "555-CALL-NOW"][(ordinal / 300 % 3) as usize].to_string());
        row.flaws.push("bad-phone");
    }
}

/// Capitals of an old character set, cut to the width of the field.
fn capitals(text: &str, width: usize) -> String {
    let plain = text.chars().filter(|c| *c != '\'').map(|c| if c == '-' { ' ' } else { c.to_ascii_uppercase() });
    plain.take(width).collect::<String>().trim_end().to_string()
}

fn month_first(date: NaiveDate) -> String {
    format!("{:02}/{:02}/{:04}", date.month(), date.day(), date.year())
}

fn country_word(draw: &mut Draw, home: &Address) -> Option<String> {
    let words = match home.place.country {
        Country::UnitedStates => ["USA", "US"],
        Country::UnitedKingdom => ["UK", "GB"],
        Country::India => ["INDIA", "IN"],
    };
    draw.chance(900).then(|| draw.pick(&words).to_string())
}

/// A credit limit as an old form printed it, the trailing blank included.
fn dollars(draw: &mut Draw) -> String {
    let thousands = draw.pick(&[1, 2, 5, 5, 10, 10, 15, 25]);
    format!("${thousands},000 ")
}

/// Writes the database, row by row in one transaction.
pub(crate) struct Database {
    connection: Connection,
    insert: String,
}

impl Database {
    /// Makes the database. Whatever stood at the path is gone.
    pub(crate) fn create(path: &Path) -> Result<Self, GenerateError> {
        let failed = |error: rusqlite::Error| GenerateError::write(path, error);
        let connection = Connection::open(path).map_err(failed)?;
        let columns = COLUMNS.map(|name| format!("{name} TEXT")).join(", ");
        // Nothing else reads the file before it is complete and renamed, so neither a journal nor an fsync is needed; a page
        // written in place makes the bytes the same each time.
        let set_up = format!(
            "PRAGMA page_size = 4096; PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; BEGIN; \
             CREATE TABLE customer ({columns});"
        );
        connection.execute_batch(&set_up).map_err(failed)?;
        let places = vec!["?"; COLUMNS.len()].join(", ");
        Ok(Self { connection, insert: format!("INSERT INTO customer VALUES ({places})") })
    }

    /// Adds a row.
    pub(crate) fn write(&self, row: &Row) -> rusqlite::Result<()> {
        self.connection.prepare_cached(&self.insert)?.execute(params_from_iter(&row.fields)).map(|_| ())
    }

    /// Completes the database.
    pub(crate) fn finish(self) -> rusqlite::Result<()> {
        self.connection.execute_batch("COMMIT;")?;
        self.connection.close().map_err(|(_, error)| error)
    }
}
