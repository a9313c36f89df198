//! A model for a table that nobody has described: from what its columns look like to comparisons, blocking rules, lines.
//!
//! The proposal is a [`ModelSpec`], the same that a person writes, with a sentence on each of its parts: what a program
//! assumed can be read, questioned and changed, and the next run takes the changed file. The rejected alternative, a
//! matcher of its own for tables without a model, would be a second product that nobody can look into.
//!
//! Which columns are compared depends on what they mean and on how well they tell records apart; blocking rules are made of
//! columns that are selective enough together, by the pairs that the profile lets expect.

use std::collections::{BTreeMap, BTreeSet};

use onefold_contract::AttributeKind::{
    self, BirthDate, Category, City, CompanyName, Consent, Country, Date, Decimal, Email, FamilyName, Flag, FreeText,
    FullName, Gender, GivenName, Identifier, Integer, Money, NameSuffix, Phone, Postcode, Region, Street, Timestamp,
};
use onefold_contract::{ColumnProfile, Failure, Result, TableProfile};

use crate::spec::{
    BlockingKeySpec, BlockingMethod, BlockingRuleSpec, BlockingSpec, ClusteringSpec, ComparisonMethod, ComparisonSpec,
    KeyPart, ModelSpec, SignatureSpec, SurvivorshipRuleName, SurvivorshipSpec, ThresholdSpec, TrainingSpec,
};

/// A rule that lets expect more candidate pairs a record than this is left out.
const PAIRS_A_RECORD: f64 = 60.0;
/// A block of more records than this is not compared.
const MAX_BLOCK: u32 = 400;
/// Columns that agree in more than this share of random pairs tell nobody apart.
const TELLS_NOTHING: f64 = 0.7;
/// Columns with a value in less than this share of the rows are not compared.
const HARDLY_FILLED: f64 = 0.01;
/// A column selective enough to be a block key by itself.
const SELECTIVE: f64 = 2e-3;
/// The most blocking rules.
const MOST_RULES: usize = 14;
/// The most comparisons.
const MOST_COMPARISONS: usize = 14;
/// Tables of fewer rows than this may be blocked more generously: all their pairs are few.
const SMALL: u64 = 3_000;

/// A model with the reasons of its parts.
#[derive(Debug, Clone, PartialEq)]
pub struct Proposal {
    /// The model.
    pub spec: ModelSpec,
    /// What its records are taken for.
    pub entity: Entity,
    /// Why each comparison, in the order of the model's.
    pub comparison_reasons: Vec<String>,
    /// Why each blocking rule, in the order of the model's.
    pub rule_reasons: Vec<String>,
    /// Columns that are not compared, and why, in the order of the table.
    pub left_out: Vec<(String, String)>,
}

/// What the records of a table are about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Entity {
    /// Persons.
    Person,
    /// Organisations.
    Organisation,
    /// Persons and organisations.
    Party,
    /// Neither, as far as the columns tell.
    Thing,
}

impl Entity {
    /// The word for it in models.
    pub fn name(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::Organisation => "organisation",
            Self::Party => "party",
            Self::Thing => "thing",
        }
    }
}

/// Proposes a model for a table. `ignored` are columns that a person has ruled out.
///
/// # Errors
/// A usage failure, where no column is left that tells records apart.
pub fn propose(profile: &TableProfile, ignored: &BTreeSet<String>) -> Result<Proposal> {
    let chosen = Chosen::of(profile, ignored);
    let entity = chosen.entity();
    let (comparisons, comparison_reasons) = comparisons(&chosen);
    if comparisons.is_empty() {
        let mut failure = Failure::usage("no column tells the records of this table apart, so nothing can be matched");
        failure.details = chosen.left_out.iter().map(|(column, reason)| format!("{column}: {reason}")).collect();
        return Err(failure.hint("look at the columns with `onefold profile FILE`; `--kind COLUMN=KIND` corrects what a column was taken for"));
    }
    let (blocking_rules, rule_reasons) = blocking_rules(&chosen, &comparisons);
    let spec = ModelSpec {
        name: "proposed".to_owned(),
        entity: entity.name().to_owned(),
        description: format!("Proposed from a table of {} rows taken for records of {}.", profile.rows, plural(entity)),
        blocking_rules,
        comparisons,
        thresholds: ThresholdSpec { link: 0.99, review: 0.6, ..ThresholdSpec::default() },
        blocking: BlockingSpec::default(),
        clustering: ClusteringSpec::default(),
        training: training(profile.rows),
        survivorship: survivorship(),
    };
    Ok(Proposal { spec, entity, comparison_reasons, rule_reasons, left_out: chosen.left_out })
}

