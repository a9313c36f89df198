//! Proposals for tables of several kinds.

use std::collections::{BTreeMap, BTreeSet};

use arrow::datatypes::DataType;
use onefold_contract::AttributeKind::{
    self, BirthDate, Category, City, CompanyName, Email, FamilyName, FreeText, FullName, Gender, GivenName, Identifier,
    Money, Phone, Postcode, Street, Timestamp,
};
use onefold_contract::ColumnProfile;
use onefold_contract::profile::{Compound, Distinct, KindGuess, LengthRange};
use proptest::prelude::*;

use super::*;
use crate::spec::{BlockingMethod, ComparisonMethod, ComparisonSpec};

/// A column of 10,000 rows, taken for a kind; two rows agree in it with the given probability.
fn column(name: &str, kind: AttributeKind, filled: f64, agreement: f64) -> ColumnProfile {
    let rows = 10_000;
    ColumnProfile {
        name: name.to_owned(),
        guess: KindGuess { kind, confidence: 0.9, reasons: Vec::new(), others: Vec::new(), date_order: None },
        rows,
        nulls: ((1.0 - filled) * rows as f64) as u64,
        blanks: 0,
        null_words: Vec::new(),
        distinct: Distinct { count: 1_000, error: 0.0 },
        top: Vec::new(),
        top_error: 0,
        agreement,
        examined: rows,
        patterns: Vec::new(),
        lengths: Some(LengthRange { shortest: 3, longest: 20, mean: 9.0 }),
        numbers: None,
        dates: None,
        histogram: None,
        outliers: Vec::new(),
        junk: Vec::new(),
        defects: Vec::new(),
        of_record: false,
        unique: false,
        looks_like_key: false,
    }
}

fn table(columns: Vec<ColumnProfile>) -> TableProfile {
    TableProfile { rows: 10_000, columns, ..TableProfile::default() }
}

fn people() -> TableProfile {
    let mut id = column("id", Identifier, 1.0, 0.0);
    id.unique = true;
    let mut source = column("source", Category, 1.0, 0.3);
    source.of_record = true;
    table(vec![
        id,
        column("first", GivenName, 0.95, 0.004),
        column("last", FamilyName, 0.97, 0.001),
        column("dob", BirthDate, 0.8, 0.0001),
        column("mail", Email, 0.7, 0.0001),
        column("tel", Phone, 0.6, 0.0001),
        column("street", Street, 0.8, 0.0002),
        column("town", City, 0.8, 0.005),
        column("sex", Gender, 0.9, 0.5),
        column("created", Timestamp, 1.0, 0.001),
        source,
    ])
}

/// The clean columns of a profile, as standardizing makes them.
fn clean_columns(profile: &TableProfile) -> BTreeMap<String, DataType> {
    let of = |column: &ColumnProfile| {
        let (name, kind) = (column.name.clone(), column.guess.kind);
        let derived = kind.derived().into_iter().map(move |(suffix, data_type)| (format!("{name}{suffix}"), data_type));
        std::iter::once((column.name.clone(), kind.clean_type())).chain(derived).collect::<Vec<_>>()
    };
    profile.columns.iter().flat_map(of).collect()
}

fn proposed(profile: &TableProfile) -> Proposal {
    let proposal = propose(profile, &BTreeSet::new()).unwrap();
    assert_eq!(proposal.spec.mistakes(Some(&clean_columns(profile))), []);
    assert_eq!(proposal.spec.comparisons.len(), proposal.comparison_reasons.len());
    assert_eq!(proposal.spec.blocking_rules.len(), proposal.rule_reasons.len());
    proposal
}

fn comparison<'a>(proposal: &'a Proposal, column: &str) -> &'a ComparisonSpec {
    proposal.spec.comparisons.iter().find(|spec| spec.column == column).unwrap()
}

fn compared(proposal: &Proposal) -> Vec<&str> {
    proposal.spec.comparisons.iter().map(|spec| spec.column.as_str()).collect()
}

