use arrow::array::{AsArray, BooleanArray};

use super::*;
use crate::IdentityState;
use crate::testing::{model, record_table, records};
use crate::xref::{customer_ids, xref};

fn spec() -> ModelSpec {
    model(&serde_json::json!({
        "name": "m", "entity": "e", "blocking_rules": [], "comparisons": [],
        "thresholds": {"link": 0.9, "review": 0.5},
        "survivorship": [{"attribute": "name", "rule": "longest"}, {"attribute": "*", "rule": "most_recent"}],
    }))
}

fn columns() -> GoldenColumns {
    GoldenColumns {
        groups: [vec!["name", "name_original"], vec!["born"], vec!["news"], vec!["calls"]]
            .map(|group| group.into_iter().map(String::from).collect())
            .to_vec(),
        consents: vec!["news".into(), "calls".into()],
        updated_at: Some("touched".into()),
    }
}

fn table() -> RecordBatch {
    records(&[
        ("name", &["Ann", "Anna", "Bo", ""]),
        ("name_original", &["ANN", "anna ", "bo", "n/a"]),
        ("born:date", &["1980-01-01", "1980-01-02", "", "1999-09-09"]),
        ("news:flag", &["true", "false", "true", ""]),
        ("calls:flag", &["true", "", "", ""]),
        ("touched", &["2024-02-02", "2023-01-01", "2020-01-01", "2019-01-01"]),
    ])
}

fn ids() -> Vec<CustomerId> {
    [8, 8, 7, 7].map(|number| CustomerId(CustomerId::FIRST + number)).to_vec()
}

#[test]
fn values_survive_by_rule_and_derived_columns_go_with_them() {
    let golden = golden_records(&table(), &ids(), &spec(), &columns()).unwrap();
    let schema = golden.schema();
    let names: Vec<&str> = schema.fields().iter().map(|f| f.name().as_str()).collect();
    assert_eq!(names, ["customer_id", "name", "name_original", "born", "news", "calls", "_record_count"]);
    assert_eq!(golden.column(3).data_type(), &DataType::Date32);
    let text = |place: usize| {
        printed(&golden, names[place]).unwrap().iter().map(|v| v.unwrap_or("-").to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(text(0), [ids()[2].to_string(), ids()[0].to_string()]);
    assert_eq!(text(1), ["Bo", "Anna"]);
    assert_eq!(text(2), ["bo", "anna "]);
    assert_eq!(text(3), ["1999-09-09", "1980-01-01"]);
    let consent = |place: usize| golden.column(place).as_boolean().clone();
    assert_eq!(consent(4), BooleanArray::from(vec![Some(true), Some(false)]));
    assert_eq!(consent(5), BooleanArray::from(vec![None, Some(true)]));
    assert_eq!(text(6), ["2", "2"]);
}

#[test]
fn every_golden_value_names_its_record_and_rule() {
    let provenance = golden_provenance(&table(), &ids(), &spec(), &columns()).unwrap();
    let rows = record_table(&provenance);
    let (bo, anna) = (ids()[2].to_string(), ids()[0].to_string());
    let expected = [
        [&bo, "name", "s", "000002", "longest"],
        [&bo, "born", "s", "000003", "most_recent"],
        [&bo, "news", "s", "000002", "stricter_consent"],
        [&anna, "name", "s", "000001", "longest"],
        [&anna, "born", "s", "000000", "most_recent"],
        [&anna, "news", "s", "000001", "stricter_consent"],
        [&anna, "calls", "s", "000000", "stricter_consent"],
    ];
    assert_eq!(rows, expected.map(|row| row.map(String::from).to_vec()).to_vec());
}

#[test]
fn the_cross_reference_names_every_record() {
    let table = table();
    let refs = crate::record_refs(&table).unwrap();
    let mut identity = IdentityState::default();
    identity.assign(&[vec![refs[0].clone(), refs[1].clone()], vec![refs[2].clone()], vec![refs[3].clone()]]);
    let ids = customer_ids(&table, &identity).unwrap();
    let rows = record_table(&xref(&table, &ids).unwrap());
    assert_eq!(rows[0], ["s".to_owned(), "000000".to_owned(), CustomerId(CustomerId::FIRST).to_string()]);
    assert_eq!((rows.len(), rows[0][2] == rows[1][2], rows[1][2] == rows[2][2]), (4, true, false));
    assert!(customer_ids(&table, &IdentityState::default()).is_err());
}
