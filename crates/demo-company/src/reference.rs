//! What does not depend on customers: products and their prices, towns, territories, sales people, campaigns.

use crate::campaign::campaigns;
use crate::contact::letters;
use crate::crm::month_first;
use crate::files::Table;
use crate::night::{as_of, before, opening};
use crate::row::{Cell, Row, money};
use crate::world::{TERRITORIES, World};

/// All such rows as of a night.
pub(crate) fn rows(world: &World<'_>, night: u32) -> Vec<Row> {
    let today = as_of(night);
    let mut rows = Vec::new();
    for [code, name, region, country] in TERRITORIES {
        let cells = vec![code.into(), name.to_uppercase().into(), region.to_uppercase().into(), country.into()];
        rows.push(Row::new(Table::Territory, code, cells));
    }
    owners(world, &mut rows);
    products(world, night, &mut rows);
    for place in world.lists.all_towns() {
        let code = place.country.code();
        let cells: Vec<Cell> = vec![
            code.into(),
            place.country.name().into(),
            Some(place.region).filter(|region| !region.is_empty() && place.region != place.area).into(),
            place.area.into(),
            place.city.into(),
            place.postcode.into(),
            place.dialling.into(),
            place.territory.into(),
        ];
        rows.push(Row::new(Table::Geography, format!("{code}/{}", place.city), cells));
    }
    rows.extend(campaigns(today).iter().map(crate::campaign::Campaign::row));
    rows
}

fn owners(world: &World<'_>, rows: &mut Vec<Row>) {
    for owner in &world.owners {
        let name = deunicode::deunicode(&format!("{}, {}", owner.family, owner.given)).to_uppercase();
        let mail = format!("{}.{}@harbour-and-pine.example", letters(owner.given), letters(&owner.family));
        let cells: Vec<Cell> = vec![
            (&owner.id).into(),
            name.into(),
            mail.to_uppercase().into(),
            owner.territory.into(),
            month_first(owner.hired).into(),
            owner.left.map(month_first).into(),
        ];
        rows.push(Row::new(Table::AccountOwner, &owner.id, cells));
    }
}

/// Products and prices, as the stock system exports them: semicolons, money with its sign.
fn products(world: &World<'_>, night: u32, rows: &mut Vec<Row>) {
    let today = as_of(night);
    let dollars = |cents: i64| format!("${}", money(cents));
    for product in world.catalogue {
        let code = &product.code;
        if !product.retired {
            let cells: Vec<Cell> = vec![
                code.into(),
                (&product.name).into(),
                (&product.category).into(),
                dollars(product.price_on(today)).into(),
                dollars(product.cost_on(today)).into(),
                product.department.into(),
                product.supplier.into(),
                opening().to_string().into(),
            ];
            rows.push(Row::new(Table::Product, code, cells));
        }
        let days = product.changes(today);
        for (place, from) in days.iter().enumerate() {
            let next = days.get(place + 1).map(|next| before(*next, 1));
            let until = next.or(product.retired.then(crate::catalogue::retirement));
            let cells: Vec<Cell> = vec![
                code.into(),
                from.to_string().into(),
                until.map(|day| day.to_string()).into(),
                dollars(product.price_on(*from)).into(),
                dollars(product.cost_on(*from)).into(),
            ];
            rows.push(Row::new(Table::Price, format!("{code}/{from}"), cells));
        }
    }
}
