//! Firms that customers work for. A firm's switchboard, its address and the domain of its mail stand in the records of
//! many people who have nothing else in common.

use crate::contact::{Address, Phone, address, landline, letters};
use crate::draw::{Draw, Topic};
use crate::lists::{Country, Lists};

/// A firm.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Employer {
    /// Names the firm in the truth.
    pub(crate) index: u64,
    pub(crate) name: String,
    pub(crate) domain: String,
    pub(crate) switchboard: Phone,
    pub(crate) address: Address,
}

/// How many firms a company of so many customers deals with.
pub(crate) fn employers(customers: u64) -> u64 {
    (customers / 60).max(5)
}

/// The firm where a person of a country works: one of a few tries that is in that country. Firms of low numbers are large.
pub(crate) fn of_country(lists: &Lists, seed: u64, draw: &mut Draw, country: Country, firms: u64) -> Option<Employer> {
    for _ in 0..6 {
        let largest = draw.below(firms) + 1;
        let index = draw.below(largest);
        let mut firm = Draw::new(seed, Topic::Employer, index);
        if country_of(&mut firm) == country {
            return Some(employer(lists, firm, index, country));
        }
    }
    None
}

fn country_of(draw: &mut Draw) -> Country {
    match draw.below(100) {
        0..58 => Country::UnitedStates,
        58..74 => Country::UnitedKingdom,
        74..88 => Country::India,
        88..94 => Country::Germany,
        94..97 => Country::France,
        97..99 => Country::Greece,
        _ => Country::Bulgaria,
    }
}

const FIRST: [&str; 48] = [
    "Northgate",
    "Bluefinch",
    "Silverline",
    "Kestrel",
    "Oakmoor",
    "Redwood",
    "Summit",
    "Harvest",
    "Granite",
    "Beacon",
    "Meridian",
    "Lakeside",
    "Pioneer",
    "Sterling",
    "Cobalt",
    "Evergreen",
    "Falcon",
    "Horizon",
    "Juniper",
    "Keystone",
    "Lantern",
    "Magnolia",
    "Northstar",
    "Orchard",
    "Pinnacle",
    "Quarry",
    "Riverside",
    "Saffron",
    "Tamarind",
    "Union",
    "Vanguard",
    "Westbrook",
    "Anchor",
    "Birch",
    "Cedar",
    "Delta",
    "Ember",
    "Foundry",
    "Garnet",
    "Highland",
    "Indigo",
    "Jasmine",
    "Kingfisher",
    "Lotus",
    "Monsoon",
    "Nimbus",
    "Opal",
    "Peacock",
];
const SECOND: [&str; 24] = [
    "Logistics",
    "Textiles",
    "Foods",
    "Plumbing",
    "Electric",
    "Pharma",
    "Consulting",
    "Motors",
    "Printing",
    "Builders",
    "Software",
    "Clinics",
    "Dairy",
    "Steel",
    "Travel",
    "Insurance",
    "Furniture",
    "Optics",
    "Media",
    "Chemicals",
    "Marine",
    "Tools",
    "Paper",
    "Hotels",
];

fn employer(lists: &Lists, mut draw: Draw, index: u64, country: Country) -> Employer {
    let town = *lists.town(&mut draw, country);
    let words = format!("{} {}", draw.pick(&FIRST), draw.pick(&SECOND));
    let legal: &[&str] = match country {
        Country::UnitedStates => &["Inc", "Inc", "LLC", "Corp"],
        Country::UnitedKingdom => &["Ltd", "Ltd", "plc"],
        Country::India => &["Pvt Ltd", "Ltd"],
        Country::Germany => &["GmbH", "AG"],
        Country::France => &["SARL", "SA"],
        Country::Greece => &["SA", "EPE"],
        Country::Bulgaria => &["EOOD", "AD"],
    };
    let name = format!("{words} {}", draw.pick(legal));
    let domain = format!("{}{}.example", letters(&words), if index > 500 { letters(town.city) } else { String::new() });
    let address = address(lists, &mut draw, &town);
    let switchboard = landline(&mut draw, &town);
    Employer { index, name, domain, switchboard, address }
}

/// The firm's name as somebody writes it down: often without its legal form.
pub(crate) fn written(draw: &mut Draw, employer: &Employer) -> String {
    match draw.below(10) {
        0..4 => employer.name.clone(),
        4..8 => employer.name.split(' ').take(2).collect::<Vec<_>>().join(" "),
        8 => employer.name.to_uppercase(),
        _ => employer.name.replace("Ltd", "Limited").replace("Inc", "Incorporated"),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    #[test]
    fn a_firm_is_the_same_for_all_who_work_there() {
        let lists = Lists::read().unwrap();
        let mut seen: std::collections::BTreeMap<u64, Employer> = std::collections::BTreeMap::new();
        let mut met = 0;
        for lot in 0..400 {
            let mut draw = Draw::new(1, Topic::Record, lot);
            let Some(firm) = of_country(&lists, 1, &mut draw, Country::UnitedStates, 20) else { continue };
            assert_eq!(firm.switchboard.country, Country::UnitedStates);
            if let Some(known) = seen.insert(firm.index, firm.clone()) {
                assert_eq!(known, firm);
                met += 1;
            }
        }
        assert!(met > 200, "{met}");
    }
}
