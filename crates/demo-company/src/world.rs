//! What all systems share, and what one person has done.

use chrono::NaiveDate;

use crate::catalogue::Product;
use crate::draw::{Draw, Topic};
use crate::hardness::{Hardness, Rate};
use crate::household::Origin;
use crate::lists::{Country, Lists, Sex};
use crate::night::{History, as_of, before};
use crate::note::Desk;
use crate::observe;
use crate::orders::{Order, Till};
use crate::person::{Person, System};
use crate::row::Row;
use crate::shop::{self, Account};

/// A sales person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Owner {
    pub(crate) id: String,
    pub(crate) given: &'static str,
    pub(crate) family: String,
    pub(crate) territory: &'static str,
    pub(crate) hired: NaiveDate,
    pub(crate) left: Option<NaiveDate>,
}

impl Owner {
    /// The name as people write it.
    pub(crate) fn name(&self) -> String {
        format!("{} {}", self.given, self.family)
    }
}

/// The territories: code, name, region, country.
pub(crate) const TERRITORIES: [[&str; 4]; 9] = [
    ["US-W", "West", "Americas", "US"],
    ["US-C", "Central", "Americas", "US"],
    ["US-S", "South", "Americas", "US"],
    ["US-E", "East", "Americas", "US"],
    ["UK", "United Kingdom", "Europe", "GB"],
    ["EU-C", "Central Europe", "Europe", "MULTI"],
    ["EU-S", "Southern Europe", "Europe", "MULTI"],
    ["IN-N", "North India", "India", "IN"],
    ["IN-S", "South India", "India", "IN"],
];

/// Sales persons of a territory.
const OWNERS: usize = 4;

/// The company's surroundings: lists, products, sales people, and the seed that all is drawn from.
pub(crate) struct World<'a> {
    pub(crate) lists: &'a Lists,
    pub(crate) catalogue: &'a [Product],
    pub(crate) seed: u64,
    pub(crate) customers: u64,
    pub(crate) hardness: Hardness,
    pub(crate) owners: Vec<Owner>,
    pub(crate) till: Till<'a>,
}

impl<'a> World<'a> {
    pub(crate) fn new(
        lists: &'a Lists,
        catalogue: &'a [Product],
        seed: u64,
        customers: u64,
        hardness: Hardness,
    ) -> Self {
        let (owners, till) = (owners(lists, seed), Till::new(seed, catalogue));
        Self { lists, catalogue, seed, customers, hardness, owners, till }
    }

    pub(crate) fn origin(&self) -> Origin<'a> {
        Origin { lists: self.lists, seed: self.seed, customers: self.customers, hardness: self.hardness }
    }

    pub(crate) fn desk(&self) -> Desk<'a> {
        Desk { lists: self.lists, seed: self.seed, hardness: self.hardness }
    }

    /// The stream of one thing of a person.
    pub(crate) fn draw(&self, topic: Topic, index: u64) -> Draw {
        Draw::new(self.seed, topic, index)
    }

    /// The stream of one thing of a person in a night.
    pub(crate) fn draw_tonight(&self, topic: Topic, night: u32, index: u64) -> Draw {
        Draw::new(self.seed, topic, (u64::from(night) << 40) | index)
    }

    /// One of the territory's sales persons.
    pub(crate) fn owner(&self, territory: &str, lot: u64) -> &Owner {
        let place = TERRITORIES.iter().position(|t| t[0] == territory).unwrap_or(0);
        &self.owners[place * OWNERS + lot as usize % OWNERS]
    }

    /// The customer number by which another system knows a person: of the CRM, one that was given up since, or none. People
    /// and agents read out eight digits and now and then get one wrong.
    pub(crate) fn reference(&self, draw: &mut Draw, facts: &Facts<'_>) -> Option<String> {
        let draw = &mut draw.fork();
        let [known, old, wrong] = [draw.chance(600), draw.chance(500), draw.chance(self.hardness.rate(Rate(0, 60)))];
        let person = facts.person;
        if !known || !person.is_known(System::Crm) {
            return None;
        }
        let given_up = crate::crm::given_up(self, facts).into_iter().next().filter(|_| old);
        let number = given_up.map_or_else(|| crate::crm::number(person, 0), |merged| merged.old);
        Some(if wrong { observe::slip(draw, &number) } else { number })
    }
}

