//! The sales teams' workbook of leads: three sheets that people keep by hand.

use chrono::NaiveDate;

use crate::draw::{Draw, Topic};
use crate::files::Table;
use crate::hardness::Rate;
use crate::lists::Country;
use crate::night::{after, as_of, before, keys_are_spoiled};
use crate::note::{Habit, Noted, ORDINARY, note};
use crate::observe::{self, turn_of_few};
use crate::person::System;
use crate::row::{Cell, Row, money};
use crate::world::{Facts, World};

const HABIT: Habit = Habit {
    system: System::Leads,
    nickname: Rate(500, 800),
    initial: Rate(10, 70),
    swapped: Rate(0, 30),
    former_family: Rate(100, 300),
    former_home: Rate(200, 400),
    native: Rate(200, 500),
    no_birth: Rate(950, 950),
    no_email: Rate(120, 260),
    no_phone: Rate(80, 220),
    no_address: Rate(200, 280),
    switchboard: Rate(600, 900),
    slip: Rate(10, 50),
    ..ORDINARY
};

/// A regional sheet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Region {
    Americas,
    Europe,
    India,
}

fn region(country: Country) -> Region {
    match country {
        Country::UnitedStates => Region::Americas,
        Country::India => Region::India,
        _ => Region::Europe,
    }
}

/// Writes a person's leads.
pub(crate) fn write(world: &World<'_>, facts: &Facts<'_>, rows: &mut Vec<Row>) {
    let Some(since) = facts.history.known_since(facts.person, System::Leads) else { return };
    for slot in 0..facts.history.records(facts.person, System::Leads) {
        rows.push(lead(world, facts, slot, since));
    }
}

fn lead(world: &World<'_>, facts: &Facts<'_>, slot: u64, since: u32) -> Row {
    let Facts { person, history, .. } = *facts;
    let region = region(person.home.place.country);
    let (table, initials) = match region {
        Region::Americas => (Table::LeadAmericas, "AM"),
        Region::Europe => (Table::LeadEurope, "EU"),
        Region::India => (Table::LeadIndia, "IN"),
    };
    let key = format!("{initials}-{}", observe::number(facts.record(slot), 52_360_679, 77_000_023));
    let mut noted = note(world.desk(), person, history, slot, &HABIT);
    let mut cells = vec![(&key).into()];
    who(&mut noted, region, &mut cells);
    place(&mut noted, &mut cells);
    let draw = &mut world.draw(Topic::Lead, facts.record(slot));
    let owner = world.owner(person.home.place.territory, draw.below(4));
    let category = &world.catalogue[draw.below(world.catalogue.len() as u64) as usize].category;
    let value = (1 + draw.below(80) as i64) * 5000;
    cells.push(owner.name().into());
    cells.push(category.into());
    let as_text = draw.chance(60);
    cells.push(if as_text { in_words(value).into() } else { Cell::Cents(value) });
    let stages = stages(draw, since, facts.today());
    let style = &mut draw.fork();
    cells.extend(stages.days.map(|day| written(style, region, day)));
    cells.push(stages.stage.into());
    let mut row = Row::new(table, key, cells).totals([value]).defects(&noted.defects);
    if region == Region::Americas
        && slot == 0
        && turn_of_few(person.ordinal, 200, 10, 40)
        && keys_are_spoiled(history.until)
    {
        row.spoil("missing-key", |cells| cells[0] = Cell::Empty);
    }
    row
}

fn who(noted: &mut Noted<'_>, region: Region, cells: &mut Vec<Cell>) {
    let draw = &mut noted.draw.fork();
    cells.push(noted.given_names().into());
    cells.push((&noted.family).into());
    cells.push(noted.company.as_ref().into());
    // A number typed into an empty cell becomes a number: what is before its first digit is gone, and so is a zero.
    let phone = match &noted.phone {
        Some(phone) if draw.chance(250) && region != Region::Europe => as_number(phone),
        phone => phone.as_ref().into(),
    };
    cells.push(phone);
    cells.push(noted.email.as_ref().into());
}