/// What the records are about, in the plural, for sentences.
fn plural(entity: Entity) -> &'static str {
    match entity {
        Entity::Person => "persons",
        Entity::Organisation => "organisations",
        Entity::Party => "persons and organisations",
        Entity::Thing => "things of one kind",
    }
}

fn training(rows: u64) -> TrainingSpec {
    // A small table has few matches to learn from, and none to spare.
    let needed = (rows as f64 / 20.0).clamp(15.0, 50.0).round();
    TrainingSpec { prior: 0.15, min_expected_matches: needed, ..TrainingSpec::default() }
}

fn survivorship() -> Vec<SurvivorshipSpec> {
    let all =
        SurvivorshipSpec { attribute: "*".to_owned(), rule: SurvivorshipRuleName::MostFrequent, sources: Vec::new() };
    vec![all]
}

/// The columns that are compared, by kind, and why others are not.
struct Chosen<'p> {
    rows: u64,
    columns: Vec<&'p ColumnProfile>,
    left_out: Vec<(String, String)>,
}

impl<'p> Chosen<'p> {
    fn of(profile: &'p TableProfile, ignored: &BTreeSet<String>) -> Self {
        let mut chosen = Self { rows: profile.rows, columns: Vec::new(), left_out: Vec::new() };
        let parts = named_parts(profile, ignored);
        for column in &profile.columns {
            let reason = if ignored.contains(&column.name) {
                Some("a person ruled it out".to_owned())
            } else {
                against(column).or_else(|| repeats(profile, column, &parts))
            };
            match reason {
                Some(reason) => chosen.left_out.push((column.name.clone(), reason)),
                None => chosen.columns.push(column),
            }
        }
        chosen
    }

    fn of_kind(&self, kind: AttributeKind) -> impl Iterator<Item = &'p ColumnProfile> {
        self.columns.iter().copied().filter(move |column| column.guess.kind == kind)
    }

    /// The column that is likeliest of a kind; of equals, the first.
    fn best(&self, kind: AttributeKind) -> Option<&'p ColumnProfile> {
        let mut best: Option<&ColumnProfile> = None;
        for column in self.of_kind(kind) {
            let score = |column: &ColumnProfile| column.guess.confidence * (0.5 + column.filled());
            if best.is_none_or(|known| score(column) > score(known)) {
                best = Some(column);
            }
        }
        best
    }

    fn entity(&self) -> Entity {
        let person = [GivenName, FamilyName, FullName].iter().any(|kind| self.best(*kind).is_some());
        let company = self.best(CompanyName).is_some();
        match (person, company) {
            (true, true) => Entity::Party,
            (true, false) => Entity::Person,
            (false, true) => Entity::Organisation,
            (false, false) if self.best(BirthDate).is_some() => Entity::Person,
            (false, false) => Entity::Thing,
        }
    }
}

/// The columns of given and family names, which a whole name beside them only says again.
fn named_parts(profile: &TableProfile, ignored: &BTreeSet<String>) -> BTreeSet<String> {
    let is_part = |column: &&ColumnProfile| {
        matches!(column.guess.kind, GivenName | FamilyName)
            && !ignored.contains(&column.name)
            && against(column).is_none()
    };
    profile.columns.iter().filter(is_part).map(|column| column.name.clone()).collect()
}

/// Why a column is not compared, if it is not.
fn against(column: &ColumnProfile) -> Option<String> {
    let kind = column.guess.kind;
    if column.filled() < HARDLY_FILLED {
        return Some(format!("only {} of {} rows have a value", column.present(), column.rows));
    }
    if column.of_record {
        return Some("it tells of the record, not of whom the record is about".to_owned());
    }
    if column.unique && matches!(kind, Identifier | Integer | FreeText | Category) && column.rows > 1 {
        return Some("no value stands twice, so it names the record".to_owned());
    }
    if column.agreement > TELLS_NOTHING {
        return Some("nearly all rows have the same value".to_owned());
    }
    match kind {
        Date | Timestamp => {
            Some("a date that is no birth date tells when something happened, not who it is about".to_owned())
        }
        Money | Decimal | Integer => Some("amounts and counts change, and tell nobody apart".to_owned()),
        Flag | Consent => Some("yes or no tells nobody apart".to_owned()),
        FreeText if column.agreement > 0.05 || column.lengths.is_some_and(|lengths| lengths.mean > 80.0) => {
            Some("text of no known kind".to_owned())
        }
        _ => None,
    }
}

