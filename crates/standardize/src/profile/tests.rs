//! The profile as a whole.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch, StringArray};
use arrow::datatypes::{DataType, Field, Schema};
use onefold_contract::AttributeKind as Kind;
use onefold_contract::TableProfile;
use onefold_contract::profile::HistogramOf;
use proptest::prelude::*;

use super::{ProfileSettings, Profiler, standardize_plan};
use crate::standardize;
use crate::testing::SEED;

/// A table of texts; empty texts are absent.
pub(super) fn table(columns: &[(&str, &[&str])]) -> RecordBatch {
    let fields: Vec<Field> = columns.iter().map(|(name, _)| Field::new(*name, DataType::Utf8, true)).collect();
    let array = |values: &[&str]| -> ArrayRef {
        Arc::new(values.iter().map(|v| Some(*v).filter(|v| !v.is_empty())).collect::<StringArray>())
    };
    let arrays = columns.iter().map(|(_, values)| array(values)).collect();
    RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays).unwrap()
}

fn names(batch: &RecordBatch) -> Vec<String> {
    batch.schema().fields().iter().map(|field| field.name().clone()).collect()
}

fn profile_in_batches(batch: &RecordBatch, size: usize, settings: ProfileSettings) -> TableProfile {
    let mut profiler = Profiler::new(&names(batch), settings);
    let slices = || (0..batch.num_rows()).step_by(size).map(|at| batch.slice(at, size.min(batch.num_rows() - at)));
    for slice in slices() {
        profiler.observe(&slice).unwrap();
    }
    profiler.guess(&SEED).finish(slices().map(Ok)).unwrap()
}

fn profile(batch: &RecordBatch) -> TableProfile {
    profile_in_batches(batch, 1_000, ProfileSettings::default())
}

fn people() -> RecordBatch {
    table(&[
        ("ref", &["k1", "k2", "k3", "k4", "k5", "k6"]),
        ("a", &["Robert", "Anna", "Mary", "John", "Robert", "Linda"]),
        ("b", &["Smith", "Jones", "Miller", "Smith", "Smith", "Garcia"]),
        ("c", &["12/31/1980", "02/14/1975", "05/05/1990", "N/A", "12/31/1980", "07/20/1969"]),
        ("d", &["r@smith.example", "anna@jones.example", "", "j@s.example", "R@smith.example", "no mail"]),
        ("e", &["(212) 555-0123", "(212) 555-0124", "212-555-0125", "", "212 555 0123", "(212) 555-0177"]),
        ("f", &["12 Main Street", "7 Oak Ave", "99 Elm Road", "1 High St", "12 Main St", "3 Lake Drive"]),
        ("g", &["M", "F", "F", "M", "M", "F"]),
    ])
}

#[test]
fn values_tell_where_names_do_not() {
    let profile = profile(&people());
    let kinds: Vec<(&str, Kind)> = profile.columns.iter().map(|c| (c.name.as_str(), c.guess.kind)).collect();
    assert_eq!(
        kinds,
        [
            ("ref", Kind::Identifier),
            ("a", Kind::GivenName),
            ("b", Kind::FamilyName),
            ("c", Kind::Date),
            ("d", Kind::Email),
            ("e", Kind::Phone),
            ("f", Kind::Street),
            ("g", Kind::Gender),
        ]
    );
    for column in &profile.columns {
        assert!((0.0..=1.0).contains(&column.guess.confidence) && !column.guess.reasons.is_empty(), "{}", column.name);
    }
}

#[test]
fn counts_ranges_and_defects_are_those_of_the_values() {
    let profile = profile(&people());
    let column = |name: &str| profile.column(name).unwrap();
    let born = column("c");
    assert_eq!(born.dates.as_ref().map(|d| (d.first.as_str(), d.last.as_str())), Some(("1969-07-20", "1990-05-05")));
    assert_eq!(born.null_words.iter().map(|w| (w.value.as_str(), w.count)).collect::<Vec<_>>(), [("N/A", 1)]);
    assert_eq!(born.histogram.as_ref().map(|h| h.of), Some(HistogramOf::Years));
    let mail = column("d");
    assert_eq!((mail.nulls, mail.distinct.count, mail.present()), (1, 5, 5));
    assert_eq!(mail.defects.iter().map(|d| (d.rule.as_str(), d.count)).collect::<Vec<_>>(), [("no-at-sign", 1)]);
    let given = column("a");
    assert_eq!((given.top[0].value.as_str(), given.top[0].count, given.top_error), ("Robert", 2, 0));
    assert!((given.agreement - 2.0 / 30.0).abs() < 1e-12);
    assert_eq!(given.patterns.iter().map(|p| (p.pattern.as_str(), p.count)).collect::<Vec<_>>(), [("Aa+", 6)]);
    assert!(column("ref").unique && column("ref").looks_like_key && !given.looks_like_key);
    assert_eq!(profile.keys().map(|c| c.name.as_str()).collect::<Vec<_>>(), ["ref"]);
}

