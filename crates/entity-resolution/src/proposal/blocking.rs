//! Which pairs are worth comparing: rules of what identifies, what names, and where.
//!
//! A small table needs no rules, every pair is compared. Otherwise there are three layers: what nearly identifies alone (an
//! e-mail address, a telephone number, a full name, an identifier); two things that rarely coincide (a name as it sounds and a
//! place or a date); and, where the first layer is thin, one thing alone, its large blocks cut by all the others. A rule
//! that lets expect too many pairs is given more to be cut by rather than left out.

use std::collections::BTreeSet;

use onefold_contract::AttributeKind::{
    BirthDate, Category, City, CompanyName, Email, FreeText, Identifier, Phone, Postcode, Region, Street,
};
use onefold_contract::ColumnProfile;

use super::Entity;
use super::columns::{Chosen, Names};
use crate::spec::{
    BlockingKeySpec, BlockingMethod, BlockingRuleSpec, ComparisonMethod, ComparisonSpec, KeyPart, SignatureSpec,
};

/// A table of at most so many rows is compared pair by pair.
const EVERY_PAIR: u64 = 2_000;
/// So few organisations are compared pair by pair too.
const FEW: u64 = 100;
/// A table of at most so many rows is looked through everywhere.
const SMALL: u64 = 20_000;
/// The most blocking rules.
const MOST: usize = 24;
/// A column that agrees more often than this at random groups records and identifies none.
const IDENTIFIES: f64 = 2e-3;
/// The pairs for each record that two columns together may let expect.
const PAIRS_A_RECORD: f64 = 200.0;
/// The least distinct values of a column that makes blocks alone.
const MANY_VALUES: u64 = 20;

/// The rules with their reasons.
pub(super) fn proposed(chosen: &Chosen<'_>, comparisons: &[ComparisonSpec]) -> (Vec<BlockingRuleSpec>, Vec<String>) {
    // Firms under one roof outnumber duplicates where every pair is learned from; rules keep their share small.
    let firms = chosen.entity() == Entity::Organisation && chosen.rows > FEW;
    if chosen.rows <= EVERY_PAIR && !firms {
        let rule = rule("every pair", BlockingMethod::EveryPair, Vec::new(), EVERY_PAIR as u32);
        let reason = "the table is small enough to compare every record with every other".to_owned();
        return (vec![rule], vec![reason]);
    }
    let parts = Parts::of(chosen, comparisons);
    let mut rules = Rules { rows: chosen.rows, made: Vec::new() };
    identifying(chosen, &parts, &mut rules);
    of_persons(&parts, &mut rules);
    of_companies(chosen, &parts, &mut rules);
    if parts.thin && chosen.entity() != Entity::Organisation || rules.made.len() < 4 {
        alone(&parts, &mut rules);
    }
    if rules.made.len() < 4 {
        of_things(chosen, &parts, comparisons, &mut rules);
    }
    rules.made.into_iter().unzip()
}

fn rule(name: &str, method: BlockingMethod, keys: Vec<BlockingKeySpec>, max_block: u32) -> BlockingRuleSpec {
    BlockingRuleSpec {
        name: name.to_owned(),
        method,
        keys,
        signature: SignatureSpec::default(),
        max_block,
        refine: Vec::new(),
        window: 10,
    }
}

/// A part of a block key.
type Part = BlockingKeySpec;

fn whole(column: &str) -> Part {
    Part { column: column.to_owned(), part: KeyPart::Whole, length: None }
}

fn prefix(column: &str, length: u32) -> Part {
    Part { column: column.to_owned(), part: KeyPart::Prefix, length: Some(length) }
}

fn sound(column: &str) -> Part {
    Part { column: column.to_owned(), part: KeyPart::Phonetic, length: None }
}

fn year(column: &str) -> Part {
    Part { column: column.to_owned(), part: KeyPart::Year, length: None }
}

/// A part in words.
fn words(part: &Part) -> String {
    let column = &part.column;
    match (part.part, part.length) {
        (KeyPart::Whole, _) => column.clone(),
        (KeyPart::Phonetic, _) => format!("sound of {column}"),
        (KeyPart::Prefix, Some(1)) => format!("initial of {column}"),
        (KeyPart::Prefix, length) => format!("first {} of {column}", length.unwrap_or(1)),
        (KeyPart::Year, _) => format!("year of {column}"),
    }
}

/// The columns that keys are made of.
struct Parts {
    given: Option<String>,
    plain_given: Option<String>,
    family: Option<String>,
    company: Option<String>,
    born: Option<String>,
    street: Option<String>,
    city: Option<String>,
    postcode: Option<String>,
    /// Further columns that records can be grouped by, most telling first.
    groups: Vec<String>,
    /// Whether little identifies a record by itself, or looking everywhere costs little.
    thin: bool,
}

