//! Flags and consent: yes or no.
//!
//! Only words that say yes or no outright count. For consent this is the law's side of caution as well: what cannot be read
//! is absent, and absent is not consent.

use std::sync::Arc;

use arrow::array::{BooleanArray, StringArray};
use onefold_contract::AttributeKind;
use onefold_contract::standardizer::{ColumnDecision, ColumnSettings, Standardized, Standardizer};

use crate::Dictionaries;
use crate::null_word::is_null;
use crate::text::key;
use crate::value_wise::{Cleaned, Flaw, clean_each};

/// Words for yes, as keys.
const YES: &[&str] = &[
    "yes",
    "y",
    "true",
    "t",
    "1",
    "on",
    "x",
    "ja",
    "j",
    "oui",
    "o",
    "si",
    "s",
    "sim",
    "da",
    "да",
    "हाँ",
    "हां",
    "haan",
    "optin",
    "optedin",
    "subscribed",
    "subscribe",
    "granted",
    "given",
    "agreed",
    "accepted",
    "allowed",
    "consented",
];
/// Words for no, as keys.
const NO: &[&str] = &[
    "no",
    "n",
    "false",
    "f",
    "0",
    "off",
    "nein",
    "non",
    "nao",
    "nee",
    "net",
    "нет",
    "नहीं",
    "nahin",
    "optout",
    "optedout",
    "unsubscribed",
    "unsubscribe",
    "withdrawn",
    "revoked",
    "refused",
    "declined",
    "denied",
    "rejected",
    "donotcontact",
];

/// Cleans flags and consent.
pub(crate) struct YesNo<'d> {
    dictionaries: &'d Dictionaries,
}

impl<'d> YesNo<'d> {
    /// Over the dictionaries that know the null words.
    pub(crate) fn new(dictionaries: &'d Dictionaries) -> Self {
        Self { dictionaries }
    }

    fn clean(&self, text: &str, kind: AttributeKind, settings: &ColumnSettings) -> Cleaned<bool> {
        match text.trim() {
            "✓" | "✔" | "☑" => return Ok(Some(true)),
            "✗" | "✘" | "☐" => return Ok(Some(false)),
            _ if is_null(text, kind, settings, self.dictionaries) => return Ok(None),
            _ => {}
        }
        let word = key(text);
        if YES.contains(&word.as_str()) {
            return Ok(Some(true));
        }
        if NO.contains(&word.as_str()) {
            return Ok(Some(false));
        }
        Err(Flaw::new("not-yes-or-no", format!("{} says neither yes nor no", text.trim())))
    }
}

impl Standardizer for YesNo<'_> {
    fn kinds(&self) -> &'static [AttributeKind] {
        &[AttributeKind::Flag, AttributeKind::Consent]
    }

    fn standardize(
        &self,
        kind: AttributeKind,
        column: &StringArray,
        settings: &ColumnSettings,
        _decision: &ColumnDecision,
    ) -> Standardized {
        let (values, defects) = clean_each(column, |text| self.clean(text, kind, settings));
        Standardized { clean: Arc::new(BooleanArray::from(values)), derived: Vec::new(), defects }
    }
}
