//! The web shop's accounts, as its export writes them: what people typed about themselves, on telephones.

use std::fmt::Write as _;

use chrono::{Days, NaiveDate};

use crate::contact::Address;
use crate::draw::{Draw, Topic};
use crate::household::Person;
use crate::lists::Country;
use crate::night::{History, as_of, keys_are_spoiled};
use crate::observe::{self, Observed, StreetType, slip, slip_date, turn};

/// The source's name in the pipeline and in the truth.
pub(crate) const SOURCE: &str = "web_customers";

/// The columns of `webshop_customers.csv`.
pub(crate) const COLUMNS: [&str; 14] = [
    "customer_no",
    "first_name",
    "last_name",
    "date_of_birth",
    "email",
    "mobile",
    "address",
    "city",
    "region",
    "postcode",
    "country",
    "newsletter",
    "registered_at",
    "last_changed",
];

/// Where `address` stands.
const ADDRESS: usize = 6;

/// A row of `webshop_customers.csv`, absent values empty.
pub(crate) type Row = Observed<14>;

/// An account: its key, its row, and when it was opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Account {
    pub(crate) key: String,
    /// Names the account in every stream.
    pub(crate) ordinal: u64,
    pub(crate) registered: NaiveDate,
    pub(crate) row: Row,
}

impl Account {
    /// The fields as the file has them; a ragged row has one too many or too few.
    pub(crate) fn written(&self) -> Vec<&str> {
        let mut fields: Vec<&str> = self.row.fields.iter().map(|f| f.as_deref().unwrap_or_default()).collect();
        match self.row.bad {
            Some("missing-key") => fields[0] = "",
            // An address with a comma that nobody quoted.
            Some("too-many-fields") => fields.insert(ADDRESS, "Rear Building"),
            Some("too-few-fields") => fields.truncate(COLUMNS.len() - 3),
            _ => {}
        }
        fields
    }
}

/// Every account that a person ever opened until a night, also those closed since.
pub(crate) fn accounts(seed: u64, person: &Person, history: &History) -> Vec<Account> {
    (0..person.known.shop).map(|slot| account(seed, person, history, slot)).collect()
}

fn account(seed: u64, person: &Person, history: &History, slot: u64) -> Account {
    let ordinal = person.ordinal * 2 + slot;
    let draw = &mut Draw::new(seed, Topic::Shop, ordinal);
    let key = format!("W{}", observe::number(ordinal, 27_182_819, 90_000_131));
    let slips = if person.mistyped { 550 } else { 8 };
    let typist = Typist { person, history, slip: draw.chance(slips).then(|| draw.below(5)) };
    let [given, family] = typist.names(draw);
    let birth = typist.birth(draw);
    let email = typist.email(draw, slot);
    let mobile = typist.mobile(draw);
    let [address, city, region, postcode, country] = typist.address(draw);
    let newsletter = match draw.below(100) {
        0..38 => Some("yes"),
        38..88 => Some("no"),
        _ => None,
    };
    let (registered, registered_at) = typist.registered(draw);
    let changed = typist.changed(draw, slot, registered);
    let fields = [
        Some(key.clone()),
        Some(given),
        Some(family),
        birth,
        email,
        mobile,
        address,
        city,
        region,
        postcode,
        country,
        newsletter.map(String::from),
        Some(registered_at),
        Some(changed.to_string()),
    ];
    let spoiled = slot == 0 && turn(person.ordinal, 500, 450) && keys_are_spoiled(history.until);
    let bad = spoiled.then_some(match person.ordinal / 500 % 3 {
        0 => "missing-key",
        1 => "too-many-fields",
        _ => "too-few-fields",
    });
    Account { key, ordinal, registered, row: Row { fields, bad, flaws: Vec::new() } }
}

/// One person's data as typed into the shop.
struct Typist<'a> {
    person: &'a Person,
    history: &'a History,
    slip: Option<u64>,
}

