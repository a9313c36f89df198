//! The call centre: who calls, why, and each letter, call and chat about it.

use chrono::NaiveDate;

use crate::draw::{Draw, Topic};
use crate::files::Table;
use crate::hardness::Rate;
use crate::night::{after, as_of, before, keys_are_spoiled};
use crate::note::{self, Habit, Noted, ORDINARY, note};
use crate::observe::{self, turn, turn_of_few};
use crate::person::{Person, System};
use crate::row::{Cell, Row};
use crate::world::{Facts, World, language};

const HABIT: Habit = Habit {
    system: System::Callers,
    nickname: Rate(350, 650),
    initial: Rate(20, 80),
    former_family: Rate(100, 300),
    former_home: Rate(150, 350),
    no_birth: Rate(950, 950),
    no_email: Rate(300, 380),
    no_phone: Rate(30, 90),
    landline: Rate(350, 450),
    no_address: Rate(330, 380),
    switchboard: Rate(400, 700),
    slip: Rate(20, 70),
    ..ORDINARY
};

/// Writes a person's records as a caller, the cases and the interactions.
pub(crate) fn write(world: &World<'_>, facts: &Facts<'_>, rows: &mut Vec<Row>) {
    let Some(since) = facts.history.ever_known_since(facts.person, System::Callers) else { return };
    let count = facts.person.known[System::Callers as usize].max(1);
    let is_there = facts.history.left(System::Callers).is_none();
    for slot in 0..count {
        let first = cases(world, facts, slot, since, rows);
        if is_there {
            rows.push(caller(world, facts, slot, since, first));
        }
    }
}

fn number(facts: &Facts<'_>, slot: u64) -> String {
    format!("K{}", observe::number(facts.record(slot), 70_710_677, 13_000_027))
}

fn caller(world: &World<'_>, facts: &Facts<'_>, slot: u64, since: u32, [first, last]: [NaiveDate; 2]) -> Row {
    let Facts { person, history, .. } = *facts;
    let mut noted = note(world.desk(), person, history, slot, &HABIT);
    let key = number(facts, slot);
    let street = noted.street(600);
    let name = whole_name(&mut noted, person);
    let draw = &mut noted.draw;
    let reference = match world.reference(draw, facts) {
        None if draw.chance(400) => facts.accounts.first().map(|account| account.key.clone()),
        reference => reference,
    };
    let other = draw.chance(120).then(|| observe::phone(draw, person.landline.as_ref().unwrap_or(&person.mobile)));
    let home = noted.address;
    let last = if since > 1 { last } else { last.max(first) };
    let cells = vec![
        (&key).into(),
        name.into(),
        noted.phone.into(),
        other.into(),
        noted.email.into(),
        street.into(),
        home.map(|home| home.place.city).into(),
        home.filter(|_| draw.chance(850)).map(|home| &home.postcode).into(),
        person.home.place.country.code().into(),
        reference.into(),
        language(person.home.place.country).into(),
        day_first(first).into(),
        day_first(last).into(),
    ];
    let mut row = Row::new(Table::Caller, key, cells).defects(&noted.defects);
    if slot == 0 && turn_of_few(person.ordinal, 250, 230, 120) && keys_are_spoiled(history.until) {
        row.spoil("missing-key", |cells| cells[0] = Cell::Empty);
    }
    row
}

/// The whole name in one field, as an agent hears and types it.
fn whole_name(noted: &mut Noted<'_>, person: &Person) -> String {
    let draw = &mut noted.draw.fork();
    let (given, family) = (noted.given_names(), &noted.family);
    let suffix = if !person.suffix.is_empty() && draw.chance(400) { person.suffix } else { "" };
    let family = if suffix.is_empty() { family.clone() } else { format!("{family} {suffix}") };
    match draw.below(100) {
        0..52 => format!("{given} {family}"),
        52..70 => format!("{}, {}", family.to_uppercase(), given.to_uppercase()),
        70..82 => format!("{family}, {given}"),
        82..92 => format!("{} {given} {family}", person.title),
        92..96 => format!("{} {} {family}", person.title, given.chars().take(1).collect::<String>()),
        _ => format!("{given} {family}").to_lowercase(),
    }
}

/// Writes the cases of a caller; returns the days of the first and the last contact.
fn cases(world: &World<'_>, facts: &Facts<'_>, slot: u64, since: u32, rows: &mut Vec<Row>) -> [NaiveDate; 2] {
    let record = facts.record(slot);
    let draw = &mut world.draw(Topic::Case, record);
    let mut opened = Vec::new();
    if since == 1 {
        let [first, _] = note::days(draw, facts.person, facts.history, System::Callers, since, 540);
        opened.push(first);
        let days = (as_of(1) - first).num_days().max(1) as u64;
        let further = draw.below(3).saturating_sub(draw.below(2));
        opened.extend((0..further).map(|_| after(first, draw.below(days))));
    } else {
        opened.push(as_of(since));
    }
    let left = facts.history.left(System::Callers).unwrap_or(u32::MAX);
    for night in since.max(1) + 1..=facts.night().min(left.saturating_sub(1)) {
        if world.draw_tonight(Topic::Case, night, record).chance(8) {
            opened.push(as_of(night));
        }
    }
    opened.sort_unstable();
    opened.dedup();
    for day in &opened {
        let stream = ((*day - as_of(1)).num_days() + 10_000) as u64;
        case(world, facts, slot, *day, &mut world.draw(Topic::Case, (stream << 32) | record), rows);
    }
    [opened.first().copied().unwrap_or_default(), opened.last().copied().unwrap_or_default()]
}

