//! Which columns of a table a model is made of, and why others are not.

use std::collections::BTreeSet;

use onefold_contract::AttributeKind::{
    self, BirthDate, Category, CompanyName, Consent, Date, Decimal, FamilyName, Flag, FreeText, FullName, GivenName,
    Honorific, Identifier, Integer, Money, Timestamp,
};
use onefold_contract::{ColumnProfile, TableProfile};

use super::Entity;

/// Columns that agree in more than this share of random pairs tell nobody apart.
const TELLS_NOTHING: f64 = 0.8;
/// Columns with a value in less than this share of the rows are not compared.
const HARDLY_FILLED: f64 = 0.01;
/// Text that is longer than this on average tells a story and is no name.
const A_STORY: f64 = 80.0;
/// A whole name says more than its parts where it is longer than they are together, by this factor.
const SAYS_MORE: f64 = 1.08;

/// From this confidence on a date may be the birth date that a table has no other column for; values alone never reach it.
const LIKELY: f64 = 0.5;

/// The columns that are compared, by kind, and why others are not.
pub(super) struct Chosen<'p> {
    pub(super) rows: u64,
    pub(super) columns: Vec<&'p ColumnProfile>,
    pub(super) left_out: Vec<(String, String)>,
    entity: Entity,
}

/// Where names of persons stand: a clean column and the profile of the column that it comes from.
#[derive(Clone)]
pub(super) struct NameColumn<'p> {
    /// The clean column.
    pub(super) name: String,
    /// The profile behind it.
    pub(super) column: &'p ColumnProfile,
}

/// The names of a table's persons.
#[derive(Clone, Default)]
pub(super) struct Names<'p> {
    /// Given names.
    pub(super) given: Option<NameColumn<'p>>,
    /// Given names with nicknames resolved.
    pub(super) canonical: Option<NameColumn<'p>>,
    /// Family names.
    pub(super) family: Option<NameColumn<'p>>,
}

impl<'p> Chosen<'p> {
    /// Chooses columns of a table; `ignored` are columns that a person has ruled out.
    pub(super) fn of(profile: &'p TableProfile, ignored: &BTreeSet<String>) -> Self {
        let entity = entity(profile, ignored);
        let mut chosen = Self { rows: profile.rows, columns: Vec::new(), left_out: Vec::new(), entity };
        let names = NamesOfTable::of(profile, ignored, entity);
        for column in &profile.columns {
            let reason = if ignored.contains(&column.name) {
                Some("a person ruled it out".to_owned())
            } else {
                against(column, entity).or_else(|| names.repeated_by(profile, column))
            };
            match reason {
                Some(reason) => chosen.left_out.push((column.name.clone(), reason)),
                None => chosen.columns.push(column),
            }
        }
        chosen
    }

    /// What the records are about.
    pub(super) fn entity(&self) -> Entity {
        self.entity
    }

    /// The columns of a kind, in the order of the table.
    pub(super) fn of_kind(&self, kind: AttributeKind) -> impl Iterator<Item = &'p ColumnProfile> {
        self.columns.iter().copied().filter(move |column| column.guess.kind == kind)
    }

    /// The column that is likeliest of a kind; of equals, the first.
    pub(super) fn best(&self, kind: AttributeKind) -> Option<&'p ColumnProfile> {
        best(self.of_kind(kind))
    }

    /// Where the names of persons stand. Parts of different columns are better than those of a whole name.
    pub(super) fn names(&self) -> Names<'p> {
        let of = |kind, whole: &str, own: &str| {
            let own = self.best(kind).map(|column| NameColumn { name: format!("{}{own}", column.name), column });
            let part = |column: &'p ColumnProfile| NameColumn { name: format!("{}{whole}", column.name), column };
            own.or_else(|| self.best(FullName).map(part))
        };
        Names {
            given: of(GivenName, "_given", ""),
            canonical: of(GivenName, "_given_canonical", "_canonical"),
            family: of(FamilyName, "_family", ""),
        }
    }

    /// Whether a company's name stands on records of their own rather than beside persons, whose employer it is then.
    pub(super) fn company_is_entity(&self) -> bool {
        let names = self.names();
        let persons = names.family.or(names.given).map_or(0.0, |name| name.column.filled());
        let companies = self.best(CompanyName).map_or(0.0, ColumnProfile::filled);
        persons + companies <= 1.05
    }
}

/// The profile, a date in it taken for the birth date where nothing else is and it may well be one: births of other centuries
/// are told as plain dates, because nobody alive was born then.
pub(super) fn with_likely_birth_date(profile: &TableProfile, ignored: &BTreeSet<String>) -> TableProfile {
    let mut profile = profile.clone();
    let may_be = |column: &ColumnProfile| {
        let other = column.guess.others.iter().find(|(kind, _)| *kind == BirthDate);
        if column.guess.kind == Date { other.map_or(0.0, |(_, confidence)| *confidence) } else { 0.0 }
    };
    if profile.columns.iter().any(|column| column.guess.kind == BirthDate && !ignored.contains(&column.name)) {
        return profile;
    }
    let likely =
        profile.columns.iter_mut().filter(|column| !ignored.contains(&column.name) && may_be(column) >= LIKELY);
    if let Some(column) = likely.max_by(|a, b| may_be(a).total_cmp(&may_be(b))) {
        column.guess.confidence = may_be(column);
        column.guess.kind = BirthDate;
    }
    profile
}