#[test]
fn people_are_compared_by_what_tells_of_them() {
    let proposal = proposed(&people());
    assert_eq!(proposal.entity, Entity::Person);
    assert_eq!(compared(&proposal), ["first", "last", "dob", "mail", "tel", "street", "town", "sex"]);
    let left: Vec<&str> = proposal.left_out.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(left, ["id", "created", "source"]);
    assert!(proposal.spec.blocking_rules.len() >= 6, "{:?}", proposal.spec.blocking_rules);
    let methods: Vec<ComparisonMethod> = proposal.spec.comparisons.iter().map(|spec| spec.method).collect();
    assert_eq!(
        methods,
        [
            ComparisonMethod::GivenName,
            ComparisonMethod::FamilyName,
            ComparisonMethod::BirthDate,
            ComparisonMethod::Email,
            ComparisonMethod::Phone,
            ComparisonMethod::Address,
            ComparisonMethod::JaroWinkler,
            ComparisonMethod::Exact
        ]
    );
    let given = comparison(&proposal, "first");
    assert_eq!((given.partner.as_deref(), given.alternative.as_deref()), (Some("last"), Some("first_canonical")));
    assert_eq!(comparison(&proposal, "last").partner.as_deref(), Some("first"));
    assert_eq!(comparison(&proposal, "town").shared_in_household, Some(true));
    // Training learns all probabilities.
    assert!(proposal.spec.comparisons.iter().all(|spec| spec.m.is_empty() && spec.u.is_empty()));
}

#[test]
fn large_blocks_are_cut_by_other_columns() {
    let proposal = proposed(&people());
    for rule in proposal.spec.blocking_rules.iter().filter(|rule| rule.method == BlockingMethod::Keys) {
        let made_of: BTreeSet<&str> = rule.keys.iter().map(|key| key.column.as_str()).collect();
        assert!(rule.refine.iter().all(|part| !made_of.contains(part.column.as_str())), "{rule:?}");
    }
    let mail = proposal.spec.blocking_rules.iter().find(|rule| rule.name == "same mail").unwrap();
    assert!(!mail.refine.is_empty());
}

#[test]
fn a_small_table_is_compared_pair_by_pair() {
    let mut few = people();
    few.rows = 10;
    let proposal = proposed(&few);
    assert_eq!(proposal.spec.blocking_rules.len(), 1);
    assert_eq!(proposal.spec.blocking_rules[0].method, BlockingMethod::EveryPair);
    // Firms of one city are many and no duplicates: they meet by their names.
    let mut firms = table(vec![column("name", CompanyName, 1.0, 0.0005), column("city", City, 0.9, 0.02)]);
    firms.rows = 1_000;
    let rules = proposed(&firms).spec.blocking_rules;
    assert!(rules.iter().all(|rule| rule.keys.iter().any(|key| key.column == "name")), "{rules:?}");
}

#[test]
fn where_little_identifies_blocking_looks_everywhere() {
    let mut thin = people();
    thin.columns.retain(|column| ["first", "last", "dob", "town"].contains(&column.name.as_str()));
    let rules = proposed(&thin).spec.blocking_rules;
    assert!(rules.iter().any(|rule| rule.keys.len() == 1 && rule.keys[0].column == "last"), "{rules:?}");
    assert!(rules.iter().any(|rule| rule.method == BlockingMethod::MinHash));
}

#[test]
fn things_are_compared_by_their_figures_too_and_persons_are_not() {
    let mut goods = table(vec![column("title", FreeText, 1.0, 0.0005), column("price", Money, 1.0, 0.001)]);
    assert_eq!(compared(&proposed(&goods)), ["title", "price"]);
    goods.columns.push(column("seller", FullName, 1.0, 0.0001));
    assert!(!compared(&proposed(&goods)).contains(&"price"));
}

#[test]
fn a_company_beside_persons_is_shared_and_one_that_stands_for_itself_is_not() {
    let mut employer = people();
    employer.columns.push(column("company", CompanyName, 0.3, 0.001));
    assert_eq!(comparison(&proposed(&employer), "company").shared_in_household, Some(true));
    let mixture = table(vec![
        column("first", GivenName, 0.6, 0.004),
        column("last", FamilyName, 0.6, 0.001),
        column("company", CompanyName, 0.4, 0.001),
        column("zip", Postcode, 0.9, 0.001),
    ]);
    let proposal = proposed(&mixture);
    assert_eq!(comparison(&proposal, "company").shared_in_household, None);
    assert!(proposal.spec.blocking_rules.iter().any(|rule| rule.name == "same company"));
}

