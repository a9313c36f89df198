//! Who lives where: persons as they are, drawn household by household.
//!
//! Persons are not drawn alone, because what makes records hard to tell apart is shared: a surname, a street, a landline,
//! a mailbox, a birthday. How much of it there is depends on the hardness.

use chrono::{Datelike, NaiveDate};

use crate::contact::{Address, Phone, address, email, landline, letters, mobile};
use crate::draw::{Draw, Topic};
use crate::employer::{self, employers};
use crate::hardness::{Hardness, Rate};
use crate::lists::{Country, Culture, Lists, Sex};
use crate::person::{Known, Person, System, Trouble};

/// Households that are a row which stands for nobody, of a thousand households.
pub(crate) const JUNK: Rate = Rate(2, 6);
/// Households of a father and a son of one name, of a thousand households.
pub(crate) const JUNIORS: Rate = Rate(4, 20);
/// Households of twins, of a thousand households.
pub(crate) const TWINS: Rate = Rate(3, 17);
/// Couples, of a thousand households.
pub(crate) const COUPLES: Rate = Rate(110, 340);
/// Couples with grown children, of a thousand households.
pub(crate) const FAMILIES: Rate = Rate(20, 120);
/// People who share a flat, of a thousand households.
pub(crate) const FLATMATES: Rate = Rate(15, 55);
/// Households that moved before the first night and that some systems know at the former address, of a thousand.
pub(crate) const MOVES: Rate = Rate(60, 170);
/// Couples of one name where some systems know a partner's former name, of a thousand such couples.
pub(crate) const MARRIAGES: Rate = Rate(100, 300);
/// Every second household may be that of somebody who has the name of another in the same town: of a thousand of these.
pub(crate) const NAMESAKES: Rate = Rate(2, 60);
/// Persons who go by a short form of their name, of a thousand whose name has one.
pub(crate) const NICKNAMES: Rate = Rate(160, 380);
/// Persons whose data are often mistyped, of a thousand.
pub(crate) const TYPOS: Rate = Rate(40, 110);
/// Persons who write their name in another script, of a thousand whose name has one.
pub(crate) const SCRIPTS: Rate = Rate(150, 350);
/// Persons who give the number of their employer, of a thousand who are known to have one.
pub(crate) const SWITCHBOARDS: Rate = Rate(150, 450);
/// Persons who use the mailbox of another of their household, of a thousand in couples and families.
pub(crate) const SHARED_MAILBOXES: Rate = Rate(0, 120);
/// Persons whose employer some system knows, of a thousand.
const EMPLOYED: u64 = 180;

/// How many persons become customers in each night after the first.
pub(crate) fn growth(customers: u64) -> u64 {
    (customers / 200).max(1)
}

/// What persons are drawn from.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Origin<'a> {
    pub(crate) lists: &'a Lists,
    pub(crate) seed: u64,
    pub(crate) customers: u64,
    pub(crate) hardness: Hardness,
}

/// Every person who ever was a customer until a night, in the order of their ordinals. One household is in memory at a time.
pub(crate) struct Population<'a> {
    origin: Origin<'a>,
    until: u32,
    night: u32,
    household: u64,
    next: u64,
    end: u64,
    waiting: std::vec::IntoIter<Person>,
}

impl<'a> Population<'a> {
    pub(crate) fn new(origin: Origin<'a>, until: u32) -> Self {
        let waiting = Vec::new().into_iter();
        Self { origin, until, night: 1, household: 0, next: 0, end: origin.customers, waiting }
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
                self.end += growth(self.origin.customers);
            }
            let stream = (u64::from(self.night - 1) << 40) | self.household;
            let mut persons = household(self.origin, stream);
            persons.truncate((self.end - self.next) as usize);
            for (place, person) in persons.iter_mut().enumerate() {
                person.ordinal = self.next + place as u64;
                person.since = self.night;
                person.household = stream;
            }
            self.next += persons.len() as u64;
            self.household += 1;
            self.waiting = persons.into_iter();
        }
    }
}

