//! Given names, family names, titles and suffixes in columns of their own.

use arrow::array::StringArray;
use onefold_contract::AttributeKind;
use onefold_contract::standardizer::{ColumnDecision, ColumnSettings, Standardized, Standardizer};

use crate::Dictionaries;
use crate::casing::{name_words, proper};
use crate::null_word::is_null;
use crate::text::{key, tidy_name, with_key};
use crate::value_wise::{Cleaned, Flaw, clean_each, clean_texts, text_array};

/// Cleans the parts of persons' names.
pub(crate) struct NameParts<'d> {
    dictionaries: &'d Dictionaries,
}

impl<'d> NameParts<'d> {
    /// Over the dictionaries that know titles, suffixes, names and nicknames.
    pub(crate) fn new(dictionaries: &'d Dictionaries) -> Self {
        Self { dictionaries }
    }

    fn clean(&self, text: &str, kind: AttributeKind, settings: &ColumnSettings) -> Cleaned<String> {
        if is_null(text, kind, settings, self.dictionaries) {
            return Ok(None);
        }
        let tidy = tidy_name(text);
        let name = match kind {
            AttributeKind::Honorific => self.honorifics(&tidy),
            AttributeKind::NameSuffix => self.suffixes(&tidy),
            _ => self.name(&tidy, kind),
        };
        // ".null" hides a null word behind its dot.
        if is_null(&name, kind, settings, self.dictionaries) {
            return Ok(None);
        }
        // A suffix may be a number in digits; a name needs a letter.
        let enough = |c: char| c.is_alphabetic() || (kind == AttributeKind::NameSuffix && c.is_numeric());
        if name.chars().any(enough) { Ok(Some(name)) } else { Err(not_a_name(text)) }
    }

    /// A given or family name: no title in front of a given name, a suffix behind a family name in its usual spelling.
    fn name(&self, text: &str, kind: AttributeKind) -> String {
        let mut words = split_words(text);
        let mut behind = Vec::new();
        if kind == AttributeKind::GivenName {
            while words.len() > 1 && self.is_plain(words[0], self.dictionaries.honorific(words[0]).is_some()) {
                words.remove(0);
            }
        } else {
            while let Some(suffix) = words.last().and_then(|word| self.dictionaries.name_suffix(word)) {
                if words.len() < 2 || !self.is_plain(words[words.len() - 1], true) {
                    break;
                }
                behind.insert(0, suffix.to_owned());
                words.pop();
            }
        }
        let mut cased = name_words(&words);
        cased.extend(behind);
        cased.join(" ")
    }

    /// Whether a word that the dictionaries know as a title or suffix is nothing else.
    fn is_plain(&self, word: &str, known: bool) -> bool {
        let is_name =
            || self.dictionaries.given_frequency(word).is_some() || self.dictionaries.family_frequency(word).is_some();
        known && with_key(word, |key| key.chars().count() > 1) && !is_name()
    }

    fn honorifics(&self, text: &str) -> String {
        if let Some(whole) = self.dictionaries.honorific(text) {
            return whole.canonical.clone();
        }
        let spelled = |word: &str| {
            self.dictionaries.honorific(word).map_or_else(|| with_case(word), |known| known.canonical.clone())
        };
        split_words(text).into_iter().map(spelled).collect::<Vec<_>>().join(" ")
    }

    fn suffixes(&self, text: &str) -> String {
        if let Some(whole) = self.dictionaries.name_suffix(text) {
            return whole.to_owned();
        }
        let spelled = |word: &str| self.dictionaries.name_suffix(word).map_or_else(|| word.to_owned(), str::to_owned);
        text.split([' ', ',']).filter(|w| !key(w).is_empty()).map(spelled).collect::<Vec<_>>().join(" ")
    }
}

impl Standardizer for NameParts<'_> {
    fn kinds(&self) -> &'static [AttributeKind] {
        &[AttributeKind::GivenName, AttributeKind::FamilyName, AttributeKind::Honorific, AttributeKind::NameSuffix]
    }

    fn standardize(
        &self,
        kind: AttributeKind,
        column: &StringArray,
        settings: &ColumnSettings,
        _decision: &ColumnDecision,
    ) -> Standardized {
        if kind != AttributeKind::GivenName {
            return clean_texts(column, |text| self.clean(text, kind, settings));
        }
        let (names, defects) = clean_each(column, |text| self.clean(text, kind, settings));
        let canonical: Vec<Option<String>> =
            names.iter().map(|name| name.as_deref().map(|name| canonical_given(name, self.dictionaries))).collect();
        Standardized {
            clean: text_array(names.iter().map(Option::as_deref)),
            derived: vec![text_array(canonical.iter().map(Option::as_deref))],
            defects,
        }
    }
}

/// The canonical form of the first name proper: of the whole where the dictionaries know it so ("Mary Ann" as "maryann"),
/// else of the first word that is more than an initial. The other given names do not enter it, because one system has them
/// and the next has not.
pub(crate) fn canonical_given(given: &str, dictionaries: &Dictionaries) -> String {
    if dictionaries.given_frequency(given).is_some() || !dictionaries.nickname(given).is_empty() {
        return dictionaries.canonical_given(given);
    }
    let mut words = given.split(' ');
    let first = words.clone().find(|word| word.chars().count() > 1).or_else(|| words.next()).unwrap_or(given);
    dictionaries.canonical_given(first)
}

/// The flaw of a value that has no letter in it.
pub(crate) fn not_a_name(text: &str) -> Flaw {
    Flaw::new("not-a-name", format!("{} has no letter in it; a name belongs here", text.trim()))
}

/// Words without the dots that end initials and abbreviations.
fn split_words(text: &str) -> Vec<&str> {
    text.split([' ', '.', ',']).filter(|word| !word.is_empty()).collect()
}

fn with_case(word: &str) -> String {
    use crate::casing::{Case, case_of};
    match case_of(word) {
        Case::Upper | Case::Lower => proper(word),
        Case::None | Case::Mixed => word.to_owned(),
    }
}
