//! Where persons can be reached: addresses, telephone numbers and e-mail addresses that look like real ones and fit their
//! town. Numbers have the form of their country's; e-mail addresses stand at domains that exist nowhere (RFC 2606).

use crate::draw::Draw;
use crate::lists::{Country, Lists, Place};

/// A telephone number, national digits without a trunk prefix.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Phone {
    pub(crate) country: Country,
    pub(crate) national: String,
}

/// An address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Address {
    pub(crate) number: u64,
    pub(crate) unit: Option<u64>,
    pub(crate) street: &'static str,
    pub(crate) street_type: &'static str,
    pub(crate) place: Place,
    pub(crate) postcode: String,
}

/// An address in a town.
pub(crate) fn address(lists: &Lists, draw: &mut Draw, place: &Place) -> Address {
    let (types, highest, flats): (&[&'static str], u64, u64) = match place.country {
        Country::UnitedStates => {
            (&["Street", "Street", "Avenue", "Avenue", "Road", "Drive", "Lane", "Court", "Boulevard"], 4000, 180)
        }
        Country::UnitedKingdom => (&["Street", "Road", "Road", "Lane", "Avenue", "Close", "Terrace"], 180, 150),
        Country::India => (&["Road", "Road", "Street", "Nagar", "Marg", "Lane"], 250, 600),
        Country::France => (&["rue", "rue", "rue", "avenue", "boulevard", "place"], 150, 0),
        Country::Germany | Country::Greece => (&[""], 140, 0),
        Country::Bulgaria => (&["ul.", "ul.", "bul."], 160, 0),
    };
    Address {
        number: 1 + draw.below(highest),
        unit: draw.chance(flats).then(|| 1 + draw.below(60)),
        street: draw.pick(lists.streets(place.country)),
        street_type: draw.pick(types),
        postcode: postcode(draw, place),
        place: *place,
    }
}

fn postcode(draw: &mut Draw, place: &Place) -> String {
    const INWARD: &[u8] = b"ABDEFGHJLNPQRSTUWXYZ";
    let start = place.postcode;
    match place.country {
        Country::UnitedStates => format!("{start}{:02}", draw.below(100)),
        Country::India => format!("{start}{:03}", 1 + draw.below(99)),
        Country::UnitedKingdom => {
            let district = 1 + draw.below(20);
            let sector = draw.below(10);
            let unit = [draw.pick(INWARD) as char, draw.pick(INWARD) as char];
            format!("{start}{district} {sector}{}{}", unit[0], unit[1])
        }
        Country::Germany => format!("{start}{:03}", 100 + draw.below(70) * 2),
        Country::France => format!("{start}{:03}", draw.below(17)),
        Country::Greece => format!("{start}{} {:02}", 1 + draw.below(8), 21 + draw.below(60)),
        Country::Bulgaria => format!("{start}{:03}", draw.below(60)),
    }
}

/// A mobile number that could be dialled.
pub(crate) fn mobile(draw: &mut Draw, place: &Place) -> Phone {
    let national = match place.country {
        Country::UnitedStates => north_american(draw, place.dialling),
        Country::UnitedKingdom => format!("77{:02}{:06}", draw.between(10, 79), draw.below(1_000_000)),
        Country::India => format!("{}{:08}", draw.pick(&["98", "99", "94", "97", "96", "70"]), draw.below(100_000_000)),
        Country::Germany => {
            format!("{}{:08}", draw.pick(&["151", "160", "170", "171", "175"]), draw.below(100_000_000))
        }
        Country::France => format!("6{:08}", 10_000_000 + draw.below(80_000_000)),
        Country::Greece => format!("{}{:07}", draw.pick(&["697", "694", "693", "698"]), draw.below(10_000_000)),
        Country::Bulgaria => format!("{}{:07}", draw.pick(&["88", "87", "89"]), draw.below(10_000_000)),
    };
    Phone { country: place.country, national }
}

pub(crate) fn landline(draw: &mut Draw, place: &Place) -> Phone {
    let code = place.dialling;
    let national = match place.country {
        Country::UnitedStates => north_american(draw, code),
        Country::UnitedKingdom if code.len() == 2 => format!("{code}7{:07}", draw.below(10_000_000)),
        Country::UnitedKingdom => format!("{code}2{:06}", draw.below(1_000_000)),
        Country::India => format!("{code}2{:07}", draw.below(10_000_000)),
        Country::Germany => format!("{code}{:07}", 2_000_000 + draw.below(7_000_000)),
        Country::France => format!("{code}{:08}", 30_000_000 + draw.below(60_000_000)),
        Country::Greece if code.len() == 3 => format!("{code}{:07}", 3_000_000 + draw.below(6_000_000)),
        Country::Greece => format!("{code}{:06}", 200_000 + draw.below(700_000)),
        Country::Bulgaria if code.len() == 1 => format!("{code}{:07}", 8_000_000 + draw.below(1_900_000)),
        Country::Bulgaria => format!("{code}{:06}", 600_000 + draw.below(300_000)),
    };
    Phone { country: place.country, national }
}

fn north_american(draw: &mut Draw, area: &str) -> String {
    // Exchanges that end in 11 are services, and 555 is nobody's.
    let exchange = loop {
        let exchange = draw.between(200, 999);
        if exchange % 100 != 11 && exchange != 555 {
            break exchange;
        }
    };
    format!("{area}{exchange}{:04}", draw.below(10_000))
}

/// What is left of a text in a mail address or a domain.
pub(crate) fn letters(text: &str) -> String {
    deunicode::deunicode(text).chars().filter(char::is_ascii_alphabetic).collect::<String>().to_lowercase()
}

/// An e-mail address as a person would choose it, at a domain that exists nowhere (RFC 2606).
pub(crate) fn email(
    draw: &mut Draw,
    given: &str,
    nickname: Option<&str>,
    family: &str,
    birth_year: i32,
    place: &Place,
) -> String {
    let first = letters(if draw.chance(600) { nickname.unwrap_or(given) } else { given });
    let last = letters(family);
    let initial = &first[..first.len().min(1)];
    let name = match draw.below(6) {
        0 => format!("{first}.{last}"),
        1 => format!("{initial}{last}"),
        2 => format!("{first}_{last}"),
        3 => format!("{last}.{first}"),
        4 => format!("{first}{last}"),
        _ => format!("{first}.{}", &last[..last.len().min(1)]),
    };
    let digits = match draw.below(4) {
        0 => format!("{:02}", birth_year % 100),
        1 => format!("{}", draw.between(1, 99)),
        2 => format!("{}", draw.between(100, 9999)),
        _ => String::new(),
    };
    // The big providers have given away every plain name.
    if draw.chance(650) {
        let digits = if digits.is_empty() { format!("{}", draw.between(10, 99_999)) } else { digits };
        let provider = draw.pick(&["mailbox", "postbin", "inbox", "brightmail", "skypost", "mymail"]);
        return format!("{name}{digits}@{provider}.example");
    }
    format!("{name}{digits}@{}{}.example", letters(place.city), draw.pick(&["net", "post", "cable", "online"]))
}
