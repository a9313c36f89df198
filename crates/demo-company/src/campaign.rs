//! The campaign tool: contacts from many lists, what was sent to them, what they clicked and answered, what they consented
//! to, and the addresses that must not be written to.

use chrono::{Datelike, NaiveDate};

use crate::call_centre::joined;
use crate::draw::{Draw, Topic};
use crate::files::Table;
use crate::hardness::Rate;
use crate::night::{after, as_of, night_of};
use crate::note::{Birth, Habit, Noted, ORDINARY, note};
use crate::observe;
use crate::person::System;
use crate::row::{Cell, Row, money};
use crate::world::{Facts, World, language, time};

const HABIT: Habit = Habit {
    system: System::Campaign,
    nickname: Rate(500, 800),
    initial: Rate(10, 60),
    middle: Rate(0, 10),
    former_family: Rate(100, 250),
    former_home: Rate(200, 400),
    native: Rate(400, 500),
    no_birth: Rate(550, 800),
    no_email: Rate(20, 60),
    other_email: Rate(300, 400),
    no_phone: Rate(430, 500),
    landline: Rate(0, 50),
    no_address: Rate(330, 430),
    switchboard: Rate(200, 400),
    slip: Rate(4, 30),
    ..ORDINARY
};
/// Contacts without a name.
const NAMELESS: Rate = Rate(20, 60);

/// A campaign.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Campaign {
    /// Counted from the beginning of 2025.
    index: u64,
    started: NaiveDate,
    ended: NaiveDate,
}

const CATEGORIES: [&str; 6] = ["Bags", "Kitchen", "Home", "Clothing", "Outdoor", "Garden"];

impl Campaign {
    fn code(&self) -> String {
        format!("C{}-{:02}", self.started.format("%y%m"), self.index % 100)
    }

    fn channel(&self) -> &'static str {
        ["email", "sms", "email", "post", "email"][(self.index % 5) as usize]
    }

    fn category(&self) -> &'static str {
        CATEGORIES[(self.index * 5 % 6) as usize]
    }

    /// The file's row.
    pub(crate) fn row(&self) -> Row {
        let offer = ["10 % off", "free delivery", "gift with order", "early access"][(self.index % 4) as usize];
        let cost = 40_000 + (self.index as i64 * 137 % 97) * 2_500;
        let cells: Vec<Cell> = vec![
            self.code().into(),
            format!("{} {}", self.category(), self.started.format("%B %Y")).into(),
            self.channel().into(),
            self.category().into(),
            offer.into(),
            self.started.to_string().into(),
            self.ended.to_string().into(),
            money(cost).into(),
            "USD".into(),
        ];
        Row::new(Table::Campaign, self.code(), cells).totals([cost])
    }
}

/// Every campaign that has begun until a day: two a month in 2025, and one every fourth night since.
pub(crate) fn campaigns(until: NaiveDate) -> Vec<Campaign> {
    let of_2025 = (1..=12).flat_map(|month| [3, 17].map(|day| NaiveDate::from_ymd_opt(2025, month, day)));
    let since = (2..=night_of(until)).filter(|night| night % 4 == 2).map(|night| Some(as_of(night)));
    let days = of_2025.chain(since).flatten().enumerate();
    let all = days.map(|(index, started)| Campaign { index: index as u64, started, ended: after(started, 20) });
    all.filter(|campaign| campaign.started <= until).collect()
}

/// The code of one of the campaigns that ran on a day.
pub(crate) fn code_on(day: NaiveDate, lot: u64) -> Option<String> {
    if day.year() < 2025 {
        return None;
    }
    let running: Vec<Campaign> = campaigns(day).into_iter().filter(|c| c.ended >= day).collect();
    running.get((lot % running.len().max(1) as u64) as usize).map(Campaign::code)
}

/// Writes a person's contacts and all that was sent to them.
pub(crate) fn write(world: &World<'_>, facts: &Facts<'_>, rows: &mut Vec<Row>) {
    let Some(since) = facts.history.ever_known_since(facts.person, System::Campaign) else { return };
    let is_there = facts.history.left(System::Campaign).is_none();
    for slot in 0..facts.person.known[System::Campaign as usize].max(1) {
        let record = facts.record(slot);
        let number = format!("M{}", observe::number(record, 41_421_357, 5_000_011));
        let created = joined(&mut world.draw(Topic::Message, record), since, 700);
        if is_there {
            rows.push(contact(world, facts, slot, &number, created));
            consents(world, facts, &number, [record, u64::from(since)], created, rows);
        }
        let to = Addressee { number: &number, record, created };
        messages(world, facts, to, rows);
    }
}