/// Whether a column only says again what columns that are compared say.
fn repeats(profile: &TableProfile, column: &ColumnProfile, parts: &BTreeSet<String>) -> Option<String> {
    let has = |kind: AttributeKind| profile.columns.iter().any(|c| c.guess.kind == kind && parts.contains(&c.name));
    if column.guess.kind == FullName && has(GivenName) && has(FamilyName) {
        return Some("given and family name are compared, and it says them again".to_owned());
    }
    let compound = profile.compounds.iter().find(|compound| compound.column == column.name)?;
    let names = |part: &String| parts.contains(part);
    if matches!(column.guess.kind, GivenName | FamilyName) || !compound.parts.iter().any(names) {
        return None;
    }
    Some(format!("it says again what {} say", compound.parts.join(" and ")))
}

/// What is compared of columns of a kind.
#[allow(clippy::struct_field_names)]
struct Method {
    method: ComparisonMethod,
    thresholds: &'static [f64],
    m: &'static [f64],
    term_frequency: bool,
}

/// How a kind is compared; m from what hand-written models of customers have.
fn method(column: &ColumnProfile) -> Option<Method> {
    let how = |method, thresholds, m, term_frequency| Some(Method { method, thresholds, m, term_frequency });
    let short = column.lengths.is_some_and(|lengths| lengths.mean < 5.0);
    match column.guess.kind {
        GivenName => how(ComparisonMethod::JaroWinkler, &[0.92, 0.8], &[0.80, 0.08, 0.06, 0.06], true),
        FamilyName => how(ComparisonMethod::JaroWinkler, &[0.92, 0.8], &[0.84, 0.08, 0.03, 0.05], true),
        CompanyName => how(ComparisonMethod::JaroWinkler, &[0.92, 0.8], &[0.60, 0.20, 0.12, 0.08], true),
        BirthDate => how(ComparisonMethod::Date, &[], &[0.90, 0.05, 0.02, 0.03], false),
        Email => how(ComparisonMethod::Email, &[], &[0.66, 0.06, 0.12, 0.16], false),
        Phone => how(ComparisonMethod::DamerauLevenshtein, &[0.85], &[0.70, 0.05, 0.25], false),
        Street => how(ComparisonMethod::DamerauLevenshtein, &[0.85, 0.7], &[0.66, 0.12, 0.06, 0.16], false),
        City => how(ComparisonMethod::JaroWinkler, &[0.9], &[0.80, 0.08, 0.12], true),
        Postcode => how(ComparisonMethod::DamerauLevenshtein, &[0.75], &[0.80, 0.08, 0.12], false),
        Region | Country | Category => how(ComparisonMethod::Exact, &[], &[0.85, 0.15], false),
        Gender => how(ComparisonMethod::Exact, &[], &[0.97, 0.03], false),
        NameSuffix => how(ComparisonMethod::Exact, &[], &[0.90, 0.10], false),
        Identifier if short => how(ComparisonMethod::Exact, &[], &[0.85, 0.15], false),
        Identifier => how(ComparisonMethod::DamerauLevenshtein, &[0.8], &[0.85, 0.08, 0.07], false),
        FreeText => how(ComparisonMethod::JaroWinkler, &[0.92, 0.8], &[0.60, 0.15, 0.10, 0.15], false),
        _ => None,
    }
}

/// The comparisons, with their reasons, best first by what their agreement tells.
fn comparisons(chosen: &Chosen<'_>) -> (Vec<ComparisonSpec>, Vec<String>) {
    let mut made: Vec<(ComparisonSpec, String)> = Vec::new();
    for column in &chosen.columns {
        if column.guess.kind == FullName {
            made.extend(full_name(column));
        } else if let Some(how) = method(column) {
            let reason = reason(column);
            made.push((spec(&column.name, column, &how), reason));
        }
    }
    made.truncate(MOST_COMPARISONS);
    made.into_iter().unzip()
}

