//! Tests of the stage: layout, rejects, whole-column decisions.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::BTreeMap;

use arrow::array::{Array, AsArray, Decimal128Array, Int64Array, RecordBatch, StringArray};
use arrow::datatypes::{DataType, Field, Schema};
use onefold_contract::change::{LINEAGE, SOURCE_KEY, change_schema};
use onefold_contract::reject::RejectScope;
use onefold_contract::standardizer::{ColumnDecision, DateOrder};
use onefold_contract::{AttributeKind as Kind, Outcome};
use std::sync::Arc;

use crate::laws::staged;
use crate::testing::{SEED, settings};
use crate::{ColumnPlan, Dictionaries, StandardizePlan, decide, standardize, standardized_schema};

fn plan(columns: &[(&str, Kind, bool)]) -> StandardizePlan {
    let column = |(name, kind, strict): &(&str, Kind, bool)| ColumnPlan {
        name: (*name).to_owned(),
        kind: *kind,
        settings: settings("US", "USD"),
        strict: *strict,
        by: None,
    };
    StandardizePlan { source: "crm".to_owned(), columns: columns.iter().map(column).collect() }
}

fn rows(values: &[&[&str]]) -> Vec<(&'static str, Vec<Option<String>>)> {
    values.iter().map(|row| ("insert", row.iter().map(|v| Some((*v).to_owned())).collect())).collect()
}

fn texts<'a>(outcome: &'a Outcome<RecordBatch>, column: &str) -> Vec<Option<&'a str>> {
    outcome.accepted.column_by_name(column).unwrap().as_string::<i32>().iter().collect()
}

#[test]
fn a_defect_costs_a_value_or_in_a_strict_column_the_row() {
    let plan = plan(&[("phone", Kind::Phone, false), ("email", Kind::Email, true), ("born", Kind::BirthDate, true)]);
    let staged = staged(
        &plan,
        &rows(&[
            &["212 555 0123", "a@example.com", "5/14/1965"],
            &["call me", "b@example.com", "5/14/1965"],
            &["call me", "b.example.com", "yesterday"],
        ]),
    );
    let outcome = standardize(&plan, &staged, &BTreeMap::new(), &SEED).unwrap();
    assert_eq!(texts(&outcome, SOURCE_KEY), [Some("key 0"), Some("key 1")]);
    assert_eq!(texts(&outcome, "phone"), [Some("+12125550123"), None]);
    assert_eq!(texts(&outcome, "phone_original"), [Some("212 555 0123"), Some("call me")]);
    let [value, row] = outcome.rejects.as_slice() else { panic!("{:?}", outcome.rejects) };
    assert_eq!(
        (value.scope, value.column.as_deref(), value.rule.as_str()),
        (RejectScope::Value, Some("phone"), "not-a-phone-number")
    );
    assert_eq!(
        (value.source.as_str(), value.stage.as_str(), value.location.as_str()),
        ("crm", "standardized", "staged.crm")
    );
    assert_eq!((value.source_key.as_deref(), value.raw_value.as_deref()), (Some("key 1"), Some("call me")));
    assert_eq!(
        (row.scope, row.column.as_deref(), row.raw_value.as_deref()),
        (RejectScope::Row, Some("email"), Some("b.example.com"))
    );
    assert_eq!(row.source_key.as_deref(), Some("key 2"));
    assert_eq!(
        row.reason,
        "b.example.com has no @; an address is user@domain; also phone: call me has more in it than a telephone number; \
         also born: yesterday is not written as a date, such as 1999-12-31 or 31 December 1999"
    );
}

#[test]
fn the_schema_lists_clean_and_derived_columns() {
    let schema = standardized_schema(&plan(&[
        ("name", Kind::GivenName, false),
        ("income", Kind::Money, false),
        ("n", Kind::Integer, false),
    ]));
    let names: Vec<&str> = schema.fields().iter().map(|field| field.name().as_str()).collect();
    assert_eq!(names, ["name", "name_canonical", "name_original", "income", "income_currency", "income_original", "n"]);
    assert_eq!(schema.field(3).data_type(), &DataType::Decimal128(28, 4));
}

