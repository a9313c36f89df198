//! Laws that hold for every kind and every text.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch, StringArray};
use onefold_contract::AttributeKind;
use onefold_contract::change::{LINEAGE, OPERATION, SOURCE_KEY, change_schema};
use onefold_contract::reject::RejectScope;
use onefold_contract::standardizer::{ColumnDecision, ColumnSettings, DateOrder};
use proptest::prelude::*;

use crate::registry::Registry;
use crate::stage::printed;
use crate::testing::SEED;
use crate::{ColumnPlan, StandardizePlan, standardize, standardized_schema};

/// Texts as they are met: any Unicode, and texts near to what each kind reads.
fn texts() -> impl Strategy<Value = String> {
    let names = "(mr|DR|Shri|smt|)\\.? ?(jon|O'BRIEN|de la|van|Bob|राम|Jr|PhD|McDONALD|al-){1,4}[ ,.]{0,2}(YANG|ma|V|III|JOSÉ)?";
    prop_oneof![
        any::<String>(),
        "\\PC{0,12}",
        names,
        "[0-9]{1,4}[-/. ][0-9]{1,2}[-/. ][0-9]{1,4}( [0-9]{1,2}:[0-9]{2})?",
        "[0-9]{1,2}(st|th)? (jan|May|août|DEC)[a-z]{0,3},? [0-9]{2,4}",
        "[-+($€£ ]{0,3}[0-9]{1,3}([., '][0-9]{2,4}){0,3}[)k% -]{0,2}(kr|EUR|lakh)?",
        "\\+?[0-9 ()x./-]{3,20}",
        "[a-zA-Z.+é ]{1,8}@[a-zA-Z.-]{1,10}\\.(com|ORG|de)[.;> ]?",
        "[A-Za-z0-9 -]{2,10}",
        "[0-9]{1,4} (N|north|st|Saint|Main|COURT|hauptstr|strasse){1,3}[. ](STREET|Ave\\.|road|apt 4b|str)",
        Just("null".to_owned()),
        Just("N/A".to_owned()),
    ]
}

fn settings() -> impl Strategy<Value = ColumnSettings> {
    let region = prop_oneof![
        Just(None),
        Just(Some("US")),
        Just(Some("IN")),
        Just(Some("DE")),
        Just(Some("GB")),
        Just(Some("BR"))
    ];
    let order = prop_oneof![Just(None), Just(Some(DateOrder::MonthDayYear)), Just(Some(DateOrder::YearMonthDay))];
    (region, order).prop_map(|(region, date_order)| ColumnSettings {
        region: region.map(str::to_owned),
        currency: Some("USD".to_owned()),
        date_order,
        null_words: vec!["nothing".to_owned()],
    })
}

fn cleaned(kind: AttributeKind, texts: &StringArray, settings: &ColumnSettings) -> (StringArray, Vec<usize>) {
    let registry = Registry::new(&SEED);
    let clean = registry.of(kind).standardize(kind, texts, settings, &ColumnDecision::default());
    assert_eq!(clean.clean.data_type(), &kind.clean_type(), "{}", kind.name());
    assert_eq!(clean.derived.len() + usize::from(kind.keeps_original()), kind.derived().len(), "{}", kind.name());
    for defect in &clean.defects {
        assert!(clean.clean.is_null(defect.row), "{} has a defect and a value", kind.name());
    }
    let rows = clean.defects.iter().map(|defect| defect.row).collect();
    (printed(&clean.clean).unwrap().as_string::<i32>().clone(), rows)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn cleaning_a_clean_value_changes_nothing(text in texts(), settings in settings()) {
        let column = StringArray::from(vec![text.as_str()]);
        for kind in AttributeKind::ALL {
            let (once, _) = cleaned(kind, &column, &settings);
            if once.is_null(0) {
                continue;
            }
            let (twice, defects) = cleaned(kind, &once, &settings);
            prop_assert!(defects.is_empty(), "{} {:?} -> {:?} is a defect", kind.name(), text, once.value(0));
            // A full name that is a null word when it stands alone is the one value that may go.
            prop_assert_eq!(twice.iter().next().flatten(), Some(once.value(0)), "{} {:?}", kind.name(), text);
        }
    }
}

