//! The lists that are compiled in: names, nicknames, places and streets.
//!
//! Modest on purpose, about a hundred kilobytes: enough that same-name people, nicknames and shared streets come about as
//! often as they do, and small enough to live in the program, so that a bare machine needs nothing else.

use crate::GenerateError;
use crate::draw::Draw;

/// A country the company delivers to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Country {
    UnitedStates,
    UnitedKingdom,
    India,
}

/// Whose names a household bears.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Culture {
    American,
    British,
    Indian,
}

/// Male or female, as a given name has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sex {
    Female,
    Male,
}

/// Names with running totals of their weights.
#[derive(Debug)]
pub(crate) struct Weighted<T> {
    items: Vec<T>,
    totals: Vec<u64>,
}

impl<T> Weighted<T> {
    fn new(items: Vec<(T, u64)>) -> Self {
        let mut total = 0;
        let mut list = Self { items: Vec::with_capacity(items.len()), totals: Vec::with_capacity(items.len()) };
        for (item, weight) in items {
            total += weight;
            list.items.push(item);
            list.totals.push(total);
        }
        list
    }

    pub(crate) fn draw(&self, draw: &mut Draw) -> &T {
        &self.items[draw.weighted(&self.totals)]
    }
}

/// A town.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) country: Country,
    pub(crate) city: &'static str,
    pub(crate) region: &'static str,
    /// How its postcodes begin.
    pub(crate) postcode: &'static str,
    /// Its dialling code, without the trunk prefix.
    pub(crate) dialling: &'static str,
}

/// The names of one culture.
#[derive(Debug)]
struct Names {
    female: Weighted<&'static str>,
    male: Weighted<&'static str>,
    family: Weighted<&'static str>,
}

/// All lists, read.
#[derive(Debug)]
pub(crate) struct Lists {
    american: Names,
    british: Names,
    indian: Names,
    nicknames: Vec<(&'static str, Vec<&'static str>)>,
    towns: [Weighted<Place>; 3],
    streets: [Vec<&'static str>; 3],
}

// The many rare surnames of an English-speaking country, as two halves.
const TAIL_FIRST: [&str; 60] = [
    "Ash", "Black", "Brad", "Brook", "Burn", "Cald", "Carl", "Chat", "Clay", "Colt", "Cran", "Dal", "Dar", "Den",
    "Dun", "East", "Ed", "Elk", "Fair", "Farn", "Glen", "Gran", "Green", "Hal", "Ham", "Har", "Haver", "Hazel", "Hol",
    "Hunt", "Ken", "King", "Kirk", "Lang", "Lind", "Long", "Mar", "Mel", "Mid", "Mill", "Nor", "North", "Oak", "Or",
    "Pem", "Pen", "Ray", "Red", "Rock", "Row", "Sand", "Shel", "Stan", "Sut", "Thorn", "Wal", "War", "West", "Wick",
    "Win",
];
const TAIL_SECOND: [&str; 32] = [
    "berg", "bourne", "bridge", "brook", "bury", "by", "cliff", "combe", "cott", "croft", "dale", "den", "field",
    "ford", "gate", "ham", "hurst", "land", "ley", "man", "mere", "more", "shaw", "stead", "stein", "stone", "strom",
    "ton", "well", "wick", "worth", "wood",
];

impl Lists {
    /// Reads the lists.
    pub(crate) fn read() -> Result<Self, GenerateError> {
        Ok(Self {
            american: Names {
                female: names("us_female", include_str!("../lists/us_female.csv"))?,
                male: names("us_male", include_str!("../lists/us_male.csv"))?,
                family: names("us_family", include_str!("../lists/us_family.csv"))?,
            },
            british: Names {
                female: names("british_female", include_str!("../lists/british_female.csv"))?,
                male: names("british_male", include_str!("../lists/british_male.csv"))?,
                family: names("british_family", include_str!("../lists/british_family.csv"))?,
            },
            indian: Names {
                female: names("indian_female", include_str!("../lists/indian_female.csv"))?,
                male: names("indian_male", include_str!("../lists/indian_male.csv"))?,
                family: names("indian_family", include_str!("../lists/indian_family.csv"))?,
            },
            nicknames: nicknames()?,
            towns: towns()?,
            streets: streets()?,
        })
    }

    fn of(&self, culture: Culture) -> &Names {
        match culture {
            Culture::American => &self.american,
            Culture::British => &self.british,
            Culture::Indian => &self.indian,
        }
    }