#[test]
fn columns_that_staging_typed_pass_through() {
    let plan = plan(&[("count", Kind::Integer, true), ("weight", Kind::Decimal, true)]);
    let lineage = |operations: &[&str]| -> Vec<Arc<dyn Array>> {
        LINEAGE.iter().map(|_| Arc::new(StringArray::from(operations.to_vec())) as Arc<dyn Array>).collect()
    };
    let mut columns = lineage(&["insert", "delete", "update"]);
    columns.push(Arc::new(Int64Array::from(vec![Some(5), Some(6), None])));
    let weights = Decimal128Array::from(vec![Some(12_500), None, None]).with_precision_and_scale(28, 4).unwrap();
    columns.push(Arc::new(weights));
    let content = Schema::new(vec![
        Field::new("count", DataType::Int64, true),
        Field::new("weight", DataType::Decimal128(28, 4), true),
    ]);
    let staged = RecordBatch::try_new(change_schema(&content), columns).unwrap();
    let outcome = standardize(&plan, &staged, &BTreeMap::new(), &SEED).unwrap();
    assert!(outcome.rejects.is_empty());
    let counts =
        outcome.accepted.column_by_name("count").unwrap().as_primitive::<arrow::datatypes::Int64Type>().clone();
    assert_eq!(counts.iter().collect::<Vec<_>>(), [Some(5), None, None], "a delete carries no content");
    assert_eq!(texts(&outcome, "weight_original"), [Some("1.2500"), None, None]);
}

#[test]
fn a_batch_of_another_layout_is_refused() {
    let other = plan(&[("phone", Kind::Phone, false)]);
    let staged = staged(&other, &rows(&[&["1"]]));
    let plan = plan(&[("email", Kind::Email, false)]);
    let failure = standardize(&plan, &staged, &BTreeMap::new(), &SEED).unwrap_err();
    assert!(failure.message.contains("email"), "{failure}");
    assert!(decide(&plan, &staged, &SEED).is_empty());
}

#[test]
fn the_order_of_dates_is_decided_by_the_column() {
    let decided = |dates: &[&str], region: &str| {
        let mut plan = plan(&[("day", Kind::Date, false)]);
        plan.columns[0].settings = settings(region, "");
        let values: Vec<Vec<&str>> = dates.iter().map(|date| vec![*date]).collect();
        let staged = staged(&plan, &rows(&values.iter().map(Vec::as_slice).collect::<Vec<_>>()));
        decide(&plan, &staged, &SEED).remove("day").unwrap_or_default()
    };
    let month_first = decided(&["04/08/1966", "5/14/1965", "5/5/1965", "1965-05-14"], "");
    assert_eq!(month_first.date_order, Some(DateOrder::MonthDayYear));
    assert_eq!(
        month_first.evidence,
        "month/day/year: of 3 dates 1 read only so (such as 5/14/1965), 2 read either way"
    );
    let mixed = decided(&["14/05/1965", "13/05/1965", "5/14/1965"], "US");
    assert_eq!(mixed.date_order, Some(DateOrder::DayMonthYear));
    assert!(mixed.evidence.contains("1 only as month/day/year"), "{}", mixed.evidence);
    assert_eq!(decided(&["99-12-31", "98-11-30"], "").date_order, Some(DateOrder::YearMonthDay));
    let unsure = decided(&["04/08/1966"], "US");
    assert_eq!(unsure.date_order, Some(DateOrder::MonthDayYear));
    assert!(unsure.evidence.contains("convention of region US"), "{}", unsure.evidence);
    let assumed = decided(&["04/08/1966"], "");
    assert_eq!(assumed.date_order, Some(DateOrder::DayMonthYear));
    assert!(assumed.evidence.contains("declare date_order"), "{}", assumed.evidence);
    assert_eq!(decided(&["1965-05-14", "n/a"], "US"), ColumnDecision::default(), "nothing to decide");
}

