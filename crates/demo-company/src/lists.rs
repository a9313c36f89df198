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
    Germany,
    France,
    Greece,
    Bulgaria,
}

impl Country {
    /// All of them, in the order of their numbers.
    pub(crate) const ALL: [Self; 7] = [
        Self::UnitedStates,
        Self::UnitedKingdom,
        Self::India,
        Self::Germany,
        Self::France,
        Self::Greece,
        Self::Bulgaria,
    ];

    /// The two letters of ISO 3166.
    pub(crate) fn code(self) -> &'static str {
        ["US", "GB", "IN", "DE", "FR", "GR", "BG"][self as usize]
    }

    /// The name in English.
    pub(crate) fn name(self) -> &'static str {
        ["United States", "United Kingdom", "India", "Germany", "France", "Greece", "Bulgaria"][self as usize]
    }

    fn of_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|country| country.code() == code)
    }
}

/// Whose names a household bears.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Culture {
    American,
    British,
    Indian,
    German,
    French,
    Greek,
    Bulgarian,
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
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) country: Country,
    pub(crate) city: &'static str,
    pub(crate) region: &'static str,
    /// How its postcodes begin.
    pub(crate) postcode: &'static str,
    /// Its dialling code, without the trunk prefix.
    pub(crate) dialling: &'static str,
    /// The state or province by its full name, also where addresses leave it out.
    pub(crate) area: &'static str,
    /// The sales territory.
    pub(crate) territory: &'static str,
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
    /// By culture.
    names: [Names; 7],
    nicknames: Vec<(&'static str, Vec<&'static str>)>,
    /// Names in Latin letters and in their own script.
    scripts: Vec<(&'static str, &'static str)>,
    /// By country.
    towns: [Weighted<Place>; 7],
    /// By country.
    streets: [Vec<&'static str>; 7],
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

/// The three lists of a culture.
macro_rules! culture {
    ($female:literal, $male:literal, $family:literal) => {
        Names {
            female: names($female, include_str!(concat!("../lists/", $female, ".csv")))?,
            male: names($male, include_str!(concat!("../lists/", $male, ".csv")))?,
            family: names($family, include_str!(concat!("../lists/", $family, ".csv")))?,
        }
    };
}

impl Lists {
    /// Reads the lists.
    pub(crate) fn read() -> Result<Self, GenerateError> {
        Ok(Self {
            names: [
                culture!("us_female", "us_male", "us_family"),
                culture!("british_female", "british_male", "british_family"),
                culture!("indian_female", "indian_male", "indian_family"),
                culture!("german_female", "german_male", "german_family"),
                culture!("french_female", "french_male", "french_family"),
                culture!("greek_female", "greek_male", "greek_family"),
                culture!("bulgarian_female", "bulgarian_male", "bulgarian_family"),
            ],
            nicknames: nicknames()?,
            scripts: scripts()?,
            towns: towns()?,
            streets: streets()?,
        })
    }

    fn of(&self, culture: Culture) -> &Names {
        &self.names[culture as usize]
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
            _ => 0,
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

    /// A name in its own script, where it has one and the list knows it.
    pub(crate) fn native(&self, latin: &str) -> Option<String> {
        let find = |name: &str| self.scripts.binary_search_by(|(latin, _)| (*latin).cmp(name)).ok();
        if let Some(place) = find(latin) {
            return Some(self.scripts[place].1.to_string());
        }
        // A Bulgarian woman's family name ends in an a that the list leaves out.
        let place = find(latin.strip_suffix('a').filter(|name| name.ends_with('v'))?)?;
        Some(format!("{}а", self.scripts[place].1))
    }

    /// All towns, by country and in the order of the list.
    pub(crate) fn all_towns(&self) -> impl Iterator<Item = &Place> {
        self.towns.iter().flat_map(|towns| towns.items.iter())
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

fn scripts() -> Result<Vec<(&'static str, &'static str)>, GenerateError> {
    let read = rows::<3>("scripts", include_str!("../lists/scripts.csv"))?;
    let mut names: Vec<_> = read.into_iter().map(|[_, latin, name]| (latin, name)).collect();
    // Some names are at home in two scripts; the first of the list counts.
    names.sort_by_key(|(latin, _)| *latin);
    names.dedup_by_key(|(latin, _)| *latin);
    Ok(names)
}

fn country(list: &'static str, at: usize, code: &str) -> Result<Country, GenerateError> {
    Country::of_code(code).ok_or(GenerateError::List { list, line: at + 3 })
}

fn towns() -> Result<[Weighted<Place>; 7], GenerateError> {
    let mut towns = Country::ALL.map(|_| Vec::new());
    let read = rows::<8>("places", include_str!("../lists/places.csv"))?;
    for (at, [code, city, region, postcode, dialling, weight, area, territory]) in read.into_iter().enumerate() {
        let country = country("places", at, code)?;
        let place = Place { country, city, region, postcode, dialling, area, territory };
        towns[country as usize].push((place, number("places", at, weight)?));
    }
    Ok(towns.map(Weighted::new))
}

fn streets() -> Result<[Vec<&'static str>; 7], GenerateError> {
    let mut streets = Country::ALL.map(|_| Vec::new());
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
        for country in Country::ALL {
            let town = lists.town(&mut Draw::new(1, Topic::Record, 1), country);
            assert_eq!(town.country, country);
            assert!(lists.streets(country).len() >= 30);
        }
        assert_eq!(lists.native("Georgios"), Some("Γεώργιος".to_string()));
        assert_eq!(lists.native("Ivanova"), Some("Иванова".to_string()));
        assert_eq!(lists.native("Zebediah"), None);
        assert!(lists.nicknames("Robert").contains(&"Bob"));
        assert!(lists.nicknames("Zebediah").is_empty());
    }
}
