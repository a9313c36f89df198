use onefold_contract::comparison::PreparedComparison;
use proptest::prelude::*;

use super::*;
use crate::testing::records;

fn spec(method: ComparisonMethod, thresholds: &[f64]) -> ComparisonSpec {
    ComparisonSpec {
        name: None,
        column: "v".into(),
        method,
        thresholds: thresholds.to_vec(),
        alternative: None,
        partner: None,
        shared_in_household: None,
        term_frequency: false,
        m: vec![],
        u: vec![],
    }
}

fn prepared(spec: &ComparisonSpec, values: &[&str]) -> Box<dyn PreparedComparison> {
    let column = if spec.method == ComparisonMethod::Date { "v:date" } else { "v" };
    comparison(spec).prepare(&records(&[(column, values)])).unwrap()
}

/// The name of the level of two values.
fn level(spec: &ComparisonSpec, left: &str, right: &str) -> String {
    let place = prepared(spec, &[left, right]).level(0, 1);
    comparison(spec).levels()[usize::from(place)].clone()
}

const TEXT_METHODS: [ComparisonMethod; 5] = [
    ComparisonMethod::Exact,
    ComparisonMethod::JaroWinkler,
    ComparisonMethod::DamerauLevenshtein,
    ComparisonMethod::Jaccard,
    ComparisonMethod::Email,
];

proptest! {
    #[test]
    fn every_method_is_symmetric_and_knows_equal_and_missing(
        left in "[a-dé@ .]{0,8}", right in "[a-dé@ .]{0,8}", filler in "[a-dé]{0,4}",
    ) {
        for method in TEXT_METHODS {
            let spec = spec(method, &[]);
            let names = comparison(&spec).levels().len();
            let one = prepared(&spec, &[&left, &right, &left, &filler]);
            // The same pair among other rows, the other way round.
            let other = prepared(&spec, &[&filler, &right, &left]);
            let found = one.level(0, 1);
            prop_assert_eq!(found, one.level(1, 0));
            prop_assert_eq!(found, other.level(1, 2));
            prop_assert!(usize::from(found) < names);
            let missing = |v: &str| v.trim().is_empty();
            prop_assert_eq!(found == 0, missing(&left) || missing(&right));
            prop_assert_eq!(one.level(0, 2), u8::from(!missing(&left)));
            if !missing(&left) && !missing(&right) {
                prop_assert_eq!(found == EQUAL_LEVEL, left == right);
            }
        }
    }

    #[test]
    fn similarities_are_those_of_the_oracle(left in "[a-fé]{1,12}", right in "[a-fé]{1,12}", bound in 0.05f64..0.99) {
        prop_assume!(left != right);
        // The order of values is fixed, and the oracle is asked in the same.
        let (low, high) = (left.clone().min(right.clone()), left.clone().max(right.clone()));
        let length = low.chars().count().max(high.chars().count());
        let oracles = [
            (ComparisonMethod::JaroWinkler, strsim::jaro_winkler(&low, &high)),
            (ComparisonMethod::DamerauLevenshtein, 1.0 - strsim::osa_distance(&low, &high) as f64 / length as f64),
        ];
        for (method, similarity) in oracles {
            prop_assume!((similarity - bound).abs() > 1e-9);
            let found = prepared(&spec(method, &[bound]), &[&left, &right]).level(0, 1);
            prop_assert_eq!(found, if similarity >= bound { 2 } else { 3 }, "{} {} {}", left, right, similarity);
        }
    }

    #[test]
    fn dates_are_symmetric(left in 0i32..40_000, right in 0i32..40_000) {
        let days = arrow::array::Date32Array::from(vec![left, right]);
        let schema = arrow::datatypes::Schema::new(vec![arrow::datatypes::Field::new("v", DataType::Date32, true)]);
        let batch = RecordBatch::try_new(schema.into(), vec![std::sync::Arc::new(days)]).unwrap();
        let prepared = comparison(&spec(ComparisonMethod::Date, &[])).prepare(&batch).unwrap();
        prop_assert_eq!(prepared.level(0, 1), prepared.level(1, 0));
        prop_assert_eq!(prepared.level(0, 1) == EQUAL_LEVEL, left == right);
    }
}

#[test]
fn levels_read_as_people_would_say_them() {
    let names = spec(ComparisonMethod::JaroWinkler, &[0.9, 0.7]);
    assert_eq!(level(&names, "Martha", "Marhta"), "Jaro-Winkler >= 0.9");
    assert_eq!(level(&names, "Dwayne", "Duane"), "Jaro-Winkler >= 0.7");
    assert_eq!(level(&names, "Martha", "Zoe"), "all else");
    assert_eq!(level(&names, "", "Zoe"), "missing");
    let phones = spec(ComparisonMethod::DamerauLevenshtein, &[]);
    assert_eq!(level(&phones, "+4930123456", "+4930123465"), "Damerau-Levenshtein >= 0.85");
    let companies = spec(ComparisonMethod::Jaccard, &[]);
    assert_eq!(level(&companies, "Fold & Sons, Trading", "TRADING: Sons Fold"), "Jaccard of words >= 0.75");
    assert_eq!(level(&companies, "--", "&"), "all else");
    let email = spec(ComparisonMethod::Email, &[]);
    assert_eq!(level(&email, "ann.b@x.example", "ann.b@y.example"), "same user part");
    assert_eq!(level(&email, "ann.burns@x.example", "ann.burn@y.example"), "user part: Jaro-Winkler >= 0.9");
    assert_eq!(level(&email, "ann.b@x.example", "zoe@x.example"), "all else");
    assert_eq!(level(&email, "no address", "zoe@x.example"), "all else");
    let dates = spec(ComparisonMethod::Date, &[]);
    assert_eq!(level(&dates, "1980-05-12", "1980-12-05"), "one typing error, or day and month swapped");
    assert_eq!(level(&dates, "1980-05-12", "1980-11-23"), "same year");
}

#[test]
fn an_alternative_is_a_level_just_below_equal() {
    let mut names = spec(ComparisonMethod::JaroWinkler, &[0.9]);
    names.alternative = Some("canonical".into());
    assert_eq!(comparison(&names).levels(), ["missing", "equal", "same canonical", "Jaro-Winkler >= 0.9", "all else"]);
    let values = ["Bob", "Robert", "Robert", "Robart", "Zoe", ""];
    let canonical = ["Robert", "Robert", "", "Robart", "", "Robert"];
    let prepared = comparison(&names).prepare(&records(&[("v", &values), ("canonical", &canonical)])).unwrap();
    assert_eq!([(0, 1), (1, 2), (1, 3), (0, 4), (0, 5), (2, 4)].map(|(l, r)| prepared.level(l, r)), [2, 1, 3, 4, 0, 4]);
}

#[test]
fn any_simple_type_can_be_equal() {
    let flags = comparison(&spec(ComparisonMethod::Exact, &[]))
        .prepare(&records(&[("v:flag", &["true", "false", "true", ""])]))
        .unwrap();
    assert_eq!([(0, 1), (0, 2), (0, 3)].map(|(l, r)| flags.level(l, r)), [2, 1, 0]);
    let failure = comparison(&spec(ComparisonMethod::JaroWinkler, &[])).prepare(&records(&[("v:flag", &["true"])]));
    assert!(failure.err().unwrap().message.contains("column `v` is of type Boolean, but text is needed"));
}