fn place(noted: &mut Noted<'_>, cells: &mut Vec<Cell>) {
    let street = noted.street(500);
    let draw = &mut noted.draw.fork();
    let as_typed = draw.chance(750);
    let Some(home) = noted.address else {
        cells.extend([Cell::Empty, Cell::Empty, Cell::Empty, Cell::Empty, Cell::Empty]);
        return;
    };
    let postcode = if as_typed { as_number(&home.postcode) } else { (&home.postcode).into() };
    let region = if home.place.region.is_empty() { Cell::Empty } else { home.place.region.into() };
    cells.extend([street.into(), home.place.city.into(), region, postcode, home.place.country.name().into()]);
}

/// What a worksheet makes of a text of digits: a number. Any other text stays.
fn as_number(text: &str) -> Cell {
    let bare: String = text.chars().filter(|c| !matches!(c, ' ' | '-' | '(' | ')' | '.' | '+')).collect();
    let is_number = !text.contains("(0)") && bare.len() < 15 && bare.chars().all(|c| c.is_ascii_digit());
    bare.parse().ok().filter(|_| is_number).map_or_else(|| text.into(), Cell::Number)
}

/// Money as people type it.
fn in_words(cents: i64) -> String {
    let dollars = money(cents);
    let (whole, _) = dollars.split_once('.').unwrap_or((&dollars, ""));
    match whole.len() {
        4.. => format!("${},{}", &whole[..whole.len() - 3], &whole[whole.len() - 3..]),
        _ => format!("${whole}"),
    }
}

struct Stages {
    /// Created, contacted, qualified, proposal sent, decided.
    days: [Option<NaiveDate>; 5],
    stage: &'static str,
}

/// How far a lead has come until a day. Its steps are drawn once and for all, and show when their day has come.
fn stages(draw: &mut Draw, since: u32, today: NaiveDate) -> Stages {
    let created = if since > 1 { as_of(since) } else { before(as_of(1), draw.below(420)) };
    let steps = 1 + draw.below(5) as usize;
    let won = draw.chance(380);
    let mut days = [Some(created), None, None, None, None];
    let mut day = created;
    for step in days.iter_mut().take(steps).skip(1) {
        day = after(day, 1 + draw.below(40));
        *step = Some(day);
    }
    // Some leads are lost before they come as far as a proposal.
    if (2..4).contains(&steps) && draw.chance(600) {
        days[4] = Some(after(day, 1 + draw.below(60)));
    }
    let early = days[3].is_none();
    for day in &mut days {
        *day = day.filter(|day| *day <= today);
    }
    let stage = match days {
        [.., Some(_)] if early || !won => "Lost",
        [.., Some(_)] => "Won",
        [.., Some(_), None] => "Proposal",
        [_, _, Some(_), ..] => "Qualified",
        [_, Some(_), ..] => "Contacted",
        _ => "New",
    };
    Stages { days, stage }
}

/// A day as a sheet has it: a date, or a text in the way of the region.
fn written(draw: &mut Draw, region: Region, day: Option<NaiveDate>) -> Cell {
    let as_text = draw.chance(350);
    let Some(day) = day else { return Cell::Empty };
    if !as_text {
        return Cell::Day(day);
    }
    let style = match region {
        Region::Americas => "%m/%d/%Y",
        Region::Europe => "%d/%m/%Y",
        Region::India => "%d-%b-%Y",
    };
    day.format(style).to_string().into()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    #[test]
    fn a_sheet_makes_numbers_of_digits() {
        assert_eq!(as_number("02134"), Cell::Number(2134));
        assert_eq!(as_number("(503) 222-0100"), Cell::Number(5_032_220_100));
        assert_eq!(as_number("SE1 7AB"), Cell::Text("SE1 7AB".into()));
        assert_eq!((in_words(120_000), in_words(5000)), ("$1,200".into(), "$50".into()));
    }

    #[test]
    fn a_lead_never_goes_back() {
        const ORDER: [&str; 5] = ["New", "Contacted", "Qualified", "Proposal", "closed"];
        let place = |stage: &str| ORDER.iter().position(|s| *s == stage).unwrap_or(4);
        for lot in 0..300 {
            let at = |days| stages(&mut Draw::new(1, Topic::Lead, lot), 1, after(as_of(1), days));
            for days in 0..40 {
                let (now, then) = (at(days), at(days + 1));
                assert!(place(now.stage) <= place(then.stage));
                assert!(now.days.iter().zip(then.days).all(|(now, then)| now.is_none() || *now == then));
            }
        }
    }
}
