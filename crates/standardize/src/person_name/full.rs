//! Full names in one value.

use arrow::array::StringArray;
use onefold_contract::AttributeKind;
use onefold_contract::standardizer::{ColumnDecision, ColumnSettings, Standardized, Standardizer};

use super::parse::{FullName, parse};
use super::part::{canonical_given, not_a_name};
use crate::Dictionaries;
use crate::null_word::is_null;
use crate::text::tidy_name;
use crate::value_wise::{Cleaned, clean_each, text_array};

/// Cleans full names.
pub(crate) struct FullNames<'d> {
    dictionaries: &'d Dictionaries,
}

impl<'d> FullNames<'d> {
    /// Over the dictionaries that know titles, suffixes, names and nicknames.
    pub(crate) fn new(dictionaries: &'d Dictionaries) -> Self {
        Self { dictionaries }
    }

    fn clean(&self, text: &str, settings: &ColumnSettings) -> Cleaned<(FullName, Option<String>)> {
        if is_null(text, AttributeKind::FullName, settings, self.dictionaries) {
            return Ok(None);
        }
        let name = parse(&tidy_name(text), self.dictionaries);
        match name.whole() {
            Some(whole) if is_null(&whole, AttributeKind::FullName, settings, self.dictionaries) => Ok(None),
            Some(whole) if whole.chars().any(char::is_alphabetic) => Ok(Some((name, Some(whole)))),
            // A title without a name is worth keeping, but it is no name.
            None if name.honorific.is_some() => Ok(Some((name, None))),
            _ => Err(not_a_name(text)),
        }
    }
}

impl Standardizer for FullNames<'_> {
    fn kinds(&self) -> &'static [AttributeKind] {
        &[AttributeKind::FullName]
    }

    fn standardize(
        &self,
        _kind: AttributeKind,
        column: &StringArray,
        settings: &ColumnSettings,
        _decision: &ColumnDecision,
    ) -> Standardized {
        let (names, defects) = clean_each(column, |text| self.clean(text, settings));
        let part = |part: fn(&FullName) -> Option<&str>| {
            text_array(names.iter().map(|name| name.as_ref().and_then(|(name, _)| part(name))))
        };
        let canonical: Vec<Option<String>> = names
            .iter()
            .map(|name| name.as_ref()?.0.given.as_deref().map(|given| canonical_given(given, self.dictionaries)))
            .collect();
        Standardized {
            clean: text_array(names.iter().map(|name| name.as_ref().and_then(|(_, whole)| whole.as_deref()))),
            derived: vec![
                part(|name| name.honorific.as_deref()),
                part(|name| name.given.as_deref()),
                text_array(canonical.iter().map(Option::as_deref)),
                part(|name| name.family.as_deref()),
                part(|name| name.suffix.as_deref()),
            ],
            defects,
        }
    }
}