/// The persons of one household. Every second household may bear the name of the one before it.
fn household(origin: Origin<'_>, stream: u64) -> Vec<Person> {
    let named_after = |stream: u64| {
        stream % 2 == 1 && Draw::new(origin.seed, Topic::Namesake, stream).chance(origin.hardness.rate(NAMESAKES))
    };
    if named_after(stream) {
        let before = Builder::new(origin, stream - 1, None).household();
        if let Some(first) = before.first().filter(|first| !first.has(Trouble::Junk)) {
            return vec![Builder::new(origin, stream, Some(first)).namesake(first)];
        }
    }
    let mut persons = Builder::new(origin, stream, None).household();
    if let Some(first) = persons.first_mut().filter(|first| named_after(stream + 1) && !first.has(Trouble::Junk)) {
        first.troubles.add(Trouble::Namesake);
    }
    persons
}

/// Draws the persons of a household of one shape.
type Shape<'a> = fn(&mut Builder<'a>) -> Vec<Person>;

/// Draws one household.
struct Builder<'a> {
    origin: Origin<'a>,
    draw: Draw,
    culture: Culture,
    home: Address,
    former_home: Option<Address>,
    landline: Option<Phone>,
}

impl<'a> Builder<'a> {
    fn new(origin: Origin<'a>, stream: u64, namesake: Option<&Person>) -> Self {
        let lists = origin.lists;
        let mut draw = Draw::new(origin.seed, Topic::Household, stream);
        let (country, culture) = where_from(&mut draw);
        let drawn = *lists.town(&mut draw, country);
        let town = namesake.map_or(drawn, |person| person.home.place);
        let home = address(lists, &mut draw, &town);
        let moved = draw.chance(origin.hardness.rate(MOVES));
        let former_home = moved.then(|| {
            let before = if draw.chance(500) { town } else { *lists.town(&mut draw, town.country) };
            address(lists, &mut draw, &before)
        });
        let landline = draw.chance(550).then(|| landline(&mut draw, &town));
        Self { origin, draw, culture, home, former_home, landline }
    }

