//! Codes, categories and free text: taken as they are.
//!
//! These kinds keep no original beside the clean value, so nothing is done to a text that could not be undone by eye:
//! spaces at either end go, and a text that means "no value" is absent. Case, inner spaces and Unicode form stay,
//! because a key must still join with the system that it came from.

use arrow::array::StringArray;
use onefold_contract::AttributeKind;
use onefold_contract::standardizer::{ColumnDecision, ColumnSettings, Standardized, Standardizer};

use crate::Dictionaries;
use crate::null_word::is_null;
use crate::value_wise::clean_texts;

/// Cleans identifiers, categories and free text.
pub(crate) struct Code<'d> {
    dictionaries: &'d Dictionaries,
}

impl<'d> Code<'d> {
    /// Over the dictionaries that know the null words.
    pub(crate) fn new(dictionaries: &'d Dictionaries) -> Self {
        Self { dictionaries }
    }
}

impl Standardizer for Code<'_> {
    fn kinds(&self) -> &'static [AttributeKind] {
        &[AttributeKind::Identifier, AttributeKind::Category, AttributeKind::FreeText]
    }

    fn standardize(
        &self,
        kind: AttributeKind,
        column: &StringArray,
        settings: &ColumnSettings,
        _decision: &ColumnDecision,
    ) -> Standardized {
        clean_texts(column, |text| {
            let text = text.trim();
            Ok((!is_null(text, kind, settings, self.dictionaries)).then(|| text.to_owned()))
        })
    }
}