/// The likeliest of some columns, those that are filled better first.
fn best<'p>(columns: impl Iterator<Item = &'p ColumnProfile>) -> Option<&'p ColumnProfile> {
    let score = |column: &ColumnProfile| column.guess.confidence * (0.5 + column.filled());
    let mut best: Option<&ColumnProfile> = None;
    for column in columns {
        if best.is_none_or(|known| score(column) > score(known)) {
            best = Some(column);
        }
    }
    best
}

/// What the records of a table are about.
fn entity(profile: &TableProfile, ignored: &BTreeSet<String>) -> Entity {
    let has = |kind: AttributeKind| {
        let is = |column: &&ColumnProfile| column.guess.kind == kind && !ignored.contains(&column.name);
        profile.columns.iter().filter(is).any(|column| column.filled() >= HARDLY_FILLED && !column.of_record)
    };
    match ([GivenName, FamilyName, FullName].into_iter().any(has), has(CompanyName)) {
        (true, true) => Entity::Party,
        (true, false) => Entity::Person,
        (false, true) => Entity::Organisation,
        (false, false) if has(BirthDate) => Entity::Person,
        (false, false) => Entity::Thing,
    }
}

/// Why a column is not compared, if it is not.
fn against(column: &ColumnProfile, entity: Entity) -> Option<String> {
    let kind = column.guess.kind;
    let mean = column.lengths.map_or(0.0, |lengths| lengths.mean);
    if column.present() == 0 {
        return Some("it has no values".to_owned());
    }
    if column.filled() < HARDLY_FILLED {
        return Some(format!("only {} of {} rows have a value", column.present(), column.rows));
    }
    if column.of_record {
        return Some("it tells of the record, not of whom the record is about".to_owned());
    }
    let words = kind == FreeText && (mean > 12.0 || !column.looks_like_key);
    if column.unique && matches!(kind, Identifier | Integer | FreeText | Category) && !words && column.rows > 1 {
        return Some("no value stands twice, so it names the record".to_owned());
    }
    if column.agreement > TELLS_NOTHING {
        return Some("nearly all rows have the same value".to_owned());
    }
    match kind {
        Date | Timestamp if entity != Entity::Thing || kind == Timestamp => {
            Some("a date that is no birth date tells when something happened, not who it is about".to_owned())
        }
        Money | Decimal | Integer if entity != Entity::Thing => {
            Some("amounts and counts change, and tell nobody apart".to_owned())
        }
        Flag | Consent => Some("yes or no tells nobody apart".to_owned()),
        Honorific => Some("titles are written or left out at will".to_owned()),
        FreeText if column.agreement > 0.25 || (mean > A_STORY && entity != Entity::Thing) => {
            Some("text of no known kind".to_owned())
        }
        _ => None,
    }
}

/// The columns of names, of which some may say again what others say.
struct NamesOfTable {
    /// Columns of given and family names.
    parts: BTreeSet<String>,
    /// The whole name that is compared instead of them, or in their absence.
    whole: Option<String>,
    /// Whether the parts of different columns are compared, and no whole name.
    by_parts: bool,
}

impl NamesOfTable {
    fn of(profile: &TableProfile, ignored: &BTreeSet<String>, entity: Entity) -> Self {
        let usable = |column: &&ColumnProfile| !ignored.contains(&column.name) && against(column, entity).is_none();
        let of_kind = |kind| profile.columns.iter().filter(usable).filter(move |column| column.guess.kind == kind);
        let (given, family) = (best(of_kind(GivenName)), best(of_kind(FamilyName)));
        let whole = of_kind(FullName).max_by(|a, b| extent(a).total_cmp(&extent(b)));
        let together = given.map_or(0.0, extent) + family.map_or(0.0, extent) + 1.0;
        let says_more = whole.is_some_and(|whole| extent(whole) > SAYS_MORE * together);
        Self {
            parts: of_kind(GivenName).chain(of_kind(FamilyName)).map(|column| column.name.clone()).collect(),
            whole: whole.map(|column| column.name.clone()),
            by_parts: !says_more
                && (given.is_some() && family.is_some() || whole.is_none_or(|whole| together > extent(whole))),
        }
    }

    /// Why a column only says again what columns that are compared say, if it does.
    fn repeated_by(&self, profile: &TableProfile, column: &ColumnProfile) -> Option<String> {
        let kind = column.guess.kind;
        let is_whole = self.whole.as_deref() == Some(column.name.as_str());
        if kind == FullName && self.by_parts {
            return Some("given and family name are compared, and it says them again".to_owned());
        }
        if let Some(whole) = self.whole.as_deref().filter(|_| !self.by_parts && !is_whole)
            && matches!(kind, FullName | GivenName | FamilyName)
        {
            return Some(format!("{whole} says the same names, and more"));
        }
        let compound = profile.compounds.iter().find(|compound| compound.column == column.name)?;
        let names = |part: &String| self.parts.contains(part);
        if is_whole || matches!(kind, GivenName | FamilyName) || !compound.parts.iter().any(names) {
            return None;
        }
        Some(format!("it says again what {} say", compound.parts.join(" and ")))
    }
}

/// How much a column says: the characters of an average row.
fn extent(column: &ColumnProfile) -> f64 {
    column.lengths.map_or(0.0, |lengths| lengths.mean) * column.filled()
}
