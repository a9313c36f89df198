//! The loyalty scheme, run by a partner in Europe: members, and the points they earn and spend.

use chrono::NaiveDate;

use crate::call_centre::joined;
use crate::draw::{Draw, Topic};
use crate::files::Table;
use crate::hardness::Rate;
use crate::night::{after, as_of};
use crate::note::{Birth, Habit, ORDINARY, note};
use crate::observe::{self, turn};
use crate::person::System;
use crate::row::{Cell, Row, money};
use crate::world::{Facts, World};

const HABIT: Habit = Habit {
    system: System::Loyalty,
    nickname: Rate(200, 400),
    middle: Rate(0, 40),
    swapped: Rate(0, 40),
    former_family: Rate(200, 400),
    former_home: Rate(200, 400),
    no_birth: Rate(150, 350),
    forced_birth: Rate(5, 45),
    no_email: Rate(150, 300),
    other_email: Rate(200, 400),
    no_phone: Rate(200, 340),
    landline: Rate(250, 350),
    no_address: Rate(60, 200),
    switchboard: Rate(100, 300),
    slip: Rate(6, 50),
    ..ORDINARY
};

/// One entry of a member's account of points.
struct Entry {
    posted: NaiveDate,
    kind: &'static str,
    points: i64,
    order: Option<String>,
    reward: Option<&'static str>,
}

/// Writes a person's memberships and points.
pub(crate) fn write(world: &World<'_>, facts: &Facts<'_>, rows: &mut Vec<Row>) {
    let Some(since) = facts.history.ever_known_since(facts.person, System::Loyalty) else { return };
    let is_there = facts.history.left(System::Loyalty).is_none();
    for slot in 0..facts.person.known[System::Loyalty as usize].max(1) {
        let record = facts.record(slot);
        let number = format!("L{}", observe::number(record, 73_205_081, 8_000_009));
        let draw = &mut world.draw(Topic::Reward, record);
        let joined = joined(draw, since, 1500);
        // Orders earn points on the first of a person's cards.
        let entries = entries(facts, draw, joined, slot == 0);
        let mut balance = 0;
        for (place, entry) in entries.iter().enumerate() {
            balance += entry.points;
            rows.push(reward(facts, &number, place, entry));
        }
        if is_there {
            let last = entries.last().map_or(joined, |entry| entry.posted);
            rows.push(member(world, facts, slot, &number, [joined, last], balance));
        }
    }
}

/// The entries until tonight, in their order.
fn entries(facts: &Facts<'_>, draw: &mut Draw, joined: NaiveDate, earns: bool) -> Vec<Entry> {
    let draw = &mut draw.fork();
    let entry = |posted, kind, points| Entry { posted, kind, points, order: None, reward: None };
    let mut entries = vec![Entry { reward: Some("welcome"), ..entry(joined, "earned", 50) }];
    // Purchases over a partner's counter, which no order stands for.
    let span = (as_of(1) - joined).num_days().max(0) as u64;
    for _ in 0..draw.below(3) {
        let day = after(joined, draw.below(span + 1));
        entries.push(entry(day, "earned", 10 + draw.below(190) as i64));
    }
    let (corrected, expired) = (draw.chance(40), draw.chance(100));
    if corrected && span > 30 {
        entries.push(entry(after(joined, draw.below(span)), "corrected", draw.between(-20, 40)));
    }
    for order in facts.orders.iter().filter(|order| earns && order.entered >= joined && !order.is_spoiled()) {
        let earned = entry(after(order.entered, 1), "earned", order.total() / 100);
        entries.push(Entry { order: Some(order.number.clone()), ..earned });
    }
    entries.sort_by_key(|entry| entry.posted);
    spend(draw, &mut entries, expired);
    let left = facts.history.left(System::Loyalty).map(as_of);
    entries.retain(|entry| entry.posted <= facts.today() && left.is_none_or(|left| entry.posted < left));
    entries
}

