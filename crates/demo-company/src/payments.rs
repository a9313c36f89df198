//! What happens to an order after it was placed: it is paid, perhaps at the second attempt, and some of it comes back.

use chrono::NaiveDate;

use crate::draw::Topic;
use crate::files::Table;
use crate::night::after;
use crate::observe::turn;
use crate::orders::Order;
use crate::row::{Cell, Row, money};
use crate::world::{Facts, World, time};

/// Writes payments and returns.
pub(crate) fn write(world: &World<'_>, facts: &Facts<'_>, rows: &mut Vec<Row>) {
    for (place, order) in facts.orders.iter().enumerate() {
        let first = rows.len();
        pay(world, facts, order, rows);
        if place == 0
            && turn(facts.person.ordinal, 500, 210)
            && let Some(row) = rows.get_mut(first)
        {
            row.spoil("not-a-number", |cells| cells[4] = "l2.5O".into());
        }
        send_back(world, facts, order, rows);
    }
}

fn pay(world: &World<'_>, facts: &Facts<'_>, order: &Order, rows: &mut Vec<Row>) {
    let draw = &mut world.draw(Topic::Payment, order.stream);
    let method = match draw.below(100) {
        _ if order.channel == "letter" => "invoice",
        0..56 => "card",
        56..82 => "wallet",
        82..95 => "invoice",
        _ => "gift_card",
    };
    let refused = method == "card" && draw.chance(35);
    let at = time(draw, order.date);
    let takes = if method == "invoice" { 3 + draw.below(30) } else { draw.below(3) };
    let settled = after(order.entered, takes);
    let is_settled = settled <= facts.today();
    let status = if is_settled { "settled" } else { "pending" };
    if refused {
        rows.push(payment(order, 1, [&at, "card", "refused"], None));
    }
    let settled = is_settled.then(|| settled.to_string());
    rows.push(payment(order, 1 + u64::from(refused), [&at, method, status], settled));
}

fn payment(order: &Order, attempt: u64, [at, method, status]: [&str; 3], settled: Option<String>) -> Row {
    let key = format!("Z{}-{attempt}", order.number);
    let cells: Vec<Cell> = vec![
        (&key).into(),
        (&order.number).into(),
        at.into(),
        method.into(),
        money(order.total()).into(),
        "USD".into(),
        status.into(),
        settled.into(),
    ];
    Row::new(Table::Payment, key, cells).totals([order.total()])
}

/// A return of an order line.
pub(crate) struct Returned {
    place: u64,
    pub(crate) product: usize,
    pub(crate) arrived: NaiveDate,
    quantity: i64,
    pub(crate) refund: i64,
    reason: Option<&'static str>,
    condition: &'static str,
}

/// What has come back of an order until tonight.
pub(crate) fn returns(world: &World<'_>, facts: &Facts<'_>, order: &Order) -> Vec<Returned> {
    let draw = &mut world.draw(Topic::Return, order.stream);
    let mut found = Vec::new();
    for line in &order.lines {
        if !draw.chance(60) || line.bad.is_some() {
            continue;
        }
        let draw = &mut draw.fork();
        let arrived = after(order.entered, 5 + draw.below(26));
        // The warehouse books some returns days later.
        let booked = after(arrived, if draw.chance(150) { 1 + draw.below(6) } else { 0 });
        if booked > facts.today() {
            continue;
        }
        let quantity = 1 + draw.below(line.quantity as u64) as i64;
        let reason = draw.pick(&["too small", "too large", "not as shown", "damaged", "changed my mind", "late", ""]);
        found.push(Returned {
            place: line.place,
            product: line.product,
            arrived,
            quantity,
            refund: quantity * line.price,
            reason: Some(reason).filter(|reason| !reason.is_empty()),
            condition: draw.pick(&["new", "new", "new", "used", "damaged"]),
        });
    }
    found
}

fn send_back(world: &World<'_>, facts: &Facts<'_>, order: &Order, rows: &mut Vec<Row>) {
    for back in returns(world, facts, order) {
        let key = format!("R{}-{}", order.number, back.place);
        let cells: Vec<Cell> = vec![
            (&key).into(),
            (&order.number).into(),
            back.place.to_string().into(),
            back.arrived.to_string().into(),
            back.quantity.to_string().into(),
            back.reason.into(),
            back.condition.into(),
            money(back.refund).into(),
            "USD".into(),
        ];
        rows.push(Row::new(Table::Return, key, cells).totals([back.quantity, back.refund]));
    }
}