#[test]
fn what_a_person_says_is_not_guessed() {
    let settings =
        ProfileSettings { kinds: BTreeMap::from([("a".to_owned(), Kind::Category)]), region: Some("GB".to_owned()) };
    let profile = profile_in_batches(&people(), 100, settings);
    let said = profile.column("a").unwrap();
    assert_eq!((said.guess.kind, said.guess.confidence), (Kind::Category, 1.0));
    assert_eq!(profile.region.as_deref(), Some("GB"));
}

#[test]
fn a_whole_name_beside_its_parts_is_found() {
    let first = ["Ann", "Bob", "Cid", "Dora", "Eve", "Finn", "Gale"];
    let last = ["Lee", "Moor", "Lake", "Hill", "West", "Park", "Wood"];
    let whole: Vec<String> = first.iter().zip(last).map(|(f, l)| format!("{l}, {f}")).collect();
    let whole: Vec<&str> = whole.iter().map(String::as_str).collect();
    let profile = profile(&table(&[("whole", &whole), ("first", &first), ("last", &last)]));
    assert_eq!(profile.compounds.len(), 1);
    assert_eq!(profile.compounds[0].column, "whole");
    assert_eq!(profile.compounds[0].parts, ["first", "last"]);
}

#[test]
fn outliers_and_odd_shapes_are_named() {
    let ages: Vec<String> = (0..200).map(|n| (20 + n % 50).to_string()).chain(["999".to_owned()]).collect();
    let codes: Vec<String> = (0..200).map(|n| format!("{:05}", 10_000 + n)).chain(["1O001".to_owned()]).collect();
    let texts = |values: &[String]| -> Vec<&'static str> {
        values.iter().map(|v| -> &'static str { Box::leak(v.clone().into_boxed_str()) }).collect()
    };
    let profile = profile(&table(&[("age", &texts(&ages)), ("zip", &texts(&codes))]));
    let outliers = |name: &str| -> Vec<String> {
        profile.column(name).unwrap().outliers.iter().map(|o| o.value.clone()).collect()
    };
    assert_eq!(outliers("age"), ["999"]);
    assert_eq!(outliers("zip"), ["1O001"]);
}

#[test]
fn tables_without_rows_or_values_have_profiles() {
    let empty = profile(&table(&[("a", &[]), ("b", &[])]));
    assert_eq!((empty.rows, empty.columns.len()), (0, 2));
    let blank = profile(&table(&[("first_name", &["", "", ""]), ("x", &[" ", "  ", " "])]));
    assert_eq!(blank.columns[1].blanks, 3);
    assert!(blank.columns.iter().all(|column| column.guess.confidence < 0.1 && !column.looks_like_key));
}

#[test]
fn a_profile_reads_back_from_json() {
    let profile = profile(&people());
    let text = serde_json::to_string(&profile).unwrap();
    assert_eq!(serde_json::from_str::<TableProfile>(&text).unwrap(), profile);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn batches_make_no_difference(
        rows in proptest::collection::vec(("[a-c]{0,3}", "[0-9]{0,4}", "[0-9/]{0,10}"), 1..60),
        size in 1usize..20,
    ) {
        let column = |pick: fn(&(String, String, String)) -> &String| rows.iter().map(pick).map(String::as_str).collect::<Vec<_>>();
        let batch = table(&[("a", &column(|r| &r.0)), ("b", &column(|r| &r.1)), ("c", &column(|r| &r.2))]);
        let whole = profile_in_batches(&batch, 1_000, ProfileSettings::default());
        prop_assert_eq!(profile_in_batches(&batch, size, ProfileSettings::default()), whole);
    }

    #[test]
    fn any_table_has_a_profile_and_a_plan_that_holds(rows in proptest::collection::vec(("\\PC{0,12}", "\\PC{0,12}"), 1..20)) {
        let (a, b): (Vec<&str>, Vec<&str>) = rows.iter().map(|(a, b)| (a.as_str(), b.as_str())).unzip();
        let batch = table(&[("a", &a), ("b", &b)]);
        let profile = profile_in_batches(&batch, 7, ProfileSettings::default());
        for column in &profile.columns {
            prop_assert_eq!(column.rows, rows.len() as u64);
            prop_assert!(column.distinct.count <= column.present());
            prop_assert!((0.0..=1.0).contains(&column.agreement));
            prop_assert_eq!(column.unique, column.present() > 0 && column.distinct.count == column.present());
        }
        let plan = standardize_plan(&profile, "t");
        let staged = crate::laws::staged(&plan, &rows.iter().map(|(a, b)| ("insert", vec![Some(a.clone()), Some(b.clone())])).collect::<Vec<_>>());
        let outcome = standardize(&plan, &staged, &BTreeMap::new(), &SEED).unwrap();
        prop_assert_eq!(outcome.accepted.num_rows(), rows.len());
    }
}