    /// A given name.
    pub(crate) fn given(&self, draw: &mut Draw, culture: Culture, sex: Sex) -> &'static str {
        let names = self.of(culture);
        match sex {
            Sex::Female => names.female.draw(draw),
            Sex::Male => names.male.draw(draw),
        }
    }

    /// A family name: one of the list, or of the long tail that no list of this size holds.
    pub(crate) fn family(&self, draw: &mut Draw, culture: Culture) -> String {
        let tail = match culture {
            Culture::American => 400,
            Culture::British => 150,
            Culture::Indian => 0,
        };
        if draw.chance(tail) {
            return format!("{}{}", draw.pick(&TAIL_FIRST), draw.pick(&TAIL_SECOND));
        }
        (*self.of(culture).family.draw(draw)).to_string()
    }

    /// The short forms of a given name; none for most.
    pub(crate) fn nicknames(&self, given: &str) -> &[&'static str] {
        match self.nicknames.binary_search_by(|(name, _)| (*name).cmp(given)) {
            Ok(place) => &self.nicknames[place].1,
            Err(_) => &[],
        }
    }

    /// A town of a country.
    pub(crate) fn town(&self, draw: &mut Draw, country: Country) -> &Place {
        self.towns[country as usize].draw(draw)
    }

    /// The streets of a country.
    pub(crate) fn streets(&self, country: Country) -> &[&'static str] {
        &self.streets[country as usize]
    }
}

/// The rows of a list, comments and header left out, split at every comma into `N` parts.
fn rows<const N: usize>(list: &'static str, text: &'static str) -> Result<Vec<[&'static str; N]>, GenerateError> {
    let lines = text.lines().enumerate().filter(|(_, line)| !line.starts_with('#') && !line.is_empty());
    lines
        .skip(1)
        .map(|(at, line)| {
            let parts: Vec<&str> = line.split(',').collect();
            parts.try_into().map_err(|_| GenerateError::List { list, line: at + 1 })
        })
        .collect()
}

fn names(list: &'static str, text: &'static str) -> Result<Weighted<&'static str>, GenerateError> {
    let mut items = Vec::new();
    for (at, [name, weight]) in rows::<2>(list, text)?.into_iter().enumerate() {
        items.push((name, number(list, at, weight)?));
    }
    Ok(Weighted::new(items))
}

fn number(list: &'static str, at: usize, text: &str) -> Result<u64, GenerateError> {
    text.parse().map_err(|_| GenerateError::List { list, line: at + 3 })
}

fn nicknames() -> Result<Vec<(&'static str, Vec<&'static str>)>, GenerateError> {
    let read = rows::<2>("nicknames", include_str!("../lists/nicknames.csv"))?;
    let mut forms: Vec<_> = read.into_iter().map(|[name, forms]| (name, forms.split(' ').collect())).collect();
    forms.sort_unstable_by_key(|(name, _)| *name);
    Ok(forms)
}

fn country(list: &'static str, at: usize, code: &str) -> Result<Country, GenerateError> {
    match code {
        "US" => Ok(Country::UnitedStates),
        "GB" => Ok(Country::UnitedKingdom),
        "IN" => Ok(Country::India),
        _ => Err(GenerateError::List { list, line: at + 3 }),
    }
}

fn towns() -> Result<[Weighted<Place>; 3], GenerateError> {
    let mut towns = [Vec::new(), Vec::new(), Vec::new()];
    let read = rows::<6>("places", include_str!("../lists/places.csv"))?;
    for (at, [code, city, region, postcode, dialling, weight]) in read.into_iter().enumerate() {
        let country = country("places", at, code)?;
        let place = Place { country, city, region, postcode, dialling };
        towns[country as usize].push((place, number("places", at, weight)?));
    }
    Ok(towns.map(Weighted::new))
}

fn streets() -> Result<[Vec<&'static str>; 3], GenerateError> {
    let mut streets = [Vec::new(), Vec::new(), Vec::new()];
    for (at, [code, name]) in rows::<2>("streets", include_str!("../lists/streets.csv"))?.into_iter().enumerate() {
        streets[country("streets", at, code)? as usize].push(name);
    }
    Ok(streets)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;
    use crate::draw::Topic;

    #[test]
    fn the_lists_read_and_every_country_has_towns_and_streets() {
        let lists = Lists::read().unwrap();
        for country in [Country::UnitedStates, Country::UnitedKingdom, Country::India] {
            let town = lists.town(&mut Draw::new(1, Topic::Crm, 1), country);
            assert_eq!(town.country, country);
            assert!(lists.streets(country).len() > 30);
        }
        assert!(lists.nicknames("Robert").contains(&"Bob"));
        assert!(lists.nicknames("Zebediah").is_empty());
    }
}
