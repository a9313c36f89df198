//! What this crate's tests share.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use arrow::array::{Array, AsArray, StringArray};
use onefold_contract::AttributeKind;
use onefold_contract::standardizer::{ColumnDecision, ColumnSettings, Standardized};

use crate::Dictionaries;
use crate::registry::Registry;
use crate::stage::printed;

/// The dictionaries that ship.
pub(crate) static SEED: LazyLock<Dictionaries> = LazyLock::new(|| Dictionaries::parse(&seed_files()).unwrap());

/// The text of the dictionary files that ship.
pub(crate) fn seed_files() -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../name-dictionaries/seed");
    let mut paths: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let named = |path: &PathBuf| path.file_name().unwrap().to_string_lossy().into_owned();
    paths.iter().map(|path| (named(path), std::fs::read_to_string(path).unwrap())).collect()
}

/// Settings of a region and a currency.
pub(crate) fn settings(region: &str, currency: &str) -> ColumnSettings {
    let some = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    ColumnSettings { region: some(region), currency: some(currency), ..ColumnSettings::default() }
}

/// One value, cleaned.
pub(crate) fn clean(kind: AttributeKind, text: &str, settings: &ColumnSettings) -> Standardized {
    let column = StringArray::from(vec![text]);
    let registry = Registry::new(&SEED);
    registry.of(kind).standardize(kind, &column, settings, &ColumnDecision::default())
}

/// What became of one value: the clean value, `-` where there is none, or `!` and the rule that it breaks.
pub(crate) fn outcome(kind: AttributeKind, text: &str, settings: &ColumnSettings) -> String {
    let cleaned = clean(kind, text, settings);
    if let [defect] = cleaned.defects.as_slice() {
        assert!(cleaned.clean.is_null(0), "{text} is both clean and defective");
        assert!(!defect.reason.is_empty() && !defect.reason.ends_with('.'), "{}", defect.reason);
        return format!("!{}", defect.rule);
    }
    first(&printed(&cleaned.clean).unwrap()).unwrap_or_else(|| "-".to_owned())
}

/// One derived value, by its suffix.
pub(crate) fn derived(kind: AttributeKind, suffix: &str, text: &str, settings: &ColumnSettings) -> Option<String> {
    let place = kind.derived().iter().position(|(name, _)| *name == suffix).unwrap();
    first(&clean(kind, text, settings).derived[place])
}

fn first(column: &dyn Array) -> Option<String> {
    let texts = column.as_string::<i32>();
    texts.is_valid(0).then(|| texts.value(0).to_owned())
}

/// Checks a table of texts and what becomes of them, and that cleaning the clean value changes nothing.
pub(crate) fn check(kind: AttributeKind, settings: &ColumnSettings, table: &[(&str, &str)]) {
    for (text, expected) in table {
        let got = outcome(kind, text, settings);
        assert_eq!(got, *expected, "{} {text:?}", kind.name());
        if !matches!(expected.chars().next(), Some('-' | '!')) {
            assert_eq!(outcome(kind, &got, settings), got, "{} {text:?} twice", kind.name());
        }
    }
}