impl Typist<'_> {
    fn names(&self, draw: &mut Draw) -> [String; 2] {
        let draw = &mut draw.fork();
        let person = self.person;
        let given = match (draw.below(1000), person.nickname) {
            (0..8, _) => person.given.chars().take(1).collect(),
            (8..850, Some(nickname)) => nickname.to_string(),
            _ => person.given.to_string(),
        };
        let family = if self.slip == Some(0) { slip(draw, &person.family) } else { person.family.clone() };
        let given = if self.slip == Some(1) { slip(draw, &given) } else { given };
        let suffix = !person.suffix.is_empty() && draw.chance(120);
        let family = if suffix { format!("{family} {}.", person.suffix) } else { family };
        let style = draw.below(100);
        [given, family].map(|name| match style {
            0..9 => name.to_lowercase(),
            9..14 => name.to_uppercase(),
            14..17 => format!(" {name} "),
            _ => name,
        })
    }

    fn birth(&self, draw: &mut Draw) -> Option<String> {
        let draw = &mut draw.fork();
        let born = if self.slip == Some(2) { slip_date(draw, self.person.birth) } else { self.person.birth };
        match draw.below(1000) {
            0..15 => Some("1970-01-01".to_string()),
            15..470 => Some(born.to_string()),
            _ => None,
        }
    }

    fn email(&self, draw: &mut Draw, slot: u64) -> Option<String> {
        let draw = &mut draw.fork();
        let person = self.person;
        let present = draw.chance(960);
        let other = slot == 1;
        let typed = match &person.other_email {
            Some(address) if other => address.clone(),
            _ => person.email.clone(),
        };
        let typed = if self.slip == Some(4) { slip(draw, &typed) } else { typed };
        if let Some((_, new)) = self.history.new_email.as_ref().filter(|_| slot == 0) {
            return Some(new.clone());
        }
        present.then_some(typed)
    }

    fn mobile(&self, draw: &mut Draw) -> Option<String> {
        let draw = &mut draw.fork();
        let person = self.person;
        match (draw.below(1000), &person.landline) {
            (0..6, _) => Some("0000000000".to_string()),
            (6..60, Some(landline)) => Some(observe::phone(draw, landline)),
            (6..660, _) => Some(observe::phone(draw, &person.mobile)),
            _ => None,
        }
    }

    fn home(&self, draw: &mut Draw) -> &Address {
        let knows_former = draw.chance(100);
        if let Some(moved) = &self.history.moved {
            return &moved.to;
        }
        self.person.former_home.as_ref().filter(|_| knows_former).unwrap_or(&self.person.home)
    }

    fn address(&self, draw: &mut Draw) -> [Option<String>; 5] {
        let draw = &mut draw.fork();
        let home = self.home(draw);
        let kind = if draw.chance(400) { StreetType::Short } else { StreetType::Whole };
        let mut street = observe::street(home, kind);
        if self.slip == Some(3) {
            street = slip(draw, &street);
        }
        let country = Some(country_name(home.place.country).to_string());
        if !draw.chance(820) {
            return [None, None, None, None, country];
        }
        // A form with two lines for the street: the line break travels inside the quotes.
        if draw.chance(8) {
            street = match street.split_once(", ") {
                Some((flat, rest)) => format!("{flat}\n{rest}"),
                None => street,
            };
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
        [Some(street), Some(city), region, Some(postcode), country]
    }

    fn registered(&self, draw: &mut Draw) -> (NaiveDate, String) {
        let draw = &mut draw.fork();
        let day = if self.person.since > 1 {
            as_of(self.person.since)
        } else {
            as_of(1).checked_sub_days(Days::new(20 + draw.below(1600))).unwrap_or_default()
        };
        let (hour, minute, second) = (draw.below(24), draw.below(60), draw.below(60));
        (day, format!("{day}T{hour:02}:{minute:02}:{second:02}Z"))
    }

    fn changed(&self, draw: &mut Draw, slot: u64, registered: NaiveDate) -> NaiveDate {
        let draw = &mut draw.fork();
        let days = (as_of(1) - registered).num_days().max(0) as u64;
        let changed = registered.checked_add_days(Days::new(draw.below(days + 1))).unwrap_or(registered);
        let moved = self.history.moved.as_ref().map(|m| m.night);
        let new_email = self.history.new_email.as_ref().filter(|_| slot == 0).map(|(night, _)| *night);
        moved.max(new_email).map_or(changed, as_of)
    }
}

fn country_name(country: Country) -> &'static str {
    match country {
        Country::UnitedStates => "United States",
        Country::UnitedKingdom => "United Kingdom",
        Country::India => "India",
    }
}
