//! Orders: what accounts bought, one row an order line.

use std::collections::BTreeSet;

use chrono::{Datelike, NaiveDate};

use crate::campaign;
use crate::catalogue::{Product, retirement};
use crate::draw::{Draw, Topic};
use crate::files::Table;
use crate::night::{History, after, as_of, before, opening};
use crate::observe::{self, turn};
use crate::person::{Person, System};
use crate::row::{Cell, Row, money};
use crate::shop::Account;
use crate::world::{Facts, World};

/// An order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Order {
    pub(crate) number: String,
    /// Names the order in every stream.
    pub(crate) stream: u64,
    /// The day it came into the shop's books.
    pub(crate) entered: NaiveDate,
    /// The day it was placed.
    pub(crate) date: NaiveDate,
    /// The account; `None` for a guest.
    pub(crate) account: Option<String>,
    pub(crate) channel: &'static str,
    pub(crate) campaign: Option<String>,
    pub(crate) lines: Vec<Line>,
}

impl Order {
    /// What all its lines bring in, in cents, also those that cannot be loaded.
    pub(crate) fn total(&self) -> i64 {
        self.lines.iter().map(Line::total).sum()
    }

    /// Whether a line of it cannot be loaded.
    pub(crate) fn is_spoiled(&self) -> bool {
        self.lines.iter().any(|line| line.bad.is_some())
    }
}

/// An order line; money in cents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Line {
    pub(crate) place: u64,
    pub(crate) product: usize,
    pub(crate) quantity: i64,
    pub(crate) price: i64,
    /// What is so wrong with the row that it cannot be loaded.
    pub(crate) bad: Option<&'static str>,
}

impl Line {
    /// What the line brings in, in cents.
    pub(crate) fn total(&self) -> i64 {
        self.quantity * self.price
    }
}

/// Writes the order lines of a person.
pub(crate) fn write(world: &World<'_>, facts: &Facts<'_>, rows: &mut Vec<Row>) {
    let home = &facts.person.home;
    for order in &facts.orders {
        for line in &order.lines {
            rows.push(row(world, order, line, [&home.postcode, home.place.country.code()]));
        }
    }
}

fn row(world: &World<'_>, order: &Order, line: &Line, [postcode, country]: [&str; 2]) -> Row {
    let cells: Vec<Cell> = vec![
        (&order.number).into(),
        line.place.to_string().into(),
        order.date.to_string().into(),
        order.account.as_ref().into(),
        (&world.catalogue[line.product].code).into(),
        line.quantity.to_string().into(),
        money(line.price).into(),
        "USD".into(),
        money(line.total()).into(),
        order.channel.into(),
        order.campaign.as_ref().into(),
        postcode.into(),
        country.into(),
    ];
    let key = format!("{}/{}", order.number, line.place);
    let mut row = Row::new(Table::Order, key, cells).totals([line.quantity, line.total()]);
    if let Some(kind) = line.bad {
        row.spoil(kind, |cells| match kind {
            "missing-key" => cells[0] = Cell::Empty,
            "impossible-date" => cells[2] = format!("{}-02-30", order.date.year()).into(),
            "not-a-number" => cells[5] = "two".into(),
            "missing-product" => cells[4] = Cell::Empty,
            "too-many-fields" => cells.insert(5, "gift wrap".into()),
            _ => cells.truncate(6),
        });
    }
    row
}

/// What orders are drawn from.
pub(crate) struct Till<'a> {
    seed: u64,
    products: &'a [Product],
    /// Running totals of how well each product sells; those still sold come first.
    demand: Vec<u64>,
    current: usize,
}

impl<'a> Till<'a> {
    pub(crate) fn new(seed: u64, products: &'a [Product]) -> Self {
        let mut total = 0;
        // Cheap things sell more often.
        let demand = products.iter().map(|p| 10_000_000 / (p.price.max(0) as u64 + 3000));
        let demand = demand.map(|weight| {
            total += weight;
            total
        });
        let demand = demand.collect();
        Self { seed, products, demand, current: products.iter().filter(|p| !p.retired).count() }
    }

    /// Every order of an account until a night, in the order in which they were entered.
    pub(crate) fn orders(&self, person: &Person, history: &History, account: &Account) -> Vec<Order> {
        let mut orders = Vec::new();
        if account.since == 1 {
            let draw = &mut Draw::new(self.seed, Topic::Orders, account.ordinal);
            for day in days(draw, account.registered) {
                orders.push(self.order(&mut draw.fork(), account, day, day));
            }
            spoil(&mut orders, person.ordinal, account.ordinal);
        }
        for tonight in account.since.max(2)..=history.until {
            if history.left(System::Shop).is_some_and(|left| left <= tonight) {
                break;
            }
            orders.extend(self.tonight(account, tonight));
        }
        orders
    }