#[test]
fn organisations_and_mixtures_are_told_apart() {
    let firms = table(vec![
        column("name", CompanyName, 1.0, 0.0005),
        column("addr", Street, 0.9, 0.0003),
        column("city", City, 0.9, 0.02),
        column("phone", Phone, 0.8, 0.0002),
    ]);
    let proposal = proposed(&firms);
    assert_eq!(proposal.entity, Entity::Organisation);
    assert!(proposal.spec.blocking_rules.iter().any(|rule| rule.method == BlockingMethod::MinHash));
    let mut both = people();
    both.columns.push(column("company", CompanyName, 0.3, 0.001));
    assert_eq!(proposed(&both).entity, Entity::Party);
}

#[test]
fn a_whole_name_is_compared_by_its_parts() {
    let whole = table(vec![column("name", FullName, 1.0, 0.0001), column("dob", BirthDate, 0.9, 0.0001)]);
    assert_eq!(compared(&proposed(&whole)), ["name_given", "name_family", "name_suffix", "dob"]);
    // Beside parts that say less it stands for them.
    let mut longer = people();
    let mut full = column("full", FullName, 1.0, 0.0001);
    full.lengths = Some(LengthRange { shortest: 3, longest: 60, mean: 30.0 });
    longer.columns.push(full);
    let names = proposed(&longer);
    assert!(compared(&names).contains(&"full_given") && !compared(&names).contains(&"first"));
    // Beside its parts it says nothing new.
    let mut parts = people();
    parts.columns.push(column("full", FullName, 1.0, 0.0001));
    parts.columns.push(column("label", FreeText, 1.0, 0.0001));
    parts.compounds.push(Compound {
        column: "label".to_owned(),
        parts: vec!["first".to_owned(), "last".to_owned()],
        share: 0.95,
    });
    let proposal = proposed(&parts);
    assert!(!compared(&proposal).iter().any(|name| name.starts_with("full") || *name == "label"));
}

#[test]
fn a_table_of_no_known_kind_is_compared_by_what_is_selective() {
    let things = table(vec![column("label", FreeText, 1.0, 0.0005), column("colour", Category, 1.0, 0.2)]);
    let proposal = proposed(&things);
    assert_eq!(proposal.entity, Entity::Thing);
    assert_eq!(compared(&proposal), ["label", "colour"]);
    assert!(proposal.spec.blocking_rules.iter().any(|rule| rule.method == BlockingMethod::MinHash));
    assert!(proposal.spec.blocking_rules.iter().any(|rule| rule.method == BlockingMethod::SortedNeighbourhood));
}

#[test]
fn nothing_to_compare_is_a_users_error_that_says_why() {
    let mut key = column("id", Identifier, 1.0, 0.0);
    key.unique = true;
    let failure = propose(&table(vec![key]), &BTreeSet::new()).unwrap_err();
    assert!(failure.message.contains("no column") && failure.details[0].starts_with("id: "), "{failure}");
    let ignored: BTreeSet<String> = people().columns.iter().map(|column| column.name.clone()).collect();
    assert!(propose(&people(), &ignored).is_err());
}

proptest! {
    #[test]
    fn every_proposal_is_a_model_without_mistakes(
        kinds in proptest::collection::vec((0usize..25, 0.0f64..1.0, 1e-6f64..1.0), 1..12),
        rows in 1u64..5_000_000,
    ) {
        let columns = kinds.iter().enumerate().map(|(place, (kind, filled, agreement))| {
            column(&format!("c{place}"), AttributeKind::ALL[*kind], *filled, *agreement)
        });
        let mut profile = table(columns.collect());
        profile.rows = rows;
        if let Ok(proposal) = propose(&profile, &BTreeSet::new()) {
            prop_assert_eq!(proposal.spec.mistakes(Some(&clean_columns(&profile))), Vec::<(String, String)>::new());
            prop_assert!(!proposal.spec.blocking_rules.is_empty());
        }
    }
}