/// A plan with a column of every kind, each strict or not.
fn plan(strict: &[bool], settings: &ColumnSettings) -> StandardizePlan {
    let columns = AttributeKind::ALL.iter().zip(strict).map(|(kind, strict)| ColumnPlan {
        name: kind.name().to_owned(),
        kind: *kind,
        settings: settings.clone(),
        strict: *strict,
        by: None,
    });
    StandardizePlan { source: "source".to_owned(), columns: columns.collect() }
}

/// A change batch of the plan's columns as text.
pub(crate) fn staged(plan: &StandardizePlan, rows: &[(&str, Vec<Option<String>>)]) -> RecordBatch {
    let text = |values: Vec<Option<String>>| -> ArrayRef { Arc::new(StringArray::from(values)) };
    let mut columns: Vec<ArrayRef> = Vec::new();
    for name in LINEAGE {
        let value = |(row, (operation, _)): (usize, &(&str, Vec<Option<String>>))| match name {
            OPERATION => Some((*operation).to_owned()),
            SOURCE_KEY => Some(format!("key {row}")),
            other => Some(format!("{other} {row}")),
        };
        columns.push(text(rows.iter().enumerate().map(value).collect()));
    }
    for place in 0..plan.columns.len() {
        columns.push(text(rows.iter().map(|(_, values)| values[place].clone()).collect()));
    }
    let fields =
        plan.columns.iter().map(|c| arrow::datatypes::Field::new(&c.name, arrow::datatypes::DataType::Utf8, true));
    let content = arrow::datatypes::Schema::new(fields.collect::<Vec<_>>());
    RecordBatch::try_new(change_schema(&content), columns).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn every_row_goes_on_or_is_rejected_and_keeps_its_original(
        rows in prop::collection::vec(
            (
                prop_oneof![4 => Just("insert"), 1 => Just("update"), 1 => Just("delete"), 1 => Just("erase")],
                prop::collection::vec(prop::option::weighted(0.9, texts()), AttributeKind::ALL.len()),
            ),
            0..8,
        ),
        strict in prop::collection::vec(prop::bool::weighted(0.1), AttributeKind::ALL.len()),
        settings in settings(),
    ) {
        let plan = plan(&strict, &settings);
        let staged = staged(&plan, &rows);
        let outcome = standardize(&plan, &staged, &BTreeMap::new(), &SEED).unwrap();
        prop_assert_eq!(outcome.accepted.schema(), change_schema(&standardized_schema(&plan)));

        let row_rejects: Vec<&str> =
            outcome.rejects.iter().filter(|r| r.scope == RejectScope::Row).filter_map(|r| r.source_key.as_deref()).collect();
        let accepted = outcome.accepted.column_by_name(SOURCE_KEY).unwrap().as_string::<i32>();
        prop_assert_eq!(rows.len(), accepted.len() + row_rejects.len());
        let expected: Vec<String> =
            (0..rows.len()).map(|row| format!("key {row}")).filter(|key| !row_rejects.contains(&key.as_str())).collect();
        prop_assert!(accepted.iter().flatten().eq(expected.iter().map(String::as_str)));

        for (row, key) in accepted.iter().flatten().enumerate() {
            let (operation, values) = &rows[key.trim_start_matches("key ").parse::<usize>().unwrap()];
            let gone = matches!(*operation, "delete" | "erase");
            for (value, column) in values.iter().zip(&plan.columns).filter(|(_, c)| c.kind.keeps_original()) {
                let original = outcome.accepted.column_by_name(&format!("{}_original", column.name)).unwrap();
                let original = original.as_string::<i32>();
                let original = original.is_valid(row).then(|| original.value(row));
                prop_assert_eq!(original, value.as_deref().filter(|_| !gone));
            }
            if gone {
                let content = &outcome.accepted.columns()[LINEAGE.len()..];
                prop_assert!(content.iter().all(|column| column.is_null(row)));
                prop_assert!(outcome.rejects.iter().all(|reject| reject.source_key.as_deref() != Some(key)));
            }
        }
    }
}