fn reason(column: &ColumnProfile) -> String {
    format!(
        "taken for {} ({:.0} % sure), filled in {:.0} % of the rows; two random records agree in it with a probability of {:.1e}",
        in_words(column.guess.kind),
        column.guess.confidence * 100.0,
        column.filled() * 100.0,
        column.agreement
    )
}

fn in_words(kind: AttributeKind) -> String {
    kind.name().replace('_', " ")
}

/// A whole name is compared by its given and its family name, which cleaning takes out of it.
fn full_name(column: &ColumnProfile) -> [(ComparisonSpec, String); 2] {
    let part = |suffix: &str, kind: AttributeKind| {
        let mut taken = column.clone();
        taken.guess.kind = kind;
        let name = format!("{}{suffix}", column.name);
        let how = method(&taken).unwrap_or(Method {
            method: ComparisonMethod::Exact,
            thresholds: &[],
            m: &[],
            term_frequency: false,
        });
        let mut made = spec(&name, &taken, &how);
        made.alternative = (kind == GivenName).then(|| format!("{name}_canonical"));
        made.m = with_alternative(&made);
        (made, format!("the {} in {}, {}", in_words(kind), column.name, reason(column)))
    };
    [part("_given", GivenName), part("_family", FamilyName)]
}

fn spec(name: &str, column: &ColumnProfile, how: &Method) -> ComparisonSpec {
    let mut spec = ComparisonSpec {
        name: None,
        column: name.to_owned(),
        method: how.method,
        thresholds: how.thresholds.to_vec(),
        alternative: (column.guess.kind == GivenName && !name.ends_with("_given")).then(|| format!("{name}_canonical")),
        term_frequency: how.term_frequency,
        m: how.m.to_vec(),
        u: Vec::new(),
        partner: None,
        shared_in_household: None,
    };
    spec.m = with_alternative(&spec);
    spec
}

/// m with a level more where an alternative column makes one just below "exact".
fn with_alternative(spec: &ComparisonSpec) -> Vec<f64> {
    let mut m = spec.m.clone();
    // Exact, then one level a threshold, then all else.
    if spec.alternative.is_some() && m.len() == spec.thresholds.len() + 2 {
        m[0] = ((m[0] - 0.08) * 1e4).round() / 1e4;
        m.insert(1, 0.08);
    }
    m
}

/// A part of a block key: a column and what of it, with the probability that two random records agree in it.
#[derive(Clone)]
struct Part {
    key: BlockingKeySpec,
    agreement: f64,
    words: String,
}

impl Part {
    fn whole(column: &ColumnProfile) -> Self {
        Self::named(&column.name, column, KeyPart::Whole, None)
    }

    fn named(name: &str, column: &ColumnProfile, part: KeyPart, length: Option<u32>) -> Self {
        // What of a value goes into a key makes more records agree than agree in the whole.
        let agreement = match (part, length) {
            (KeyPart::Whole, _) => column.agreement,
            (KeyPart::Phonetic, _) => (column.agreement * 4.0).max(1e-3),
            (KeyPart::Prefix, length) => {
                column.agreement.max(0.09f64.powf(f64::from(length.unwrap_or(1)).min(4.0) * 0.7))
            }
            (KeyPart::Year, _) => 0.02,
        }
        .min(1.0);
        let filled = column.filled();
        let words = match (part, length) {
            (KeyPart::Whole, _) => name.to_owned(),
            (KeyPart::Phonetic, _) => format!("sound of {name}"),
            (KeyPart::Prefix, length) => format!("first {} of {name}", length.unwrap_or(1)),
            (KeyPart::Year, _) => format!("year of {name}"),
        };
        let key = BlockingKeySpec { column: name.to_owned(), part, length };
        Self { key, agreement: agreement * filled * filled, words }
    }
}

/// Blocking rules as they are collected.
struct Rules {
    rows: u64,
    made: BTreeMap<usize, (BlockingRuleSpec, String)>,
}

impl Rules {
    fn pairs_a_record(&self, parts: &[Part]) -> f64 {
        parts.iter().map(|part| part.agreement).product::<f64>() * self.rows as f64 / 2.0
    }

