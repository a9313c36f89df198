//! Sex or gender as the source states it.
//!
//! Words and codes for female and male become `female` and `male` (with ISO/IEC 5218's 1 and 2); its 0 and 9 say "not known"
//! and "not applicable" and so are absent. Every other statement is kept, in lower case: a source that says "non-binary" knows
//! better than this file.

use arrow::array::StringArray;
use onefold_contract::AttributeKind;
use onefold_contract::standardizer::{ColumnDecision, ColumnSettings, Standardized, Standardizer};

use crate::Dictionaries;
use crate::null_word::is_null;
use crate::text::{key, tidy_name};
use crate::value_wise::clean_texts;

/// Words for female, as keys.
const FEMALE: [&str; 17] = [
    "f", "female", "woman", "girl", "w", "weiblich", "frau", "femme", "feminin", "mujer", "femenino", "femmina",
    "donna", "mulher", "feminino", "vrouw", "2",
];
/// Words for male, as keys.
const MALE: [&str; 17] = [
    "m",
    "male",
    "man",
    "boy",
    "maennlich",
    "mannlich",
    "mann",
    "herr",
    "homme",
    "masculin",
    "hombre",
    "masculino",
    "maschio",
    "uomo",
    "homem",
    "h",
    "1",
];

/// Cleans gender.
pub(crate) struct Gender<'d> {
    dictionaries: &'d Dictionaries,
}

impl<'d> Gender<'d> {
    /// Over the dictionaries that know the null words.
    pub(crate) fn new(dictionaries: &'d Dictionaries) -> Self {
        Self { dictionaries }
    }

    fn clean(&self, text: &str, settings: &ColumnSettings) -> Option<String> {
        if is_null(text, AttributeKind::Gender, settings, self.dictionaries) {
            return None;
        }
        let word = key(text);
        match word.as_str() {
            "0" | "9" => None,
            word if FEMALE.contains(&word) => Some("female".to_owned()),
            word if MALE.contains(&word) => Some("male".to_owned()),
            _ => Some(lower(text)),
        }
    }
}

fn lower(text: &str) -> String {
    tidy_name(&tidy_name(text).to_lowercase()).into_owned()
}

impl Standardizer for Gender<'_> {
    fn kinds(&self) -> &'static [AttributeKind] {
        &[AttributeKind::Gender]
    }

    fn standardize(
        &self,
        _kind: AttributeKind,
        column: &StringArray,
        settings: &ColumnSettings,
        _decision: &ColumnDecision,
    ) -> Standardized {
        clean_texts(column, |text| Ok(self.clean(text, settings)))
    }
}
