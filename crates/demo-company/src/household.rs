//! Who lives where: persons as they are, drawn household by household.
//!
//! Persons are not drawn alone, because what makes records hard to tell apart is shared: a surname, a street, a landline,
//! a birthday. Shares are chosen so that about nine pairs of records in ten can be resolved by what they hold, and the
//! last one cannot.

use chrono::{Datelike, NaiveDate};

use crate::contact::{Address, Phone, address, email, landline, mobile};
use crate::draw::{Draw, Topic};
use crate::lists::{Country, Culture, Lists, Sex};

/// What makes a person's records hard to resolve; the first of the list that holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// A row that stands for nobody.
    Junk,
    /// Born on the same day at the same address.
    Twin,
    /// Father and son of one name.
    Junior,
    /// One system knows the name before the marriage.
    Marriage,
    /// One system knows the address before the move.
    Move,
    /// Others of the household are customers too.
    Household,
    /// One system knows the short form of the given name.
    Nickname,
    /// Somebody mistyped.
    Typo,
    /// Nothing of the kind.
    Plain,
}

impl Trouble {
    /// The word in `truth.csv`.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Junk => "junk",
            Self::Twin => "twin",
            Self::Junior => "junior",
            Self::Marriage => "marriage",
            Self::Move => "move",
            Self::Household => "household",
            Self::Nickname => "nickname",
            Self::Typo => "typo",
            Self::Plain => "plain",
        }
    }
}

/// The systems that know a person, and whether twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Known {
    /// Records in the CRM: 0, 1 or 2.
    pub(crate) crm: u64,
    /// Accounts in the web shop: 0, 1 or 2.
    pub(crate) shop: u64,
}

/// A person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Person {
    /// Counted from 0 through all nights; names the person in every stream and key.
    pub(crate) ordinal: u64,
    /// The night the person became a customer; 1 for the first state.
    pub(crate) since: u32,
    pub(crate) sex: Sex,
    pub(crate) title: &'static str,
    pub(crate) given: &'static str,
    pub(crate) nickname: Option<&'static str>,
    pub(crate) family: String,
    pub(crate) former_family: Option<String>,
    pub(crate) suffix: &'static str,
    pub(crate) birth: NaiveDate,
    pub(crate) home: Address,
    pub(crate) former_home: Option<Address>,
    pub(crate) mobile: Phone,
    pub(crate) landline: Option<Phone>,
    pub(crate) email: String,
    pub(crate) other_email: Option<String>,
    pub(crate) mistyped: bool,
    pub(crate) known: Known,
    pub(crate) trouble: Trouble,
}

impl Person {
    /// The person's name in the truth.
    pub(crate) fn true_id(&self) -> String {
        format!("P{:08}", self.ordinal)
    }
}

/// How many persons become customers in each night after the first.
pub(crate) fn growth(customers: u64) -> u64 {
    (customers / 200).max(1)
}

/// Every person who ever was a customer until a night, in the order of their ordinals. One household is in memory at a time.
pub(crate) struct Population<'a> {
    lists: &'a Lists,
    seed: u64,
    customers: u64,
    until: u32,
    night: u32,
    household: u64,
    next: u64,
    end: u64,
    waiting: std::vec::IntoIter<Person>,
}

impl<'a> Population<'a> {
    pub(crate) fn new(lists: &'a Lists, seed: u64, customers: u64, until: u32) -> Self {
        let waiting = Vec::new().into_iter();
        Self { lists, seed, customers, until, night: 1, household: 0, next: 0, end: customers, waiting }
    }
}

impl Iterator for Population<'_> {
    type Item = Person;

    fn next(&mut self) -> Option<Person> {
        loop {
            if let Some(person) = self.waiting.next() {
                return Some(person);
            }
            if self.next == self.end {
                if self.night == self.until {
                    return None;
                }
                self.night += 1;
                self.household = 0;
                self.end += growth(self.customers);
            }
            let stream = (u64::from(self.night - 1) << 40) | self.household;
            let mut persons = Builder::new(self.lists, Draw::new(self.seed, Topic::Household, stream)).household();
            persons.truncate((self.end - self.next) as usize);
            for (place, person) in persons.iter_mut().enumerate() {
                person.ordinal = self.next + place as u64;
                person.since = self.night;
            }
            self.next += persons.len() as u64;
            self.household += 1;
            self.waiting = persons.into_iter();
        }
    }
}