fn contact(world: &World<'_>, facts: &Facts<'_>, slot: u64, number: &str, created: NaiveDate) -> Row {
    const LISTS: [&str; 6] =
        ["newsletter form", "fair 2024", "competition", "shop", "bought list", "catalogue request"];
    let Facts { person, history, .. } = *facts;
    let mut noted = note(world.desk(), person, history, slot, &HABIT);
    let draw = &mut noted.draw.fork();
    let nameless = draw.chance(world.hardness.rate(NAMELESS));
    if nameless {
        noted.defects.push("nameless");
    }
    let lower = draw.chance(150);
    let case = |name: String| if lower { name.to_lowercase() } else { name };
    let [given, family] = [noted.given_names(), noted.family.clone()].map(|name| (!nameless).then(|| case(name)));
    let year = match noted.birth {
        Birth::Day(day) => Some(day.year().to_string()),
        _ => None,
    };
    let touched = history.touched(System::Campaign).map(as_of).filter(|day| *day >= created);
    let home = noted.address;
    let cells = vec![
        number.into(),
        email(&mut noted).into(),
        given.into(),
        family.into(),
        noted.phone.into(),
        year.into(),
        home.map(|home| home.place.city).into(),
        home.map(|home| &home.postcode).into(),
        person.home.place.country.code().into(),
        language(person.home.place.country).into(),
        draw.pick(&LISTS).into(),
        created.to_string().into(),
        touched.unwrap_or(created).to_string().into(),
    ];
    Row::new(Table::Contact, number, cells).defects(&noted.defects)
}

fn email(noted: &mut Noted<'_>) -> Option<String> {
    let draw = &mut noted.draw.fork();
    let loud = draw.chance(60);
    noted.email.as_ref().map(|email| if loud { email.to_uppercase() } else { email.clone() })
}

/// Answers for channels and purposes. In the nights some change their mind, and some forbid an address altogether.
fn consents(
    world: &World<'_>,
    facts: &Facts<'_>,
    number: &str,
    [record, since]: [u64; 2],
    created: NaiveDate,
    rows: &mut Vec<Row>,
) {
    const ASKED: [[&str; 2]; 5] = [
        ["email", "marketing"],
        ["phone", "marketing"],
        ["sms", "marketing"],
        ["post", "marketing"],
        ["email", "analytics"],
    ];
    let draw = &mut world.draw(Topic::Consent, record);
    for (place, [channel, purpose]) in ASKED.into_iter().enumerate() {
        let draw = &mut draw.fork();
        if place > 0 && !draw.chance(250) {
            continue;
        }
        let mut given = draw.chance(if channel == "phone" { 250 } else { 620 });
        let mut origin = draw.pick(&["form", "form", "call", "import"]);
        let mut at = time(draw, created);
        let mut forbids = (!given && draw.chance(150)).then_some(created);
        for night in (since as u32 + 1)..=facts.night() {
            let stream = record | ((place as u64) << 36);
            let draw = &mut world.draw_tonight(Topic::Consent, night, stream);
            if draw.chance(4) {
                (given, origin, at) = (!given, "preference page", time(draw, as_of(night)));
                forbids = forbids.or((!given && draw.chance(500)).then(|| as_of(night)));
            }
        }
        let key = format!("{number}/{channel}/{purpose}");
        let yes = if given { "yes" } else { "no" };
        let cells: Vec<Cell> =
            vec![number.into(), channel.into(), purpose.into(), yes.into(), at.into(), origin.into()];
        rows.push(Row::new(Table::Consent, key, cells));
        if let Some(day) = forbids.filter(|_| matches!(channel, "email" | "phone") && purpose == "marketing") {
            rows.push(opt_out(facts, draw, [number, channel], day));
        }
    }
}

/// An address that must not be written to, as the person gave it.
fn opt_out(facts: &Facts<'_>, draw: &mut Draw, [number, channel]: [&str; 2], day: NaiveDate) -> Row {
    let person = facts.person;
    let key = format!("X{}-{channel}", &number[1..]);
    let address = match channel {
        "email" => person.email.clone(),
        _ => observe::phone(draw, &person.mobile),
    };
    let purpose = if draw.chance(200) { "all" } else { "marketing" };
    let reason = draw.pick(&["too many messages", "not me", "never asked for it", "", ""]);
    let cells: Vec<Cell> = vec![
        (&key).into(),
        channel.into(),
        address.into(),
        purpose.into(),
        time(draw, day).into(),
        Some(reason).filter(|reason| !reason.is_empty()).into(),
    ];
    Row::new(Table::OptOut, key, cells)
}