    /// The order that an account places in one of the later nights, if it does. Some come late: the warehouse had them on paper.
    fn tonight(&self, account: &Account, night: u32) -> Option<Order> {
        let draw = &mut Draw::new(self.seed, Topic::NightOrder, (u64::from(night) << 40) | account.ordinal);
        let orders = if account.since == night { 500 } else { 15 };
        if !draw.chance(orders) {
            return None;
        }
        let entered = as_of(night);
        let late = if draw.chance(150) { 1 + draw.below(20) } else { 0 };
        let ordered = before(entered, late).max(account.registered);
        Some(self.order(draw, account, entered, ordered))
    }

    fn order(&self, draw: &mut Draw, account: &Account, entered: NaiveDate, date: NaiveDate) -> Order {
        // An account orders at most once a day, so the day of entry and the account name the order.
        let number =
            format!("{}-{}", entered.format("%y%m%d"), observe::number(account.ordinal, 31_415_927, 60_000_049));
        let stream = ((entered - opening()).num_days().max(0) as u64) << 32 | account.ordinal;
        let guest = draw.chance(20);
        let count = match draw.below(100) {
            0..45 => 1,
            45..75 => 2,
            75..92 => 3,
            _ => 4,
        };
        let lines = (1..=count).map(|place| {
            let product = self.product(draw, date);
            let quantity = quantity(draw, self.products[product].price);
            let price = discounted(draw, self.products[product].price_on(date));
            Line { place, product, quantity, price, bad: None }
        });
        let lines = lines.collect();
        let channel = match draw.below(100) {
            _ if entered > date => "letter",
            0..62 => "web",
            62..88 => "app",
            88..98 => "phone",
            _ => "letter",
        };
        let campaign = draw.chance(90).then(|| campaign::code_on(date, draw.below(1 << 20))).flatten();
        let account = (!guest).then(|| account.key.clone());
        Order { number, stream, entered, date, account, channel, campaign, lines }
    }

    fn product(&self, draw: &mut Draw, date: NaiveDate) -> usize {
        let sold = if date <= retirement() { self.products.len() } else { self.current };
        draw.weighted(&self.demand[..sold])
    }
}

/// The days on which an account ordered until the first night: few for most, many for some, more before Christmas.
fn days(draw: &mut Draw, registered: NaiveDate) -> BTreeSet<NaiveDate> {
    let first = registered.max(opening());
    let span = (as_of(1) - first).num_days().max(0) as u64;
    let orders = match draw.below(100) {
        0..28 => 0,
        28..72 => 1 + draw.below(3),
        72..94 => 3 + draw.below(7),
        _ => 10 + draw.below(25),
    };
    // Who came later has had less time.
    let orders = (orders * (span + 120)).div_ceil(1600).min(orders);
    (0..orders).map(|_| after(first, in_season(draw, first, span))).collect()
}

/// A day of the span, those of the good months drawn more often.
fn in_season(draw: &mut Draw, first: NaiveDate, span: u64) -> u64 {
    const SEASON: [u64; 12] = [60, 55, 60, 65, 75, 75, 70, 65, 65, 75, 95, 100];
    let mut day = 0;
    for _ in 0..6 {
        day = draw.below(span + 1);
        let month = after(first, day).month0();
        if draw.below(100) < SEASON[month as usize % 12] {
            break;
        }
    }
    day
}

fn quantity(draw: &mut Draw, price: i64) -> i64 {
    match draw.below(100) {
        0..72 => 1,
        _ if price > 10_000 => 1,
        72..90 => 2,
        90..96 => 3,
        _ => draw.between(4, 6),
    }
}

fn discounted(draw: &mut Draw, price: i64) -> i64 {
    match draw.below(100) {
        0..10 => price * 90 / 100,
        10..15 => price * 80 / 100,
        _ => price,
    }
}

/// What goes wrong in the file on purpose: one line of one account in a hundred and twenty-five.
fn spoil(orders: &mut [Order], person: u64, account: u64) {
    const KINDS: [&str; 6] =
        ["too-many-fields", "impossible-date", "missing-key", "not-a-number", "missing-product", "too-few-fields"];
    if account != person * 2 || !turn(person, 125, 60) {
        return;
    }
    if let Some(line) = orders.first_mut().and_then(|order| order.lines.first_mut()) {
        line.bad = Some(KINDS[(person / 125 % 6) as usize]);
    }
}