    /// Adds the rule that its parts together make, if these parts are there and selective enough.
    fn add(&mut self, parts: &[Option<Part>]) {
        let Some(parts) = parts.iter().cloned().collect::<Option<Vec<Part>>>() else { return };
        let pairs = self.pairs_a_record(&parts);
        let most = if self.rows <= SMALL { self.rows as f64 } else { PAIRS_A_RECORD };
        if parts.is_empty() || pairs > most {
            return;
        }
        let words: Vec<&str> = parts.iter().map(|part| part.words.as_str()).collect();
        let reason = format!("lets expect about {} candidate pairs a record", brief(pairs));
        self.push(
            BlockingRuleSpec {
                name: format!("same {}", words.join(", ")),
                method: BlockingMethod::Keys,
                keys: parts.iter().map(|part| part.key.clone()).collect(),
                signature: SignatureSpec::default(),
                max_block: MAX_BLOCK,
                refine: Vec::new(),
                window: 10,
            },
            reason,
        );
    }

    fn push(&mut self, rule: BlockingRuleSpec, reason: String) {
        let known = self.made.values().any(|(known, _)| known.name == rule.name);
        if !known && self.made.len() < MOST_RULES {
            self.made.insert(self.made.len(), (rule, reason));
        }
    }

    /// Adds a rule for values that look alike as a whole, whatever stands where.
    fn alike(&mut self, columns: &[String]) {
        if columns.is_empty() {
            return;
        }
        // The more records, the more of them look a little alike: the signature is stricter then.
        let signature = match self.rows {
            small if small <= SMALL => SignatureSpec { gram: 2, bands: 16, rows: 3 },
            middling if middling <= 50_000 => SignatureSpec { gram: 2, bands: 12, rows: 5 },
            _ => SignatureSpec { gram: 2, bands: 10, rows: 7 },
        };
        let key = |column: &String| BlockingKeySpec { column: column.clone(), part: KeyPart::Whole, length: None };
        self.push(
            BlockingRuleSpec {
                name: format!("{} alike as a whole", columns.join(" and ")),
                method: BlockingMethod::MinHash,
                keys: columns.iter().map(key).collect(),
                signature,
                max_block: MAX_BLOCK,
                refine: Vec::new(),
                window: 10,
            },
            "catches typing errors anywhere and words in another order".to_owned(),
        );
    }
}

fn brief(pairs: f64) -> String {
    if pairs >= 1.0 { format!("{pairs:.0}") } else { format!("{pairs:.1e}") }
}

/// A column by its name among the clean ones, where there is one, with its profile.
type Named<'p> = Option<(String, &'p ColumnProfile)>;

/// The columns that names of persons stand in: given (canonical) and family, with the profile behind them.
fn person_columns<'p>(chosen: &Chosen<'p>) -> (Named<'p>, Named<'p>) {
    let given = chosen.best(GivenName).map(|column| (format!("{}_canonical", column.name), column));
    let family = chosen.best(FamilyName).map(|column| (column.name.clone(), column));
    let whole = chosen.best(FullName);
    (
        given.or_else(|| whole.map(|column| (format!("{}_given_canonical", column.name), column))),
        family.or_else(|| whole.map(|column| (format!("{}_family", column.name), column))),
    )
}

fn blocking_rules(chosen: &Chosen<'_>, comparisons: &[ComparisonSpec]) -> (Vec<BlockingRuleSpec>, Vec<String>) {
    let mut rules = Rules { rows: chosen.rows, made: BTreeMap::new() };
    for kind in [Email, Identifier] {
        for column in chosen.of_kind(kind).filter(|column| column.agreement < SELECTIVE) {
            rules.add(&[Some(Part::whole(column))]);
        }
    }
    person_rules(chosen, &mut rules);
    organisation_rules(chosen, &mut rules);
    place_rules(chosen, &mut rules);
    if rules.made.len() < 3 {
        fall_back(chosen, comparisons, &mut rules);
    }
    rules.made.into_values().unzip()
}