/// A contact that messages go to.
#[derive(Clone, Copy)]
struct Addressee<'a> {
    number: &'a str,
    record: u64,
    created: NaiveDate,
}

fn messages(world: &World<'_>, facts: &Facts<'_>, to: Addressee<'_>, rows: &mut Vec<Row>) {
    let left = facts.history.left(System::Campaign).unwrap_or(u32::MAX);
    for campaign in campaigns(facts.today()) {
        let draw = &mut world.draw(Topic::Message, (campaign.index << 32) | to.record);
        if !draw.chance(70) || campaign.started < to.created || night_of(campaign.started) >= left {
            continue;
        }
        message(world, facts, to, campaign, draw, rows);
    }
}

fn message(
    world: &World<'_>,
    facts: &Facts<'_>,
    to: Addressee<'_>,
    campaign: Campaign,
    draw: &mut Draw,
    rows: &mut Vec<Row>,
) {
    let (code, channel) = (campaign.code(), campaign.channel());
    let key = format!("{code}-{}", &to.number[1..]);
    let outcome = match (draw.below(100), channel) {
        (0..5, "email") => "bounced",
        (5..7, _) => "undelivered",
        _ => "delivered",
    };
    let at = time(draw, campaign.started);
    let cells: Vec<Cell> =
        vec![(&key).into(), (&code).into(), to.number.into(), channel.into(), at.into(), outcome.into()];
    rows.push(Row::new(Table::Message, &key, cells));
    if outcome == "delivered" && channel != "post" {
        clicks(world, facts, &key, campaign, draw, rows);
    }
    if outcome == "delivered" && draw.chance(130) {
        respond(facts, to, campaign, &code, draw, rows);
    }
}

fn clicks(
    world: &World<'_>,
    facts: &Facts<'_>,
    message: &str,
    campaign: Campaign,
    draw: &mut Draw,
    rows: &mut Vec<Row>,
) {
    let draw = &mut draw.fork();
    let count = if draw.chance(250) { 1 + draw.below(3) } else { 0 };
    let shown: Vec<_> = world.catalogue.iter().filter(|p| !p.retired && p.category == campaign.category()).collect();
    for place in 1..=count {
        let day = after(campaign.started, draw.below(7));
        let product = shown.get(draw.below(shown.len() as u64) as usize).map(|product| &product.code);
        let device = draw.pick(&["phone", "phone", "tablet", "computer"]);
        let at = time(draw, day);
        if day <= facts.today() {
            let key = format!("{message}-{place}");
            let cells: Vec<Cell> = vec![(&key).into(), message.into(), at.into(), product.into(), device.into()];
            rows.push(Row::new(Table::Click, key, cells));
        }
    }
}

fn respond(facts: &Facts<'_>, to: Addressee<'_>, campaign: Campaign, code: &str, draw: &mut Draw, rows: &mut Vec<Row>) {
    let draw = &mut draw.fork();
    let day = after(campaign.started, 1 + draw.below(19));
    if day > facts.today() {
        return;
    }
    // Who bought while the campaign ran, bought because of it: so the tool says.
    let bought = facts.orders.iter().find(|order| {
        order.entered >= campaign.started && order.entered <= day && !order.is_spoiled() && order.entered == order.date
    });
    let response = match (bought, draw.below(3)) {
        (Some(_), _) => "bought",
        (None, 0) => "declined",
        _ => "asked",
    };
    let key = format!("{code}-{}-R", &to.number[1..]);
    let cells: Vec<Cell> = vec![
        (&key).into(),
        code.into(),
        to.number.into(),
        day.to_string().into(),
        response.into(),
        bought.map(|order| &order.number).into(),
    ];
    rows.push(Row::new(Table::Response, key, cells));
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    #[test]
    fn campaigns_have_codes_of_their_own_and_come_with_the_nights() {
        let codes = |night| campaigns(as_of(night)).iter().map(Campaign::code).collect::<Vec<_>>();
        assert_eq!(codes(1).len(), 24);
        assert_eq!(codes(2).len(), 25);
        let later = codes(365);
        assert_eq!(later.iter().collect::<std::collections::BTreeSet<_>>().len(), later.len());
        let code = code_on(as_of(1), 7).unwrap();
        assert!(codes(1).contains(&code));
    }
}
