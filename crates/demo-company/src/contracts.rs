//! Contracts and the subscriptions on them: filter refills, garden boxes, camping insurance.

use chrono::{Datelike, Months, NaiveDate};

use crate::draw::Topic;
use crate::files::Table;
use crate::hardness::Rate;
use crate::night::{after, as_of, before};
use crate::note::{Birth, Habit, ORDINARY, note};
use crate::observe;
use crate::person::System;
use crate::row::{Cell, Row, money};
use crate::world::{Facts, World};

const HABIT: Habit = Habit {
    system: System::Contracts,
    nickname: Rate(0, 30),
    initial: Rate(0, 5),
    middle: Rate(40, 160),
    former_family: Rate(500, 700),
    former_home: Rate(400, 600),
    no_birth: Rate(60, 160),
    no_email: Rate(150, 300),
    other_email: Rate(200, 400),
    no_phone: Rate(150, 290),
    landline: Rate(350, 450),
    no_address: Rate(10, 60),
    slip: Rate(2, 20),
    ..ORDINARY
};

/// The plans: code, name, cents a month in 2023.
const PLANS: [(&str, &str, i64); 6] = [
    ("PL-COF", "Coffee every month", 1890),
    ("PL-CAN", "Candles by season", 1490),
    ("PL-SEE", "Seeds and bulbs", 990),
    ("PL-CAR", "Care for leather and wax", 690),
    ("PL-INS", "Outdoor gear insurance", 1290),
    ("PL-KIT", "Kitchen refills", 1190),
];

/// Where a contract stands.
struct Term {
    signed: NaiveDate,
    months: u32,
    ends: NaiveDate,
    status: &'static str,
    /// The last day of its subscriptions, where it has come.
    over: Option<NaiveDate>,
    updated: NaiveDate,
}

/// Writes a person's contracts and subscriptions.
pub(crate) fn write(world: &World<'_>, facts: &Facts<'_>, rows: &mut Vec<Row>) {
    let Some(since) = facts.history.known_since(facts.person, System::Contracts) else { return };
    for slot in 0..facts.history.records(facts.person, System::Contracts) {
        let number = format!("V{}", observe::number(facts.record(slot), 23_606_797, 21_000_013));
        let term = term(world, facts, slot, since);
        rows.push(contract(world, facts, slot, &number, &term));
        subscriptions(world, facts, slot, &number, &term, rows);
    }
}

fn months_after(day: NaiveDate, months: u32) -> NaiveDate {
    day.checked_add_months(Months::new(months)).unwrap_or(day)
}

fn term(world: &World<'_>, facts: &Facts<'_>, slot: u64, since: u32) -> Term {
    let record = facts.record(slot);
    let draw = &mut world.draw(Topic::Contract, record);
    let age = 1 + draw.below(1000);
    let signed = if since > 1 { as_of(since) } else { before(as_of(1), age) };
    let months = draw.pick(&[12, 12, 24]);
    let renews = draw.chance(750);
    let cancelled = (since == 1 && draw.chance(120)).then(|| after(signed, draw.below(age)));
    let mut ends = months_after(signed, months);
    let mut updated = signed;
    let tonight = (since + 1..=facts.night()).find(|night| {
        let draw = &mut world.draw_tonight(Topic::Contract, *night, record);
        draw.chance(6)
    });
    let cancelled = cancelled.or(tonight.map(as_of));
    if let Some(day) = cancelled.filter(|day| *day < ends || renews) {
        return Term { signed, months, ends: day.max(signed), status: "cancelled", over: Some(day), updated: day };
    }
    while renews && ends <= facts.today() {
        updated = ends;
        ends = months_after(ends, months);
    }
    let expired = ends <= facts.today();
    let status = if expired { "expired" } else { "active" };
    let updated = if expired { ends } else { updated };
    Term { signed, months, ends, status, over: expired.then_some(ends), updated }
}

fn contract(world: &World<'_>, facts: &Facts<'_>, slot: u64, number: &str, term: &Term) -> Row {
    let Facts { person, history, .. } = *facts;
    let mut noted = note(world.desk(), person, history, slot, &HABIT);
    let street = noted.street(200);
    let draw = &mut noted.draw.fork();
    let birth = match noted.birth {
        Birth::Day(day) => Some(day.to_string()),
        _ => None,
    };
    let owner = world.owner(person.home.place.territory, draw.below(4));
    let reference = world.reference(draw, facts);
    let touched = history.touched(System::Contracts).map(as_of).filter(|day| *day >= term.signed);
    let suffix = !person.suffix.is_empty() && draw.chance(700);
    let family = if suffix { format!("{} {}", noted.family, person.suffix) } else { noted.family.clone() };
    let home = noted.address;
    let cells = vec![
        number.into(),
        noted.given_names().into(),
        family.into(),
        birth.into(),
        noted.company.filter(|_| draw.chance(600)).into(),
        street.into(),
        home.map(|home| home.place.city).into(),
        home.map(|home| &home.postcode).into(),
        person.home.place.country.code().into(),
        noted.phone.into(),
        noted.email.into(),
        reference.into(),
        term.signed.to_string().into(),
        term.months.to_string().into(),
        term.ends.to_string().into(),
        term.status.into(),
        (&owner.id).into(),
        touched.map_or(term.updated, |day| day.max(term.updated)).to_string().into(),
    ];
    Row::new(Table::Contract, number, cells).defects(&noted.defects)
}

fn subscriptions(world: &World<'_>, facts: &Facts<'_>, slot: u64, contract: &str, term: &Term, rows: &mut Vec<Row>) {
    let draw = &mut world.draw(Topic::Contract, (1 << 40) | facts.record(slot));
    let first = draw.below(PLANS.len() as u64);
    let count = 1 + u64::from(draw.chance(300));
    for place in 0..count {
        let draw = &mut draw.fork();
        let (code, name, fee) = PLANS[((first + place * 2) % PLANS.len() as u64) as usize];
        let started = after(term.signed, place * draw.below(120));
        if started > facts.today() || term.over.is_some_and(|over| started > over) {
            continue;
        }
        let fee = fee + i64::from(started.year() - 2023).max(0) * 60;
        let paused = draw.chance(60);
        let status = match (term.over, paused) {
            (Some(_), _) => "ended",
            (None, true) => "paused",
            (None, false) => "active",
        };
        let reason = draw.pick(&["too dear", "moved abroad", "no longer needed", "", ""]);
        let key = format!("{contract}-{}", place + 1);
        let cells: Vec<Cell> = vec![
            (&key).into(),
            contract.into(),
            code.into(),
            name.into(),
            money(fee).into(),
            "USD".into(),
            if draw.chance(700) { "monthly" } else { "yearly" }.into(),
            started.to_string().into(),
            term.over.map(|day| day.to_string()).into(),
            status.into(),
            Some(reason).filter(|reason| !reason.is_empty() && term.over.is_some()).into(),
        ];
        rows.push(Row::new(Table::Subscription, key, cells).totals([fee]));
    }
}
