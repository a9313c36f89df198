use super::*;
use crate::testing::{model, people_model};

fn columns() -> BTreeMap<String, DataType> {
    let text = ["given", "given_canonical", "family", "email", "phone", "city"].map(|n| (n.to_owned(), DataType::Utf8));
    text.into_iter().chain([("born".to_owned(), DataType::Date32)]).collect()
}

#[test]
fn a_sound_model_has_none() {
    assert_eq!(people_model().mistakes(Some(&columns())), vec![]);
}

#[test]
fn all_mistakes_are_found_at_once_with_their_places() {
    let broken = model(&serde_json::json!({
        "name": "m", "entity": "e",
        "blocking_rules": [
            {"name": "a", "keys": [{"column": "famly", "part": "prefix"}], "max_block": 1},
            {"name": "a", "keys": [{"column": "family", "part": "year", "length": 3}]},
            {"name": "c", "keys": [], "method": "min_hash", "signature": {"bands": 0}},
            {"name": "d", "keys": [{"column": "born", "part": "prefix", "length": 2}], "method": "min_hash"},
        ],
        "comparisons": [
            {"column": "family", "method": "date", "thresholds": [0.9]},
            {"name": "family", "column": "shoe_size", "method": "exact"},
            {"column": "email", "method": "email", "thresholds": [0.8, 0.9], "m": [0.9, 0.1], "u": [0.2, 0.2, 0.2, 0.0, 0.0]},
            {"column": "given", "method": "jaro_winkler", "alternative": "given", "thresholds": [1.5]},
        ],
        "thresholds": {"link": 0.5, "review": 0.9},
        "training": {"prior": 1.0, "random_pairs": 0, "tolerance": -1.0},
        "survivorship": [
            {"attribute": "emial", "rule": "source_priority"},
            {"attribute": "*", "rule": "longest", "sources": ["crm"]},
            {"attribute": "*", "rule": "longest"},
        ],
    }));
    let found = broken.mistakes(Some(&columns()));
    let mut lines: Vec<String> = found.into_iter().map(|(path, message)| format!("{path}: {message}")).collect();
    lines.sort();
    let expected = [
        "blocking_rules[0].keys[0].column: there is no column `famly`; did you mean `family`?",
        "blocking_rules[0].keys[0].length: part `prefix` needs `length`, the number of characters, 1 or more",
        "blocking_rules[0].max_block: a block of fewer than 2 records makes no pair; write 2 or more",
        "blocking_rules[1].keys[0].column: column `family` is of type Utf8, but a date is needed here",
        "blocking_rules[1].keys[0].length: only part `prefix` has a `length`; leave it out",
        "blocking_rules[1].name: `a` stands here a second time; names must differ",
        "blocking_rules[2].keys: blocking rule `c` needs at least one key",
        "blocking_rules[2].signature.bands: 0 is not between 1 and 64",
        "blocking_rules[3].keys[0].column: column `born` is of type Date32, but text is needed here",
        "blocking_rules[3].keys[0].part: a `min_hash` rule takes whole values; leave `part` out",
        "comparisons[0].column: column `family` is of type Utf8, but a date is needed here",
        "comparisons[0].thresholds: this method has no levels of similarity; leave `thresholds` out",
        "comparisons[1].column: there is no column `shoe_size`; there are: born, city, email, family, given, given_canonical, phone",
        "comparisons[1].name: `family` stands here a second time; names must differ",
        "comparisons[2].m: 2 figures for the 5 levels: equal, same user part, user part: Jaro-Winkler >= 0.8, user part: Jaro-Winkler >= 0.9, all else",
        "comparisons[2].thresholds: thresholds must descend, the strictest first",
        "comparisons[2].u: 0 is no probability between 0 and 1, both excluded",
        "comparisons[2].u: the figures add up to 0.600, not to 1",
        "comparisons[3].alternative: the alternative must be another column than the one compared",
        "comparisons[3].thresholds: 1.5 is not between 0 and 1",
        "survivorship[0].attribute: there is no column `emial`; did you mean `email`?",
        "survivorship[0].sources: rule `source_priority` needs `sources`, the most trusted first",
        "survivorship[1].sources: only rule `source_priority` has `sources`; leave them out",
        "survivorship[2].attribute: `*` stands here a second time; names must differ",
        "thresholds.review: 0.9 is above `link` (0.5); pairs for review lie below it",
        "training.prior: 1 is no probability between 0 and 1, both excluded",
        "training.random_pairs: 0 is too few; write 1 or more",
        "training.tolerance: -1 is not 0 or more",
    ];
    assert_eq!(lines, expected);
}

#[test]
fn an_empty_model_cannot_match() {
    let empty = model(&serde_json::json!({
        "name": "m", "entity": "e", "blocking_rules": [], "comparisons": [], "thresholds": {"link": 0.9, "review": 1.0},
    }));
    let paths: Vec<String> = empty.mistakes(None).into_iter().map(|(path, _)| path).collect();
    assert_eq!(paths, ["blocking_rules", "comparisons", "thresholds.review", "thresholds.review"]);
}