impl Parts {
    fn of(chosen: &Chosen<'_>, comparisons: &[ComparisonSpec]) -> Self {
        let name = |kind| chosen.best(kind).map(|column| column.name.clone());
        let Names { given, canonical, family } = chosen.names();
        let contacts = [Email, Phone, Street, Identifier].into_iter().filter_map(|kind| chosen.best(kind));
        let contacts: f64 = contacts.filter(|column| identifies(column)).map(ColumnProfile::filled).sum();
        let mut parts = Self {
            given: canonical.map(|named| named.name),
            plain_given: given.map(|named| named.name),
            family: family.map(|named| named.name),
            company: name(CompanyName),
            born: name(BirthDate),
            street: name(Street),
            city: name(City),
            postcode: name(Postcode),
            groups: Vec::new(),
            thin: contacts < 1.0 || chosen.rows <= SMALL,
        };
        parts.groups = parts.groups(chosen, comparisons);
        parts
    }

    /// What is compared, has many values and is none of the other parts.
    fn groups(&self, chosen: &Chosen<'_>, comparisons: &[ComparisonSpec]) -> Vec<String> {
        let known: BTreeSet<&String> = [&self.city, &self.postcode, &self.company].into_iter().flatten().collect();
        let compared = |column: &ColumnProfile| comparisons.iter().any(|spec| spec.column == column.name);
        let fits = |column: &&&ColumnProfile| {
            matches!(column.guess.kind, City | Postcode | Region | Category | FreeText | Identifier)
                && column.distinct.count >= MANY_VALUES
                && compared(column)
                && !known.contains(&column.name)
        };
        let mut columns: Vec<&ColumnProfile> = chosen.columns.iter().filter(fits).copied().collect();
        columns.sort_by(|a, b| a.agreement.total_cmp(&b.agreement));
        columns.into_iter().take(4).map(|column| column.name.clone()).collect()
    }

    /// What blocks are cut by, the best first, without the columns that made them.
    fn cuts(&self, without: &[Part], most: usize) -> Vec<Part> {
        let part = |column: &Option<String>, make: fn(&str) -> Part| column.as_deref().map(make);
        let mut cuts: Vec<Part> = [
            part(&self.given, |c| prefix(c, 1)),
            part(&self.born, year),
            part(&self.family, |c| prefix(c, 2)),
            part(&self.postcode, |c| prefix(c, 4)),
            part(&self.company, |c| prefix(c, 4)),
            part(&self.city, whole),
        ]
        .into_iter()
        .flatten()
        .chain(self.groups.iter().map(|column| whole(column)))
        .collect();
        cuts.retain(|cut| without.iter().all(|part| part.column != cut.column));
        cuts.truncate(most);
        cuts
    }
}

/// Whether a column by itself nearly says who it is.
fn identifies(column: &ColumnProfile) -> bool {
    column.agreement < IDENTIFIES
}

/// Blocking rules as they are collected.
struct Rules {
    rows: u64,
    made: Vec<(BlockingRuleSpec, String)>,
}

impl Rules {
    /// How large a block may be; `telling` from 1, a key that nearly identifies, to 3, one that only groups. The more rows,
    /// the smaller, or pairs would grow with the square of the rows.
    fn max_block(&self, telling: u32) -> u32 {
        let few = match self.rows {
            0..=10_000 => 3,
            10_001..=50_000 => 2,
            _ => 1,
        };
        few * match telling {
            1 => 100,
            2 => 60,
            _ => 40,
        }
    }

    /// Adds a rule of the parts given, where all of them are there.
    fn add(&mut self, parts: &[Option<Part>], refine: Vec<Part>, telling: u32, reason: &str) {
        let Some(keys) = parts.iter().cloned().collect::<Option<Vec<Part>>>().filter(|keys| !keys.is_empty()) else {
            return;
        };
        let name = format!("same {}", keys.iter().map(words).collect::<Vec<_>>().join(" and "));
        let made = BlockingRuleSpec { refine, ..rule(&name, BlockingMethod::Keys, keys, self.max_block(telling)) };
        self.push(made, reason);
    }

    fn push(&mut self, rule: BlockingRuleSpec, reason: &str) {
        let known = self.made.iter().any(|(known, _)| known.name == rule.name);
        if !known && self.made.len() < MOST {
            self.made.push((rule, reason.to_owned()));
        }
    }