/// Draws one household.
struct Builder<'a> {
    lists: &'a Lists,
    draw: Draw,
    culture: Culture,
    home: Address,
    former_home: Option<Address>,
    landline: Option<Phone>,
}

impl<'a> Builder<'a> {
    fn new(lists: &'a Lists, mut draw: Draw) -> Self {
        let (country, culture) = where_from(&mut draw);
        let town = lists.town(&mut draw, country).clone();
        let home = address(lists, &mut draw, &town);
        let former_home = draw.chance(120).then(|| {
            let before = if draw.chance(500) { town.clone() } else { lists.town(&mut draw, country).clone() };
            address(lists, &mut draw, &before)
        });
        let landline = draw.chance(550).then(|| landline(&mut draw, &town));
        Self { lists, draw, culture, home, former_home, landline }
    }

    fn household(mut self) -> Vec<Person> {
        let mut persons = match self.draw.below(1000) {
            0..4 => return vec![self.junk()],
            4..224 => self.couple(),
            224..284 => self.parents_and_children(),
            284..296 => self.juniors(),
            296..306 => self.twins(),
            306..341 => self.flatmates(),
            _ => vec![self.adult(None)],
        };
        if persons.len() > 1 {
            for person in persons.iter_mut().filter(|p| !matches!(p.trouble, Trouble::Twin | Trouble::Junior)) {
                person.trouble = Trouble::Household;
            }
        }
        self.settle(&mut persons);
        persons
    }

    /// One adult; with the family name of another where it is given.
    fn adult(&mut self, family: Option<&str>) -> Person {
        let sex = if self.draw.chance(510) { Sex::Female } else { Sex::Male };
        let birth_year = self.draw.between(1938, 2005) as i32;
        self.person(sex, birth_year, family)
    }

    fn person(&mut self, sex: Sex, birth_year: i32, family: Option<&str>) -> Person {
        let draw = &mut self.draw;
        let given = self.lists.given(draw, self.culture, sex);
        let family = match family {
            Some(name) => name.to_string(),
            None => family_name(self.lists, draw, self.culture),
        };
        let nicknames = self.lists.nicknames(given);
        let nickname = (!nicknames.is_empty() && draw.chance(280)).then(|| draw.pick(nicknames));
        let birth = day_of_year(birth_year, draw.between(1, 365) as u32);
        Person {
            ordinal: 0,
            since: 1,
            sex,
            title: title(draw, sex, self.culture),
            given,
            nickname,
            former_family: None,
            suffix: "",
            birth,
            home: self.home.clone(),
            former_home: self.former_home.clone(),
            mobile: mobile(draw, &self.home.place),
            landline: self.landline.clone(),
            email: email(draw, given, nickname, &family, birth_year, &self.home.place),
            other_email: draw.chance(350).then(|| email(draw, given, nickname, &family, birth_year, &self.home.place)),
            mistyped: draw.chance(80),
            known: known(draw),
            trouble: Trouble::Plain,
            family,
        }
    }

    fn couple(&mut self) -> Vec<Person> {
        let first = self.adult(None);
        let year = (first.birth.year() + self.draw.between(-7, 7) as i32).clamp(1938, 2005);
        let sex = if first.sex == Sex::Female { Sex::Male } else { Sex::Female };
        let same_name = self.draw.chance(800);
        let mut second = self.person(sex, year, same_name.then_some(first.family.as_str()));
        if same_name && self.draw.chance(220) {
            let maiden = family_name(self.lists, &mut self.draw, self.culture);
            second.former_family = Some(maiden);
        }
        let mut persons = vec![first, second];
        if self.draw.chance(60) {
            let shared = persons[0].email.clone();
            persons[1].other_email = Some(shared);
        }
        persons
    }