fn owners(lists: &Lists, seed: u64) -> Vec<Owner> {
    use crate::lists::Culture;
    let mut owners = Vec::new();
    for (place, [territory, _, _, country]) in TERRITORIES.iter().enumerate() {
        for seat in 0..OWNERS {
            let index = (place * OWNERS + seat) as u64;
            let mut draw = Draw::new(seed, Topic::Owner, index);
            let culture = match *country {
                "US" => Culture::American,
                "IN" => Culture::Indian,
                "GB" => Culture::British,
                _ => draw.pick(&[Culture::German, Culture::French, Culture::Greek, Culture::Bulgarian]),
            };
            let sex = if draw.chance(500) { Sex::Female } else { Sex::Male };
            let hired = before(as_of(1), 400 + draw.below(4000));
            let left = (seat == OWNERS - 1 && draw.chance(500)).then(|| before(as_of(1), draw.below(300)));
            let family = lists.family(&mut draw, culture);
            let given = lists.given(&mut draw, culture, sex);
            owners.push(Owner { id: format!("S{:03}", index + 11), given, family, territory, hired, left });
        }
    }
    owners
}

/// One person until a night: who, what happened, which accounts, which orders.
pub(crate) struct Facts<'a> {
    pub(crate) person: &'a Person,
    pub(crate) history: &'a History,
    /// Every account ever opened, also those closed since.
    pub(crate) accounts: Vec<Account>,
    pub(crate) orders: Vec<Order>,
}

impl<'a> Facts<'a> {
    pub(crate) fn new(world: &World<'_>, person: &'a Person, history: &'a History) -> Self {
        let accounts = shop::accounts(world, person, history);
        let orders = accounts.iter().flat_map(|account| world.till.orders(person, history, account)).collect();
        Self { person, history, accounts, orders }
    }

    pub(crate) fn night(&self) -> u32 {
        self.history.until
    }

    /// The last day that the files know of.
    pub(crate) fn today(&self) -> NaiveDate {
        as_of(self.history.until)
    }

    /// An order placed on or before a day; which one depends on the lot.
    pub(crate) fn order_before(&self, draw: &mut Draw, day: NaiveDate) -> Option<&Order> {
        let lot = draw.below(1 << 30);
        let placed = || self.orders.iter().filter(|order| order.entered <= day && !order.is_spoiled());
        let count = placed().count() as u64;
        (count > 0).then(|| placed().nth((lot % count) as usize)).flatten()
    }

    /// The number that names a record of the person in every system and stream.
    pub(crate) fn record(&self, slot: u64) -> u64 {
        self.person.ordinal * 2 + slot
    }
}

/// All that the files have about a person.
pub(crate) fn rows(world: &World<'_>, facts: &Facts<'_>) -> Vec<Row> {
    let mut rows = Vec::with_capacity(24);
    crate::crm::write(world, facts, &mut rows);
    shop::write(facts, &mut rows);
    crate::orders::write(world, facts, &mut rows);
    crate::payments::write(world, facts, &mut rows);
    crate::visits::write(world, facts, &mut rows);
    crate::leads::write(world, facts, &mut rows);
    crate::call_centre::write(world, facts, &mut rows);
    crate::campaign::write(world, facts, &mut rows);
    crate::loyalty::write(world, facts, &mut rows);
    crate::contracts::write(world, facts, &mut rows);
    rows
}

/// The time of a day as text, for systems that keep one.
pub(crate) fn time(draw: &mut Draw, day: NaiveDate) -> String {
    let (hour, minute, second) = (draw.below(24), draw.below(60), draw.below(60));
    format!("{day}T{hour:02}:{minute:02}:{second:02}Z")
}

/// The language that people of a country speak, two letters.
pub(crate) fn language(country: Country) -> &'static str {
    ["en", "en", "hi", "de", "fr", "el", "bg"][country as usize]
}