    /// Adds a rule for values that look alike as a whole, whatever stands where.
    fn alike(&mut self, columns: &[&String]) {
        // The more records, the more of them look a little alike: the signature is stricter then.
        let signature = match self.rows {
            0..=10_000 => SignatureSpec { gram: 2, bands: 16, rows: 4 },
            10_001..=50_000 => SignatureSpec { gram: 2, bands: 10, rows: 5 },
            _ => SignatureSpec { gram: 2, bands: 8, rows: 7 },
        };
        let names: Vec<&str> = columns.iter().map(|column| column.as_str()).collect();
        let name = format!("{} alike as a whole", names.join(" and "));
        let keys = names.iter().map(|column| whole(column)).collect();
        let made = BlockingRuleSpec { signature, ..rule(&name, BlockingMethod::MinHash, keys, self.max_block(1)) };
        self.push(made, "catches typing errors anywhere, and words in another order");
    }

    /// Adds a rule for values that begin alike.
    fn neighbours(&mut self, columns: &[&String]) {
        let names: Vec<&str> = columns.iter().map(|column| column.as_str()).collect();
        let name = format!("neighbours by {}", names.join(" and "));
        let keys = names.iter().map(|column| whole(column)).collect();
        self.push(
            rule(&name, BlockingMethod::SortedNeighbourhood, keys, self.max_block(1)),
            "catches what begins alike and differs later on",
        );
    }
}

/// What nearly says by itself who it is.
fn identifying(chosen: &Chosen<'_>, parts: &Parts, rules: &mut Rules) {
    let names = || {
        let of = [&parts.family, &parts.given, &parts.company, &parts.born];
        of.into_iter().flatten().map(|column| whole(column)).collect::<Vec<_>>()
    };
    for kind in [Identifier, Email, Phone] {
        for column in chosen.of_kind(kind).filter(|column| identifies(column)) {
            let reason = "hardly two records share it by chance; where a whole group does, names cut the group";
            rules.add(&[Some(whole(&column.name))], names(), 1, reason);
        }
    }
}

/// Names of persons with each other, with dates and with places.
fn of_persons(parts: &Parts, rules: &mut Rules) {
    let part = |column: &Option<String>, make: fn(&str) -> Part| column.as_deref().map(make);
    let initial = |column: &Option<String>| part(column, |c| prefix(c, 1)).into_iter();
    let (given, family) = (part(&parts.given, whole), part(&parts.family, whole));
    let (given_sound, family_sound) = (part(&parts.given, sound), part(&parts.family, sound));
    let (born, city, postcode) = (part(&parts.born, whole), part(&parts.city, whole), part(&parts.postcode, whole));
    let place = || city.iter().chain(&born).chain(&postcode).cloned();
    if given.is_some() && family.is_some() {
        let groups = parts.groups.iter().map(|column| whole(column));
        rules.add(&[given.clone(), family.clone()], place().chain(groups).collect(), 1, "the same name");
    }
    if given.is_some() || family.is_some() {
        let names = family.iter().chain(&given).cloned().collect();
        rules.add(&[part(&parts.street, whole)], names, 2, "the same address");
    }
    if given.is_none() && family.is_none() && parts.company.is_some() {
        return;
    }
    rules.add(&[given, born.clone()], initial(&parts.family).collect(), 2, "finds other family names");
    rules.add(&[family_sound.clone(), born.clone()], initial(&parts.given).collect(), 2, "finds other given names");
    let cut = || initial(&parts.given).chain(born.clone()).collect();
    rules.add(&[family_sound.clone(), postcode.clone()], cut(), 2, "finds other given names and spellings");
    let cut_by_place = initial(&parts.family).chain(born.clone()).chain(postcode.clone()).collect();
    rules.add(&[given_sound, city.clone()], cut_by_place, 3, "finds other family names at the same place");
    rules.add(&[family_sound, city.clone()], cut(), 3, "finds other given names at the same place");
    let near = city.into_iter().chain(part(&parts.postcode, |c| prefix(c, 3)));
    let cut = near.chain(initial(&parts.given)).chain(initial(&parts.family)).collect();
    rules.add(&[born], cut, 3, "finds whoever is written quite differently, by the birth date");
}