    fn household(mut self) -> Vec<Person> {
        let lot = self.draw.below(1000);
        let mut until = 0;
        let mut persons = Vec::new();
        let shapes: [(Rate, Shape<'a>); 6] = [
            (JUNK, |b| vec![b.junk()]),
            (JUNIORS, Self::juniors),
            (TWINS, Self::twins),
            (FLATMATES, Self::flatmates),
            (FAMILIES, Self::parents_and_children),
            (COUPLES, Self::couple),
        ];
        for (rate, shape) in shapes {
            until += self.origin.hardness.rate(rate);
            if lot < until {
                persons = shape(&mut self);
                break;
            }
        }
        if persons.is_empty() {
            persons.push(self.adult(None));
        }
        if persons.len() > 1 {
            mark(&mut persons, Trouble::Household);
        }
        persons
    }

    /// Somebody who has the name of another.
    fn namesake(mut self, of: &Person) -> Person {
        let mut person = self.adult(Some(&of.family));
        (person.sex, person.given, person.title) = (of.sex, of.given, of.title);
        person.nickname = person.nickname.and(of.nickname);
        if person.nickname.is_none() {
            person.troubles.remove(Trouble::Nickname);
        }
        person.troubles.remove(Trouble::Script);
        self.new_mailbox(&mut person);
        person.troubles.add(Trouble::Namesake);
        person
    }

    /// One adult; with the family name of another where it is given.
    fn adult(&mut self, family: Option<&str>) -> Person {
        let sex = if self.draw.chance(510) { Sex::Female } else { Sex::Male };
        let birth_year = self.draw.between(1938, 2005) as i32;
        self.person(sex, birth_year, family)
    }

    fn person(&mut self, sex: Sex, birth_year: i32, family: Option<&str>) -> Person {
        let Origin { lists, hardness, .. } = self.origin;
        let draw = &mut self.draw;
        let given = lists.given(draw, self.culture, sex);
        let family = match family {
            Some(name) => name.to_string(),
            None => family_name(lists, draw, self.culture, sex),
        };
        let nicknames = lists.nicknames(given);
        let nickname = (!nicknames.is_empty() && draw.chance(hardness.rate(NICKNAMES))).then(|| draw.pick(nicknames));
        let birth = day_of_year(birth_year, draw.between(1, 365) as u32);
        let place = &self.home.place;
        let email_of = |draw: &mut Draw| email(draw, given, nickname, &family, birth_year, place);
        let mut person = Person {
            ordinal: 0,
            since: 1,
            household: 0,
            sex,
            title: title(draw, sex, self.culture),
            given,
            nickname,
            former_family: None,
            suffix: "",
            birth,
            home: self.home.clone(),
            former_home: self.former_home.clone(),
            mobile: mobile(draw, place),
            landline: self.landline.clone(),
            email: email_of(draw),
            other_email: draw.chance(350).then(|| email_of(draw)),
            employer: None,
            known: known(draw),
            troubles: crate::person::Troubles::default(),
            family,
        };
        self.give_troubles(&mut person);
        person
    }

    /// The troubles that come to a person alone.
    fn give_troubles(&mut self, person: &mut Person) {
        let Origin { lists, seed, customers, hardness } = self.origin;
        let draw = &mut self.draw.fork();
        let mut add = |happens: bool, trouble| {
            if happens {
                person.troubles.add(trouble);
            }
        };
        add(draw.chance(hardness.rate(TYPOS)), Trouble::Typo);
        add(self.former_home.is_some(), Trouble::Move);
        add(person.nickname.is_some(), Trouble::Nickname);
        let native = lists.native(person.given).is_some() && lists.native(&person.family).is_some();
        add(draw.chance(hardness.rate(SCRIPTS)) && native, Trouble::Script);
        let employed = draw.chance(EMPLOYED);
        let switchboard = draw.chance(hardness.rate(SWITCHBOARDS));
        if employed {
            let country = self.home.place.country;
            let firm = employer::of_country(lists, seed, draw, country, employers(customers));
            person.employer = firm.map(Box::new);
        }
        if person.employer.is_some() && switchboard {
            person.troubles.add(Trouble::Switchboard);
        }
    }

    fn new_mailbox(&mut self, person: &mut Person) {
        let (nickname, year) = (person.nickname, person.birth.year());
        person.email = email(&mut self.draw, person.given, nickname, &person.family, year, &self.home.place);
        person.other_email = None;
    }

    fn couple(&mut self) -> Vec<Person> {
        let first = self.adult(None);
        let year = (first.birth.year() + self.draw.between(-7, 7) as i32).clamp(1938, 2005);
        let sex = if first.sex == Sex::Female { Sex::Male } else { Sex::Female };
        let same_name = self.draw.chance(800);
        let mut second = self.person(sex, year, same_name.then_some(first.family.as_str()));
        let married = self.draw.chance(self.origin.hardness.rate(MARRIAGES));
        if same_name && married {
            second.former_family = Some(family_name(self.origin.lists, &mut self.draw, self.culture, sex));
            second.troubles.add(Trouble::Marriage);
        }
        self.share_mailbox(&first, &mut second);
        vec![first, second]
    }

    /// One mailbox for the house: it becomes the address that the person gives first.
    fn share_mailbox(&mut self, with: &Person, person: &mut Person) {
        let shares = self.draw.chance(self.origin.hardness.rate(SHARED_MAILBOXES));
        if shares {
            person.other_email = Some(std::mem::replace(&mut person.email, with.email.clone()));
        }
    }

    fn parents_and_children(&mut self) -> Vec<Person> {
        let mut persons = self.couple();
        let family = persons[0].family.clone();
        let oldest = persons.iter().map(|p| p.birth.year()).max().unwrap_or(1960).min(1982);
        for _ in 0..self.draw.between(1, 2) {
            let sex = if self.draw.chance(500) { Sex::Female } else { Sex::Male };
            let year = (oldest + self.draw.between(20, 34) as i32).min(2006);
            let mut child = self.person(sex, year, Some(&family));
            self.share_mailbox(&persons[0], &mut child);
            persons.push(child);
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
        son.troubles.remove(Trouble::Nickname);
        self.new_mailbox(&mut son);
        son.suffix = "Jr";
        father.suffix = if self.draw.chance(300) { "Sr" } else { "" };
        let mut persons = vec![father, son];
        mark(&mut persons, Trouble::Junior);
        persons
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
        mark(&mut persons, Trouble::Twin);
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
        person.nickname = None;
        person.known = [0; 7];
        person.known[System::Crm as usize] = 1;
        person.employer = None;
        person.troubles = crate::person::Troubles::default();
        person.troubles.add(Trouble::Junk);
        person
    }
}

/// Adds a trouble to each person.
fn mark(persons: &mut [Person], trouble: Trouble) {
    for person in persons {
        person.troubles.add(trouble);
    }
}

fn where_from(draw: &mut Draw) -> (Country, Culture) {
    match draw.below(1000) {
        0..560 => (Country::UnitedStates, Culture::American),
        560..605 => (Country::UnitedStates, Culture::Indian),
        605..630 => (Country::UnitedStates, Culture::British),
        630..638 => (Country::UnitedStates, Culture::Greek),
        638..770 => (Country::UnitedKingdom, Culture::British),
        770..790 => (Country::UnitedKingdom, Culture::Indian),
        790..795 => (Country::UnitedKingdom, Culture::Bulgarian),
        795..895 => (Country::India, Culture::Indian),
        895..935 => (Country::Germany, Culture::German),
        935..940 => (Country::Germany, Culture::Greek),
        940..965 => (Country::France, Culture::French),
        965..983 => (Country::Greece, Culture::Greek),
        _ => (Country::Bulgaria, Culture::Bulgarian),
    }
}

/// The systems that know a person, and whether twice. The sales desk and the shop know most, the others some.
fn known(draw: &mut Draw) -> Known {
    let (crm, shop) = match draw.below(10) {
        0..6 => (1, 1),
        6..8 => (1, 0),
        _ => (0, 1),
    };
    let again = |draw: &mut Draw, records: u64, per_mille: u64| records + records * u64::from(draw.chance(per_mille));
    let mut known = [0; 7];
    known[System::Crm as usize] = again(draw, crm, 40);
    known[System::Shop as usize] = again(draw, shop, 30);
    let others = [
        (System::Leads, 70, 20),
        (System::Callers, 120, 80),
        (System::Campaign, 280, 50),
        (System::Loyalty, 250, 20),
        (System::Contracts, 80, 60),
    ];
    let draw = &mut draw.fork();
    for (system, share, twice) in others {
        let record = u64::from(draw.chance(share));
        known[system as usize] = again(draw, record, twice);
    }
    known
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

pub(crate) fn family_name(lists: &Lists, draw: &mut Draw, culture: Culture, sex: Sex) -> String {
    let name = lists.family(draw, culture);
    if culture == Culture::British && draw.chance(20) {
        return format!("{name}-{}", lists.family(draw, culture));
    }
    // Bulgarian family names follow the sex; one of a couple bears the form of the other now and then abroad.
    if culture == Culture::Bulgarian && sex == Sex::Female && letters(&name).ends_with('v') {
        return format!("{name}a");
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
    use std::collections::BTreeMap;

    use super::*;

    fn persons_at(customers: u64, night: u32, hardness: f64) -> Vec<Person> {
        let (lists, hardness) = (Lists::read().unwrap(), Hardness::new(hardness).unwrap());
        Population::new(Origin { lists: &lists, seed: 1, customers, hardness }, night).collect()
    }

    fn persons(customers: u64, night: u32) -> Vec<Person> {
        persons_at(customers, night, 0.5)
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

    /// Holds a count against its stated rate: within four standard deviations.
    fn as_stated(what: &str, found: usize, of: usize, rate: Rate, hardness: f64) {
        let p = Hardness::new(hardness).unwrap().rate(rate) as f64 / 1000.0;
        let (expected, spread) = (of as f64 * p, (of as f64 * p * (1.0 - p)).sqrt());
        assert!((found as f64 - expected).abs() <= 4.0 * spread, "{what} at {hardness}: {found} of {of}, stated {p}");
    }

    #[test]
    fn every_trouble_occurs_at_its_stated_rate() {
        let lists = Lists::read().unwrap();
        for hardness in [0.0, 0.5, 1.0, 2.0] {
            let all = persons_at(20_000, 1, hardness);
            let mut addresses: BTreeMap<u64, Vec<&Person>> = BTreeMap::new();
            for person in &all {
                addresses.entry(person.household).or_default().push(person);
            }
            // A household that bears another's name is not drawn from the shapes.
            let named_after = |p: &Person| p.household % 2 == 1 && p.has(Trouble::Namesake);
            let drawn = addresses.values().filter(|home| !named_after(home[0])).collect::<Vec<_>>();
            let count_of = |trouble| drawn.iter().filter(|home| home[0].has(trouble)).count();
            for (trouble, rate) in [(Trouble::Junk, JUNK), (Trouble::Junior, JUNIORS), (Trouble::Twin, TWINS)] {
                as_stated(trouble.word(), count_of(trouble), drawn.len(), rate, hardness);
            }
            let several = [JUNIORS, TWINS, FLATMATES, FAMILIES, COUPLES];
            let several = Rate(several.iter().map(|r| r.0).sum(), several.iter().map(|r| r.1).sum());
            as_stated("household", count_of(Trouble::Household), drawn.len(), several, hardness);
            let people: Vec<&Person> = all.iter().filter(|p| !p.has(Trouble::Junk)).collect();
            let of = |trouble: Trouble, rate: Rate, among: &dyn Fn(&Person) -> bool| {
                let among: Vec<_> = people.iter().filter(|p| among(p)).collect();
                let found = among.iter().filter(|p| p.has(trouble)).count();
                assert!(!among.is_empty());
                as_stated(trouble.word(), found, among.len(), rate, hardness);
            };
            of(Trouble::Typo, TYPOS, &|_| true);
            let native = |name: &str| lists.native(name).is_some();
            of(Trouble::Script, SCRIPTS, &|p| {
                native(p.given) && native(&p.family) && !p.has(Trouble::Junior) && !named_after(p)
            });
            of(Trouble::Switchboard, SWITCHBOARDS, &|p| p.employer.is_some());
            let first = |p: &Person| addresses[&p.household][0].ordinal == p.ordinal;
            of(Trouble::Move, MOVES, &|p| first(p));
            of(Trouble::Namesake, NAMESAKES, &|p| p.household % 2 == 1 && first(p));
            let named = |p: &Person| !lists.nicknames(p.given).is_empty();
            of(Trouble::Nickname, NICKNAMES, &|p| named(p) && !p.has(Trouble::Junior) && !named_after(p));
            of(Trouble::Marriage, MARRIAGES, &|p| is_second_of_one_name(&addresses[&p.household], p));
        }
    }

    /// Whether a person is the second of a couple who bear one name.
    fn is_second_of_one_name(home: &[&Person], person: &Person) -> bool {
        let twins = home[0].has(Trouble::Twin) || home[0].has(Trouble::Junior);
        home.len() > 1
            && !twins
            && home[1].ordinal == person.ordinal
            && home[0].sex != person.sex
            && home[0].family == person.family
            && home[0].landline == person.landline
    }

    #[test]
    fn twins_share_birthday_and_address_juniors_and_namesakes_their_name() {
        let all = persons(20_000, 1);
        let pairs =
            |trouble| all.windows(2).filter(move |w| w.iter().all(|p| p.has(trouble)) && w[0].home == w[1].home);
        assert!(pairs(Trouble::Twin).count() > 50);
        for twins in pairs(Trouble::Twin) {
            assert_eq!(twins[0].birth, twins[1].birth);
            assert_ne!(twins[0].given, twins[1].given);
        }
        for pair in pairs(Trouble::Junior) {
            assert_eq!((pair[0].given, &pair[0].family), (pair[1].given, &pair[1].family));
            assert!(pair[1].birth.year() - pair[0].birth.year() >= 20);
        }
        let named: Vec<&Person> = all.iter().filter(|p| p.has(Trouble::Namesake)).collect();
        assert!(named.len() > 100);
        for pair in named.chunks_exact(2) {
            assert_eq!((pair[0].given, &pair[0].family), (pair[1].given, &pair[1].family));
            assert_eq!(pair[0].home.place.city, pair[1].home.place.city);
            assert_ne!(pair[0].email, pair[1].email);
        }
    }

    #[test]
    fn most_persons_are_known_to_both_great_systems_and_some_to_the_small_ones() {
        let all = persons(20_000, 1);
        let share = |is: &dyn Fn(&Person) -> bool| all.iter().filter(|p| is(p)).count() as f64 / all.len() as f64;
        let both = share(&|p| p.is_known(System::Crm) && p.is_known(System::Shop));
        assert!((0.57..0.63).contains(&both), "{both}");
        for (system, expected) in [(System::Leads, 0.07), (System::Loyalty, 0.25), (System::Contracts, 0.08)] {
            let found = share(&|p| p.is_known(system));
            assert!((found - expected).abs() < 0.015, "{found}");
        }
    }
}