fn case(world: &World<'_>, facts: &Facts<'_>, slot: u64, opened: NaiveDate, draw: &mut Draw, rows: &mut Vec<Row>) {
    const TOPICS: [&str; 7] = ["delivery", "delivery", "return", "product", "invoice", "account", "complaint"];
    let caller = number(facts, slot);
    let key = format!("{}-{}", opened.format("%y%m%d"), caller);
    let topic = draw.pick(&TOPICS);
    let priority = draw.pick(&["1", "2", "2", "3", "3"]);
    let agent = format!("A{:02}", draw.below(40));
    let at = clock(draw, opened);
    let takes = draw.below(12);
    let closed = after(opened, takes);
    let evening = format!("{} 20:{:02}", closed.format("%d/%m/%Y"), draw.below(60));
    let closed_at = if takes == 0 { evening } else { clock(draw, closed) };
    let [waits, at_once] = [draw.chance(400), draw.chance(700)];
    let is_closed = closed < facts.today() || (closed == facts.today() && at_once);
    let status = match (is_closed, waits) {
        (true, _) => "closed",
        (false, true) => "waiting",
        (false, false) => "open",
    };
    let satisfied = draw.chance(350).then(|| (1 + draw.below(5)).to_string()).filter(|_| is_closed);
    let about = matches!(topic, "delivery" | "return" | "invoice" | "complaint");
    let order = facts.order_before(draw, opened).filter(|_| about);
    let product = order.map(|order| &world.catalogue[order.lines[0].product].code);
    let cells: Vec<Cell> = vec![
        (&key).into(),
        caller.into(),
        at.into(),
        is_closed.then_some(closed_at).into(),
        topic.into(),
        priority.into(),
        status.into(),
        order.map(|order| &order.number).into(),
        product.into(),
        (&agent).into(),
        satisfied.into(),
    ];
    rows.push(Row::new(Table::Case, &key, cells));
    interactions(facts, &key, [opened, closed], &agent, draw, rows);
}

fn interactions(
    facts: &Facts<'_>,
    case: &str,
    [opened, closed]: [NaiveDate; 2],
    agent: &str,
    draw: &mut Draw,
    rows: &mut Vec<Row>,
) {
    const CHANNELS: [&str; 10] = ["phone", "phone", "phone", "phone", "mail", "mail", "mail", "chat", "letter", "fax"];
    const NOTES: [&str; 6] = ["called back", "promised a reply", "sent the form", "no answer", "solved", ""];
    let days = (closed - opened).num_days().max(0) as u64;
    for place in 1..=1 + draw.below(4) {
        let draw = &mut draw.fork();
        let day = if place == 1 { opened } else { after(opened, draw.below(days + 1)) };
        let channel = draw.pick(&CHANNELS);
        // Letters and faxes lie in a tray first.
        let entered = after(day, if matches!(channel, "letter" | "fax") { draw.below(10) } else { 0 });
        if entered > facts.today() {
            continue;
        }
        let minutes = (1 + draw.below(25)) as i64;
        let key = format!("{case}-{place}");
        let cells: Vec<Cell> = vec![
            (&key).into(),
            case.into(),
            channel.into(),
            if place == 1 || draw.chance(500) { "in" } else { "out" }.into(),
            clock(draw, day).into(),
            minutes.to_string().into(),
            agent.into(),
            Some(draw.pick(&NOTES)).filter(|note| !note.is_empty()).into(),
        ];
        let mut row = Row::new(Table::Interaction, key, cells).totals([minutes]);
        if place == 1 && turn(facts.person.ordinal, 900, 810) {
            row.spoil("not-a-number", |cells| cells[5] = "n/a".into());
        }
        rows.push(row);
    }
}

fn day_first(day: NaiveDate) -> String {
    day.format("%d/%m/%Y").to_string()
}

fn clock(draw: &mut Draw, day: NaiveDate) -> String {
    format!("{} {:02}:{:02}", day.format("%d/%m/%Y"), 7 + draw.below(13), draw.below(60))
}

/// The day a record was made, for systems that do not tell.
pub(crate) fn joined(draw: &mut Draw, since: u32, oldest: u64) -> NaiveDate {
    let age = draw.below(oldest);
    if since > 1 { as_of(since) } else { before(as_of(1), age) }
}