/// Names of companies with places.
fn of_companies(chosen: &Chosen<'_>, parts: &Parts, rules: &mut Rules) {
    let Some(company) = &parts.company else { return };
    let persons = parts.family.is_some() || parts.given.is_some();
    if persons && !chosen.company_is_entity() {
        return;
    }
    let part = |column: &Option<String>, make: fn(&str) -> Part| column.as_deref().map(make);
    let place = || [part(&parts.postcode, whole), part(&parts.street, whole), part(&parts.city, whole)];
    let cut = || place().into_iter().flatten().collect::<Vec<_>>();
    let start = || vec![prefix(company, 3)];
    rules.add(&[Some(whole(company))], cut(), 1, "the same name");
    rules.add(&[part(&parts.street, whole)], start(), 1, "the same address");
    rules.add(&[part(&parts.postcode, whole)], start(), 2, "firms in the same place, the name cutting large places");
    let near = vec![prefix(company, 6)];
    rules.add(&[Some(prefix(company, 4)), part(&parts.city, whole)], near, 2, "names that begin alike in one city");
    rules.add(&[Some(sound(company))], cut(), 2, "names that sound alike");
    rules.alike(&[company]);
    if let Some(street) = &parts.street {
        rules.alike(&[street]);
    }
    rules.neighbours(&[company]);
}

/// One thing alone, its large blocks cut by all the others: where little identifies a record, a pair may agree anywhere.
fn alone(parts: &Parts, rules: &mut Rules) {
    let mut keys: Vec<Part> = Vec::new();
    keys.extend(parts.family.as_deref().map(sound));
    keys.extend(parts.given.as_deref().map(whole));
    keys.extend(parts.postcode.as_deref().map(whole));
    keys.extend(parts.city.as_deref().map(whole));
    keys.extend(parts.groups.iter().map(|column| whole(column)));
    if let (Some(given), Some(born)) = (&parts.given, &parts.born) {
        rules.add(
            &[Some(whole(given)), Some(year(born))],
            parts.cuts(&[whole(given), year(born)], 3),
            2,
            "the same given name and year",
        );
    }
    if let Some(given) = &parts.given {
        for place in parts.city.iter().chain(&parts.groups) {
            let keys = [whole(given), whole(place)];
            let refine = parts.cuts(&keys, 2);
            rules.add(&keys.map(Some), refine, 2, "finds other family names in the same group");
        }
    }
    if let Some(postcode) = &parts.postcode {
        keys.push(prefix(postcode, 4));
    }
    for key in keys {
        let refine = parts.cuts(std::slice::from_ref(&key), 4);
        rules.add(&[Some(key)], refine, 1, "alone, its large blocks cut by what else is known");
    }
    let names: Vec<&String> = parts.plain_given.iter().chain(&parts.family).collect();
    if !names.is_empty() {
        rules.alike(&names);
    }
    let backwards: Vec<&String> = parts.family.iter().chain(&parts.plain_given).collect();
    if !backwards.is_empty() {
        rules.neighbours(&backwards);
    }
}

/// Things of no known kind: what is most selective alone, in twos, by its beginning, and as a whole.
fn of_things(chosen: &Chosen<'_>, parts: &Parts, comparisons: &[ComparisonSpec], rules: &mut Rules) {
    let of = |spec: &ComparisonSpec| chosen.columns.iter().copied().find(|column| column.name == spec.column);
    let mut columns: Vec<(&ColumnProfile, ComparisonMethod)> =
        comparisons.iter().filter_map(|spec| Some((of(spec)?, spec.method))).collect();
    columns.sort_by(|a, b| a.0.agreement.total_cmp(&b.0.agreement));
    let others = |without: &str| {
        let others = columns.iter().filter(|(column, _)| column.name != without);
        others.take(3).map(|(column, _)| whole(&column.name)).collect::<Vec<_>>()
    };
    for (column, _) in columns.iter().take(4) {
        rules.add(&[Some(whole(&column.name))], others(&column.name), 1, "among the most selective columns");
    }
    for (place, (one, _)) in columns.iter().enumerate() {
        for (other, _) in columns.iter().skip(place + 1) {
            let pairs = one.agreement * other.agreement * chosen.rows as f64 / 2.0;
            if pairs <= PAIRS_A_RECORD && rules.made.len() < MOST / 2 {
                rules.add(
                    &[Some(whole(&one.name)), Some(whole(&other.name))],
                    parts.cuts(&[], 2),
                    2,
                    "selective together",
                );
            }
        }
    }
    let is_text = |method: ComparisonMethod| {
        !matches!(
            method,
            ComparisonMethod::Exact | ComparisonMethod::Numeric | ComparisonMethod::Date | ComparisonMethod::BirthDate
        )
    };
    let texts: Vec<&String> =
        columns.iter().filter(|(_, method)| is_text(*method)).take(2).map(|(column, _)| &column.name).collect();
    for text in &texts {
        rules.add(&[Some(prefix(text, 5))], others(text), 2, "values that begin alike");
        rules.alike(&[text]);
        rules.neighbours(&[text]);
    }
}