    fn parents_and_children(&mut self) -> Vec<Person> {
        let mut persons = self.couple();
        let family = persons[0].family.clone();
        let oldest = persons.iter().map(|p| p.birth.year()).max().unwrap_or(1960).min(1982);
        for _ in 0..self.draw.between(1, 2) {
            let sex = if self.draw.chance(500) { Sex::Female } else { Sex::Male };
            let year = (oldest + self.draw.between(20, 34) as i32).min(2006);
            persons.push(self.person(sex, year, Some(&family)));
        }
        persons
    }

    fn juniors(&mut self) -> Vec<Person> {
        let year = self.draw.between(1940, 1975) as i32;
        let mut father = self.person(Sex::Male, year, None);
        let born = year + self.draw.between(21, 31) as i32;
        let mut son = self.person(Sex::Male, born, Some(&father.family));
        son.given = father.given;
        son.nickname = None;
        son.email = email(&mut self.draw, son.given, None, &son.family, son.birth.year(), &self.home.place);
        son.other_email = None;
        son.suffix = "Jr";
        father.suffix = if self.draw.chance(300) { "Sr" } else { "" };
        father.trouble = Trouble::Junior;
        son.trouble = Trouble::Junior;
        vec![father, son]
    }

    fn twins(&mut self) -> Vec<Person> {
        let first = self.adult(None);
        let sex = if self.draw.chance(650) { first.sex } else { Sex::Female };
        let mut second = self.person(sex, first.birth.year(), Some(&first.family));
        // Parents like names that begin alike; two of one name would be no twins.
        for _ in 0..40 {
            let alike = second.given.chars().next() == first.given.chars().next();
            if second.given != first.given && alike {
                break;
            }
            second = self.person(sex, first.birth.year(), Some(&first.family));
        }
        if second.given == first.given {
            return vec![first];
        }
        second.birth = first.birth;
        let mut persons = vec![first, second];
        for person in &mut persons {
            person.trouble = Trouble::Twin;
        }
        persons
    }

    fn flatmates(&mut self) -> Vec<Person> {
        self.landline = None;
        (0..self.draw.between(2, 3)).map(|_| self.adult(None)).collect()
    }

    /// A row that stands for nobody: a test, a till, a name not to be used.
    fn junk(&mut self) -> Person {
        let mut person = self.adult(None);
        let (given, family) = self.draw.pick(&[
            ("Test", "Customer"),
            ("Test", "Test"),
            ("Cash", "Sale"),
            ("Do Not", "Use"),
            ("Walk In", "Customer"),
            ("Xxx", "Xxx"),
        ]);
        person.given = given;
        person.family = family.to_string();
        person.known = Known { crm: 1, shop: 0 };
        person.trouble = Trouble::Junk;
        person
    }

    /// Says what is left to say about the trouble of each person.
    fn settle(&self, persons: &mut [Person]) {
        for person in persons {
            let settled = match person.trouble {
                Trouble::Junk | Trouble::Twin | Trouble::Junior => person.trouble,
                _ if person.former_family.is_some() => Trouble::Marriage,
                _ if self.former_home.is_some() => Trouble::Move,
                Trouble::Plain if person.nickname.is_some() => Trouble::Nickname,
                Trouble::Plain if person.mistyped => Trouble::Typo,
                other => other,
            };
            person.trouble = settled;
        }
    }
}

fn where_from(draw: &mut Draw) -> (Country, Culture) {
    match draw.below(100) {
        0..64 => (Country::UnitedStates, Culture::American),
        64..69 => (Country::UnitedStates, Culture::Indian),
        69..72 => (Country::UnitedStates, Culture::British),
        72..86 => (Country::UnitedKingdom, Culture::British),
        86..88 => (Country::UnitedKingdom, Culture::Indian),
        _ => (Country::India, Culture::Indian),
    }
}