#[test]
fn a_decision_reads_a_later_row_as_the_first_night_did() {
    let plan = plan(&[("born", Kind::BirthDate, false)]);
    let one = staged(&plan, &rows(&[&["04/08/1966"]]));
    let day_first = ColumnDecision { date_order: Some(DateOrder::DayMonthYear), ..ColumnDecision::default() };
    let born = |decisions| {
        let outcome = standardize(&plan, &one, &decisions, &SEED).unwrap();
        outcome.accepted.column_by_name("born").unwrap().as_primitive::<arrow::datatypes::Date32Type>().value_as_date(0)
    };
    assert_eq!(born(BTreeMap::new()).unwrap().to_string(), "1966-04-08");
    assert_eq!(born(BTreeMap::from([("born".to_owned(), day_first)])).unwrap().to_string(), "1966-08-04");
}

/// A table of 1,000 people with their own telephones, and the given rows on top.
fn crowd(plan: &StandardizePlan, more: &[(&str, &str)]) -> RecordBatch {
    let people = (0..1_000).map(|n| (format!("Family{n}"), format!("212 555 {n:04}")));
    let more = more.iter().map(|(family, phone)| ((*family).to_owned(), (*phone).to_owned()));
    let rows: Vec<_> = people.chain(more).map(|(family, phone)| ("insert", vec![Some(family), Some(phone)])).collect();
    staged(plan, &rows)
}

#[test]
fn a_switchboard_is_junk_and_a_household_is_not() {
    let plan = plan(&[("family", Kind::FamilyName, false), ("phone", Kind::Phone, true)]);
    let names: Vec<String> = (0..40).map(|n| format!("Guest{n}")).collect();
    let spelled = ["(212) 777-0000", "212.777.0000"];
    let switchboard: Vec<(&str, &str)> =
        names.iter().enumerate().map(|(n, name)| (name.as_str(), spelled[n % 2])).collect();
    let household = [("SMITH", "212 888 0000"); 40];
    let staged = crowd(&plan, &[switchboard.as_slice(), &household].concat());
    let decisions = decide(&plan, &staged, &SEED);
    let decision = &decisions["phone"];
    assert_eq!(decision.junk, ["+12127770000"]);
    assert_eq!(decision.evidence, "1 value stands on more than 20 of 1080 rows and names nobody: +12127770000 on 40");
    let outcome = standardize(&plan, &staged, &decisions, &SEED).unwrap();
    assert_eq!(outcome.accepted.num_rows(), 1_080, "junk holds no row back, even in a strict column");
    assert_eq!(outcome.rejects.len(), 40);
    assert!(outcome.rejects.iter().all(|r| r.rule == "junk-value" && r.scope == RejectScope::Value));
    let phones = texts(&outcome, "phone");
    assert!(phones[1_000..1_040].iter().all(Option::is_none));
    assert!(phones[1_040..].iter().all(|phone| *phone == Some("+12128880000")));
    assert_eq!(texts(&outcome, "phone_original")[1_000], Some("(212) 777-0000"));
}

#[test]
fn dates_that_programs_write_for_none_are_junk_where_frequent() {
    let plan = plan(&[("family", Kind::FamilyName, false), ("born", Kind::BirthDate, false)]);
    let dates =
        (0..1_000).map(|n| ("insert", vec![None, Some(format!("19{:02}-0{}-1{}", 30 + n % 60, 1 + n % 9, n % 10))]));
    let more = ["1900-01-01", "1980-05-05"].into_iter().flat_map(|date| std::iter::repeat_n(date, 30));
    let more = more.map(|date| ("insert", vec![None, Some(date.to_owned())]));
    let staged = staged(&plan, &dates.chain(more).collect::<Vec<_>>());
    let decisions = decide(&plan, &staged, &SEED);
    assert_eq!(decisions["born"].junk, ["1900-01-01"], "1980-05-05 is as frequent and a birthday");
    let outcome = standardize(&plan, &staged, &decisions, &SEED).unwrap();
    assert_eq!(outcome.rejects.len(), 30);
}

#[test]
fn without_dictionaries_names_still_come_out() {
    let plan = plan(&[("name", Kind::FullName, false)]);
    let staged = staged(&plan, &rows(&[&["JON YANG"]]));
    let outcome = standardize(&plan, &staged, &BTreeMap::new(), &Dictionaries::default()).unwrap();
    assert_eq!(texts(&outcome, "name"), [Some("Jon Yang")]);
    assert_eq!(texts(&outcome, "name_given_canonical"), [Some("jon")]);
}