fn person_rules(chosen: &Chosen<'_>, rules: &mut Rules) {
    let (given, family) = person_columns(chosen);
    let part = |named: &Option<(String, &ColumnProfile)>, part, length| {
        named.as_ref().map(|(name, column)| Part::named(name, column, part, length))
    };
    let (initial, sound) = (part(&given, KeyPart::Prefix, Some(1)), part(&given, KeyPart::Phonetic, None));
    let (family_sound, family_start) =
        (part(&family, KeyPart::Phonetic, None), part(&family, KeyPart::Prefix, Some(3)));
    let whole = |kind| chosen.best(kind).map(Part::whole);
    let (born, phone, postcode, city) = (whole(BirthDate), whole(Phone), whole(Postcode), whole(City));
    let year = chosen.best(BirthDate).map(|column| Part::named(&column.name, column, KeyPart::Year, None));
    rules.add(&[born.clone(), sound.clone()]);
    rules.add(&[born.clone(), family_sound.clone()]);
    rules.add(&[part(&given, KeyPart::Whole, None), part(&family, KeyPart::Whole, None)]);
    rules.add(&[phone, initial.clone()]);
    rules.add(&[sound.clone(), family_sound.clone(), year.clone()]);
    rules.add(&[family_sound.clone(), postcode.clone(), initial.clone()]);
    rules.add(&[sound.clone(), postcode.clone(), family_start.clone()]);
    rules.add(&[family_sound, city, initial]);
    rules.add(&[born, postcode]);
    rules.add(&[year, family_start, sound]);
    if let (Some((given, _)), Some((family, _))) = (given, family) {
        rules.alike(&[given, family]);
    }
}

fn organisation_rules(chosen: &Chosen<'_>, rules: &mut Rules) {
    let Some(company) = chosen.best(CompanyName) else { return };
    let persons = [GivenName, FamilyName, FullName].iter().any(|kind| chosen.best(*kind).is_some());
    // Where persons have a company it is their employer, and colleagues are not duplicates of one another.
    if persons {
        return;
    }
    let whole = |kind| chosen.best(kind).map(Part::whole);
    rules.add(&[Some(Part::whole(company))]);
    rules.add(&[whole(Phone)]);
    rules.add(&[whole(Street)]);
    rules.add(&[Some(Part::named(&company.name, company, KeyPart::Prefix, Some(5))), whole(City)]);
    rules.add(&[Some(Part::named(&company.name, company, KeyPart::Phonetic, None)), whole(Postcode)]);
    rules.alike(std::slice::from_ref(&company.name));
}

fn place_rules(chosen: &Chosen<'_>, rules: &mut Rules) {
    let (given, _) = person_columns(chosen);
    let initial = given.as_ref().map(|(name, column)| Part::named(name, column, KeyPart::Prefix, Some(2)));
    let street = chosen.best(Street).map(Part::whole);
    if initial.is_some() {
        rules.add(&[street, initial]);
    } else if chosen.best(CompanyName).is_none() {
        rules.add(&[street]);
    }
}

/// For tables of no known kind: what is most selective, alone, by its beginning, and all of it together.
fn fall_back(chosen: &Chosen<'_>, comparisons: &[ComparisonSpec], rules: &mut Rules) {
    let compared = |column: &&&ColumnProfile| comparisons.iter().any(|spec| spec.column == column.name);
    let mut columns: Vec<&ColumnProfile> = chosen.columns.iter().filter(compared).copied().collect();
    columns.sort_by(|a, b| a.agreement.total_cmp(&b.agreement));
    let is_text = |column: &&ColumnProfile| column.guess.kind != BirthDate;
    for column in columns.iter().take(4) {
        rules.add(&[Some(Part::whole(column))]);
    }
    for column in columns.iter().copied().filter(is_text).take(2) {
        rules.add(&[Some(Part::named(&column.name, column, KeyPart::Prefix, Some(4)))]);
    }
    let texts: Vec<String> =
        columns.iter().copied().filter(is_text).take(2).map(|column| column.name.clone()).collect();
    rules.alike(&texts);
    if rules.made.is_empty()
        && let Some(column) = columns.first()
    {
        let rule = BlockingRuleSpec {
            name: format!("same {}", column.name),
            method: BlockingMethod::Keys,
            keys: vec![Part::whole(column).key],
            signature: SignatureSpec::default(),
            max_block: MAX_BLOCK,
            refine: Vec::new(),
            window: 10,
        };
        rules.push(rule, "the most selective column there is".to_owned());
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests;