fn known(draw: &mut Draw) -> Known {
    let (crm, shop) = match draw.below(10) {
        0..6 => (1, 1),
        6..8 => (1, 0),
        _ => (0, 1),
    };
    let again = |draw: &mut Draw, records: u64, per_mille: u64| records + records * u64::from(draw.chance(per_mille));
    Known { crm: again(draw, crm, 40), shop: again(draw, shop, 30) }
}

fn title(draw: &mut Draw, sex: Sex, culture: Culture) -> &'static str {
    match (draw.below(100), sex, culture) {
        (0..3, _, _) => "Dr",
        (3..20, Sex::Male, Culture::Indian) => "Shri",
        (3..20, Sex::Female, Culture::Indian) => "Smt",
        (_, Sex::Male, _) => "Mr",
        (20..60, Sex::Female, _) => "Mrs",
        (_, Sex::Female, _) => "Ms",
    }
}

fn family_name(lists: &Lists, draw: &mut Draw, culture: Culture) -> String {
    let name = lists.family(draw, culture);
    if culture == Culture::British && draw.chance(20) {
        return format!("{name}-{}", lists.family(draw, culture));
    }
    name
}

/// A day by its place in the year, 1 to 365.
pub(crate) fn day_of_year(year: i32, place: u32) -> NaiveDate {
    NaiveDate::from_yo_opt(year, place.clamp(1, 365)).unwrap_or_default()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    fn persons(customers: u64, night: u32) -> Vec<Person> {
        Population::new(&Lists::read().unwrap(), 1, customers, night).collect()
    }

    #[test]
    fn there_are_as_many_as_asked_for_and_each_night_adds_some() {
        for customers in [1, 2, 7, 1000] {
            assert_eq!(persons(customers, 1).len() as u64, customers);
            assert_eq!(persons(customers, 4).len() as u64, customers + 3 * growth(customers));
        }
        let (first, later) = (persons(500, 1), persons(500, 3));
        assert_eq!(first, later[..500], "whoever was there stays who they are");
        assert!(later.iter().enumerate().all(|(place, p)| p.ordinal == place as u64));
    }

    #[test]
    fn the_company_has_every_trouble_at_a_sane_rate() {
        let all = persons(20_000, 1);
        let share = |trouble| all.iter().filter(|p| p.trouble == trouble).count() as f64 / all.len() as f64;
        for (trouble, low, high) in [
            (Trouble::Junk, 0.001, 0.006),
            (Trouble::Twin, 0.008, 0.02),
            (Trouble::Junior, 0.01, 0.025),
            (Trouble::Marriage, 0.02, 0.06),
            (Trouble::Move, 0.08, 0.14),
            (Trouble::Household, 0.3, 0.5),
            (Trouble::Nickname, 0.03, 0.10),
            (Trouble::Typo, 0.01, 0.05),
            (Trouble::Plain, 0.25, 0.45),
        ] {
            assert!((low..high).contains(&share(trouble)), "{}: {}", trouble.name(), share(trouble));
        }
        let both = all.iter().filter(|p| p.known.crm > 0 && p.known.shop > 0).count() as f64 / all.len() as f64;
        assert!((0.57..0.63).contains(&both), "{both}");
    }

    #[test]
    fn twins_share_birthday_and_address_and_juniors_their_name() {
        let all = persons(20_000, 1);
        let pairs =
            |trouble| all.windows(2).filter(move |w| w.iter().all(|p| p.trouble == trouble) && w[0].home == w[1].home);
        assert!(pairs(Trouble::Twin).count() > 50);
        for twins in pairs(Trouble::Twin) {
            assert_eq!(twins[0].birth, twins[1].birth);
            assert_ne!(twins[0].given, twins[1].given);
        }
        for pair in pairs(Trouble::Junior) {
            assert_eq!((pair[0].given, &pair[0].family), (pair[1].given, &pair[1].family));
            assert!(pair[1].birth.year() - pair[0].birth.year() >= 20);
        }
    }
}
