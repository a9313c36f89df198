//! What people do in the shop without buying: events of the shop's log, which begins a month before the first night.

use chrono::NaiveDate;

use crate::draw::{Draw, Topic};
use crate::files::Table;
use crate::night::{as_of, before};
use crate::person::System;
use crate::row::{Cell, Row};
use crate::shop::Account;
use crate::world::{Facts, World};

/// Writes the events of a person's accounts.
pub(crate) fn write(world: &World<'_>, facts: &Facts<'_>, rows: &mut Vec<Row>) {
    for account in &facts.accounts {
        if account.since == 1 {
            let draw = &mut world.draw(Topic::Visit, account.ordinal);
            let day = before(as_of(1), draw.below(31));
            if draw.chance(450) && day >= account.registered {
                session(world, draw, account, [day, day], rows);
            }
        }
        let left = facts.history.left(System::Shop).unwrap_or(u32::MAX);
        for night in account.since.max(2)..=facts.night().min(left.saturating_sub(1)) {
            let draw = &mut world.draw_tonight(Topic::Visit, night, account.ordinal);
            if draw.chance(25) {
                // A telephone that was offline sends its events the night after.
                let day = if draw.chance(100) { before(as_of(night), 1) } else { as_of(night) };
                session(world, draw, account, [day.max(account.registered), as_of(night)], rows);
            }
        }
    }
}

/// One session: the day it was, and the day that names it.
fn session(world: &World<'_>, draw: &mut Draw, account: &Account, [day, named]: [NaiveDate; 2], rows: &mut Vec<Row>) {
    const STEPS: [&str; 5] = ["visit", "search", "view", "basket", "checkout"];
    let session = format!("S{}{}", named.format("%y%m%d"), account.key);
    let logged_in = draw.chance(700);
    let channel = draw.pick(&["search", "search", "mail", "social", "direct", "direct", "ad"]);
    let device = draw.pick(&["phone", "phone", "phone", "tablet", "computer"]);
    let (hour, minute) = (draw.below(24), draw.below(50));
    for (place, step) in STEPS.iter().take(1 + draw.below(5) as usize).enumerate() {
        let key = format!("{session}-{}", place + 1);
        let shows = matches!(*step, "view" | "basket");
        let product = draw.below(world.catalogue.iter().filter(|product| !product.retired).count() as u64);
        let cells: Vec<Cell> = vec![
            (&key).into(),
            (&session).into(),
            logged_in.then_some(&account.key).into(),
            format!("{day}T{hour:02}:{:02}:{:02}Z", minute + place as u64, draw.below(60)).into(),
            (*step).into(),
            channel.into(),
            shows.then(|| &world.catalogue[product as usize].code).into(),
            device.into(),
        ];
        rows.push(Row::new(Table::Event, key, cells));
    }
}