/// Spends points when there are enough of them; in autumn 2025 old points of some expire.
fn spend(draw: &mut Draw, entries: &mut Vec<Entry>, lapses: bool) {
    const REWARDS: [&str; 5] = ["voucher", "mug", "donation", "voucher", "tote"];
    let autumn = NaiveDate::from_ymd_opt(2025, 9, 30).unwrap_or_default();
    let (mut balance, mut given, mut expired) = (0, Vec::new(), !lapses);
    for entry in entries.iter() {
        if !expired && entry.posted > autumn {
            expired = true;
            let points = -(balance / 2);
            if points < 0 {
                balance += points;
                given.push(Entry { posted: autumn, kind: "expired", points, order: None, reward: None });
            }
        }
        balance += entry.points;
        let draw = &mut draw.fork();
        if balance >= 300 && draw.chance(300) {
            let points = -(100 * (1 + draw.below(balance as u64 / 200) as i64));
            balance += points;
            let reward = Some(draw.pick(&REWARDS));
            given.push(Entry { posted: entry.posted, kind: "spent", points, order: None, reward });
        }
    }
    entries.append(&mut given);
    // Stable: what was earned on a day stands before what was spent of it.
    entries.sort_by_key(|entry| entry.posted);
}

fn reward(facts: &Facts<'_>, member: &str, place: usize, entry: &Entry) -> Row {
    let key = format!("{member}-{}-{}", entry.posted.format("%y%m%d"), entry_code(entry, place));
    let cells: Vec<Cell> = vec![
        (&key).into(),
        member.into(),
        day(entry.posted).into(),
        entry.kind.into(),
        entry.points.to_string().into(),
        european(entry.points).into(),
        entry.order.as_ref().into(),
        entry.reward.into(),
    ];
    let mut row = Row::new(Table::Reward, key, cells).totals([entry.points, entry.points]);
    if place == 0 && turn(facts.person.ordinal, 700, 333) {
        row.spoil("not-a-number", |cells| cells[4] = "?".into());
    }
    row
}

/// Names an entry among those of its day: entries of earlier days never change, so its place is fixed.
fn entry_code(entry: &Entry, place: usize) -> String {
    let initial = entry.kind.get(..1).unwrap_or_default().to_uppercase();
    format!("{initial}{place}")
}

/// Cents with a decimal comma and points between the thousands; a point is worth a cent.
fn european(cents: i64) -> String {
    let text = money(cents.abs());
    let (whole, part) = text.split_once('.').unwrap_or((&text, "00"));
    let whole = match whole.len() {
        4.. => format!("{}.{}", &whole[..whole.len() - 3], &whole[whole.len() - 3..]),
        _ => whole.to_string(),
    };
    format!("{}{whole},{part}", if cents < 0 { "-" } else { "" })
}

fn day(day: NaiveDate) -> String {
    day.format("%d.%m.%Y").to_string()
}

fn member(
    world: &World<'_>,
    facts: &Facts<'_>,
    slot: u64,
    number: &str,
    [joined, last]: [NaiveDate; 2],
    balance: i64,
) -> Row {
    let Facts { person, history, .. } = *facts;
    let mut noted = note(world.desk(), person, history, slot, &HABIT);
    let street = noted.street(700);
    let draw = &mut noted.draw;
    let born = match noted.birth {
        Birth::Absent => None,
        Birth::Forced => Some("01.01.1900".to_string()),
        Birth::Day(born) => Some(day(born)),
    };
    let suffix = !person.suffix.is_empty() && draw.chance(250);
    let family = if suffix { format!("{} {}", noted.family, person.suffix) } else { noted.family.clone() };
    let tier = match balance {
        ..400 => "blue",
        400..1500 => "silver",
        _ => "gold",
    };
    let home = noted.address;
    let cells = vec![
        number.into(),
        format!("66{}", observe::number(person.household, 29_979_247, 3_000_017)).into(),
        draw.chance(700).then_some(person.title).into(),
        noted.given_names().into(),
        family.into(),
        born.into(),
        street.into(),
        home.map(|home| &home.postcode).into(),
        home.map(|home| home.place.city).into(),
        person.home.place.country.name().into(),
        noted.phone.into(),
        noted.email.into(),
        tier.into(),
        balance.to_string().into(),
        day(joined).into(),
        day(last).into(),
    ];
    Row::new(Table::Member, number, cells).totals([balance]).defects(&noted.defects)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_in_the_european_way() {
        assert_eq!(
            (european(123_450), european(-50), european(99)),
            ("1.234,50".into(), "-0,50".into(), "0,99".into())
        );
    }
}
