//! Orders: what accounts bought, one row an order line.

use std::collections::BTreeSet;

use chrono::{Datelike, Days, NaiveDate};

use crate::catalogue::{Product, retirement};
use crate::draw::{Draw, Topic};
use crate::household::Person;
use crate::night::{History, as_of, opening};
use crate::observe::{self, turn};
use crate::shop::Account;

/// The columns of `webshop_orders.csv`.
pub(crate) const COLUMNS: [&str; 9] = [
    "order_no",
    "line_no",
    "order_date",
    "customer_no",
    "product_code",
    "quantity",
    "unit_price",
    "currency",
    "line_total",
];

/// An order line; money in cents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Line {
    pub(crate) order: String,
    pub(crate) place: u64,
    pub(crate) date: NaiveDate,
    /// The account; `None` for a guest.
    pub(crate) account: Option<String>,
    pub(crate) product: usize,
    pub(crate) quantity: i64,
    pub(crate) price: i64,
    /// The night in which the line first stands in the file.
    pub(crate) night: u32,
    /// What is so wrong with the row that it cannot be loaded.
    pub(crate) bad: Option<&'static str>,
}

impl Line {
    /// What the line brings in, in cents.
    pub(crate) fn total(&self) -> i64 {
        self.quantity * self.price
    }

    /// The fields as the file has them.
    pub(crate) fn written(&self, products: &[Product]) -> Vec<String> {
        let mut fields = vec![
            self.order.clone(),
            self.place.to_string(),
            self.date.to_string(),
            self.account.clone().unwrap_or_default(),
            products[self.product].code.clone(),
            self.quantity.to_string(),
            money(self.price),
            "USD".to_string(),
            money(self.total()),
        ];
        match self.bad {
            Some("missing-key") => fields[0].clear(),
            Some("impossible-date") => fields[2] = format!("{}-02-30", self.date.year()),
            Some("not-a-number") => fields[5] = "two".to_string(),
            Some("missing-product") => fields[4].clear(),
            Some("too-many-fields") => fields.insert(5, "gift wrap".to_string()),
            Some("too-few-fields") => fields.truncate(6),
            _ => {}
        }
        fields
    }
}

/// Cents as dollars and cents.
pub(crate) fn money(cents: i64) -> String {
    format!("{}{}.{:02}", if cents < 0 { "-" } else { "" }, cents.abs() / 100, cents.abs() % 100)
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

    /// Every line of an account until a night, order by order.
    pub(crate) fn lines(&self, person: &Person, history: &History, account: &Account, night: u32) -> Vec<Line> {
        let mut lines = Vec::new();
        if person.since == 1 {
            let draw = &mut Draw::new(self.seed, Topic::Orders, account.ordinal);
            for day in days(draw, account.registered) {
                self.order(&mut draw.fork(), account, day, day, 1, &mut lines);
            }
            spoil(&mut lines, person.ordinal, account.ordinal);
        }
        for tonight in person.since.max(2)..=night {
            if history.left_shop.is_some_and(|left| left <= tonight) {
                break;
            }
            self.tonight(person, account, tonight, &mut lines);
        }
        lines
    }

    /// The order that an account places in one of the later nights, if it does. Some come late: the warehouse had them on paper.
    fn tonight(&self, person: &Person, account: &Account, night: u32, lines: &mut Vec<Line>) {
        let draw = &mut Draw::new(self.seed, Topic::NightOrder, (u64::from(night) << 40) | account.ordinal);
        let orders = if person.since == night { 500 } else { 15 };
        if !draw.chance(orders) {
            return;
        }
        let entered = as_of(night);
        let late = if draw.chance(150) { 1 + draw.below(20) } else { 0 };
        let ordered = entered.checked_sub_days(Days::new(late)).unwrap_or(entered).max(account.registered);
        self.order(draw, account, entered, ordered, night, lines);
    }

    fn order(
        &self,
        draw: &mut Draw,
        account: &Account,
        entered: NaiveDate,
        date: NaiveDate,
        night: u32,
        lines: &mut Vec<Line>,
    ) {
        // An account orders at most once a day, so the day of entry and the account name the order.
        let order =
            format!("{}-{}", entered.format("%y%m%d"), observe::number(account.ordinal, 31_415_927, 60_000_049));
        let guest = draw.chance(20);
        let count = match draw.below(100) {
            0..45 => 1,
            45..75 => 2,
            75..92 => 3,
            _ => 4,
        };
        for place in 1..=count {
            let product = self.product(draw, date);
            lines.push(Line {
                order: order.clone(),
                place,
                date,
                account: (!guest).then(|| account.key.clone()),
                product,
                quantity: quantity(draw, self.products[product].price),
                price: discounted(draw, self.products[product].price_on(date)),
                night,
                bad: None,
            });
        }
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
    (0..orders).map(|_| first.checked_add_days(Days::new(in_season(draw, first, span))).unwrap_or(first)).collect()
}

/// A day of the span, those of the good months drawn more often.
fn in_season(draw: &mut Draw, first: NaiveDate, span: u64) -> u64 {
    const SEASON: [u64; 12] = [60, 55, 60, 65, 75, 75, 70, 65, 65, 75, 95, 100];
    let mut day = 0;
    for _ in 0..6 {
        day = draw.below(span + 1);
        let month = first.checked_add_days(Days::new(day)).unwrap_or(first).month0();
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
fn spoil(lines: &mut [Line], person: u64, account: u64) {
    const KINDS: [&str; 6] =
        ["too-many-fields", "impossible-date", "missing-key", "not-a-number", "missing-product", "too-few-fields"];
    if account != person * 2 || !turn(person, 125, 60) {
        return;
    }
    if let Some(line) = lines.first_mut() {
        line.bad = Some(KINDS[(person / 125 % 6) as usize]);
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    #[test]
    fn money_has_two_digits_behind_the_point() {
        assert_eq!((money(5), money(12_345), money(-99)), ("0.05".into(), "123.45".into(), "-0.99".into()));
    }
}
