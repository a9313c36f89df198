//! Names of organisations.
//!
//! The legal form at the end is brought to one spelling and stays: Acme Ltd and Acme Inc are two companies. Case is changed
//! only where a name carries none of its own; words of up to three capitals are taken for acronyms (IBM, BMW).

use arrow::array::StringArray;
use onefold_contract::AttributeKind;
use onefold_contract::standardizer::{ColumnDecision, ColumnSettings, Standardized, Standardizer};

use crate::Dictionaries;
use crate::casing::{Case, case_of, proper};
use crate::null_word::is_null;
use crate::text::tidy_name;
use crate::value_wise::{Cleaned, Flaw, clean_texts_settled};

/// Legal forms have at most this many words ("Private Limited Liability Company").
const LONGEST_FORM: usize = 5;

/// Words that stay small inside a name.
const SMALL: [&str; 20] = [
    "and", "of", "the", "for", "at", "in", "on", "by", "to", "und", "et", "y", "e", "de", "du", "des", "der", "die",
    "la", "le",
];

/// Cleans names of organisations.
pub(crate) struct Companies<'d> {
    dictionaries: &'d Dictionaries,
}

impl<'d> Companies<'d> {
    /// Over the dictionaries that know legal forms.
    pub(crate) fn new(dictionaries: &'d Dictionaries) -> Self {
        Self { dictionaries }
    }

    fn clean(&self, text: &str, settings: &ColumnSettings) -> Cleaned<String> {
        if is_null(text, AttributeKind::CompanyName, settings, self.dictionaries) {
            return Ok(None);
        }
        let tidy = tidy_name(text);
        let words: Vec<&str> = tidy.split(' ').collect();
        let (name, form) = self.split_form(&words);
        let mut clean = cased(name, case_of(&tidy)).join(" ");
        if let Some(form) = form {
            clean = format!("{} {form}", clean.trim_end_matches([',', ' ']));
        }
        let clean = clean.trim_matches([',', ';', ' ']);
        if is_null(clean, AttributeKind::CompanyName, settings, self.dictionaries) {
            return Ok(None);
        }
        if clean.chars().any(char::is_alphanumeric) {
            return Ok(Some(clean.to_owned()));
        }
        Err(Flaw::new("not-a-name", format!("{tidy} has no letter in it; an organisation's name belongs here")))
    }

    /// The name and the legal form behind it in its usual spelling; the longest that the dictionaries know, and never all
    /// of the name.
    fn split_form<'w>(&self, words: &'w [&'w str]) -> (&'w [&'w str], Option<&str>) {
        for length in (1..=LONGEST_FORM.min(words.len().saturating_sub(1))).rev() {
            let (name, form) = words.split_at(words.len() - length);
            // "Smith & Co" is Smith and Co, and its "&" no part of the form.
            if !form[0].chars().any(char::is_alphanumeric) || !name.concat().chars().any(char::is_alphanumeric) {
                continue;
            }
            if let Some(known) = self.dictionaries.legal_form(&form.concat()) {
                return (name, Some(known));
            }
        }
        (words, None)
    }
}

impl Standardizer for Companies<'_> {
    fn kinds(&self) -> &'static [AttributeKind] {
        &[AttributeKind::CompanyName]
    }

    fn standardize(
        &self,
        _kind: AttributeKind,
        column: &StringArray,
        settings: &ColumnSettings,
        _decision: &ColumnDecision,
    ) -> Standardized {
        clean_texts_settled(column, |text| self.clean(text, settings))
    }
}

fn cased(words: &[&str], whole: Case) -> Vec<String> {
    let cased = |(place, word): (usize, &&str)| {
        let small = place > 0 && SMALL.contains(&word.to_lowercase().as_str());
        match (whole, small) {
            (Case::Upper | Case::Lower, true) => word.to_lowercase(),
            (Case::Lower, false) => proper(word),
            (Case::Upper, false) if word.chars().filter(|c| c.is_alphabetic()).count() > 3 => proper(word),
            _ => (*word).to_owned(),
        }
    };
    words.iter().enumerate().map(cased).collect()
}
