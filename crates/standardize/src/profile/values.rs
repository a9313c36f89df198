//! What a sample of a column's values says about its kind.
//!
//! The standardizers themselves are asked whether they can read the values, so that a guess never promises what cleaning
//! does not keep.

use std::cell::RefCell;
use std::collections::BTreeMap;

use arrow::array::{Array, AsArray, StringArray};
use onefold_contract::AttributeKind;
use onefold_contract::standardizer::ColumnSettings;

use crate::Dictionaries;
use crate::null_word::is_null;
use crate::registry::Registry;
use crate::text::tidy;
use crate::value_wise::Distinct;

/// How many distinct values are tried.
const TRIED: usize = 2_000;

/// A sample of a column's values, each with the rows it stands on.
pub(super) struct Values<'a> {
    pub(super) texts: StringArray,
    counts: Vec<u64>,
    rows: u64,
    distinct: u64,
    registry: &'a Registry<'a>,
    dictionaries: &'a Dictionaries,
    settings: ColumnSettings,
    fits: RefCell<BTreeMap<AttributeKind, f64>>,
}

impl<'a> Values<'a> {
    /// The values of a sample; blanks and words for "no value" are left out.
    pub(super) fn new(
        sample: &StringArray,
        registry: &'a Registry<'a>,
        dictionaries: &'a Dictionaries,
        settings: ColumnSettings,
    ) -> Self {
        let is_value = |row: usize| {
            let text = sample.value(row);
            !text.trim().is_empty() && !is_null(text, AttributeKind::Phone, &settings, dictionaries)
        };
        let all = Distinct::of(sample, is_value);
        let tried = all.values.len().min(TRIED);
        let counts: Vec<u64> = all.counts().into_iter().take(tried).collect();
        Self {
            texts: all.values.slice(0, tried),
            rows: counts.iter().sum(),
            distinct: all.values.len() as u64,
            counts,
            registry,
            dictionaries,
            settings,
            fits: RefCell::default(),
        }
    }

    /// The rows behind the values that are tried.
    pub(super) fn rows(&self) -> u64 {
        self.rows
    }

    /// The distinct values of the sample.
    pub(super) fn distinct(&self) -> u64 {
        self.distinct
    }

    /// The dictionaries.
    pub(super) fn dictionaries(&self) -> &Dictionaries {
        self.dictionaries
    }

    /// The share of rows whose value is so.
    pub(super) fn share(&self, is: impl Fn(&str) -> bool) -> f64 {
        self.mean(|text| f64::from(u8::from(is(text))))
    }

    /// The mean of a figure over the rows.
    pub(super) fn mean(&self, figure: impl Fn(&str) -> f64) -> f64 {
        if self.rows == 0 {
            return 0.0;
        }
        let sum: f64 =
            self.texts.iter().zip(&self.counts).map(|(text, n)| figure(text.unwrap_or_default()) * *n as f64).sum();
        sum / self.rows as f64
    }

    /// The share of rows whose value can be read as one of a kind.
    pub(super) fn fit(&self, kind: AttributeKind) -> f64 {
        if let Some(known) = self.fits.borrow().get(&kind) {
            return *known;
        }
        let fit = self.fit_with(kind, &self.settings);
        self.fits.borrow_mut().insert(kind, fit);
        fit
    }

    /// The same, under other settings.
    pub(super) fn fit_with(&self, kind: AttributeKind, settings: &ColumnSettings) -> f64 {
        let standardizer = self.registry.of(kind);
        let decision = standardizer.decide(&self.texts, settings);
        let read = standardizer.standardize(kind, &self.texts, settings, &decision);
        let (mut good, mut bad) = (0, 0);
        for (place, count) in self.counts.iter().enumerate() {
            if read.clean.is_valid(place) {
                good += count;
            }
        }
        for defect in &read.defects {
            bad += self.counts[defect.row];
        }
        if good + bad == 0 { 0.0 } else { good as f64 / (good + bad) as f64 }
    }

    /// The clean texts of a kind whose clean values are texts.
    pub(super) fn clean(&self, kind: AttributeKind) -> Vec<String> {
        let standardizer = self.registry.of(kind);
        let read = standardizer.standardize(
            kind,
            &self.texts,
            &self.settings,
            &standardizer.decide(&self.texts, &self.settings),
        );
        read.clean
            .as_string_opt::<i32>()
            .map_or_else(Vec::new, |texts| texts.iter().flatten().map(str::to_owned).collect())
    }

    /// The share of rows whose value is nothing but digits.
    pub(super) fn all_digits(&self) -> f64 {
        self.share(|text| text.trim().bytes().all(|b| b.is_ascii_digit()))
    }

    /// The share of rows whose value has a digit.
    pub(super) fn with_digit(&self) -> f64 {
        self.share(|text| text.contains(|c: char| c.is_numeric()))
    }

    /// The share of rows whose value has a letter.
    pub(super) fn with_letter(&self) -> f64 {
        self.share(|text| text.contains(char::is_alphabetic))
    }

    /// The words of a value.
    pub(super) fn mean_words(&self) -> f64 {
        self.mean(|text| text.split_whitespace().count() as f64)
    }

    /// Whether words are known as given and as family names: the share of rows with one word that is likelier a given
    /// name, and the share with one that is likelier a family name.
    pub(super) fn name_parts(&self) -> (f64, f64) {
        let frequencies = |text: &str| {
            let text = tidy(text);
            (self.dictionaries.given_frequency(&text), self.dictionaries.family_frequency(&text))
        };
        let likelier = |one: Option<f64>, other: Option<f64>| one.is_some_and(|one| one >= other.unwrap_or(-1.0));
        let given = self.share(|text| {
            let (given, family) = frequencies(text);
            likelier(given, family)
        });
        let family = self.share(|text| {
            let (given, family) = frequencies(text);
            likelier(family, given)
        });
        (given, family)
    }

    /// The share of rows whose value has one word known as a given name and another known as a family name.
    pub(super) fn known_full_names(&self) -> f64 {
        self.share(|text| {
            let words: Vec<&str> = text.split([' ', ',', '.']).filter(|word| word.chars().count() > 1).collect();
            let given = words.iter().position(|word| self.dictionaries.given_frequency(word).is_some());
            let family =
                |place: usize, word: &&str| Some(place) != given && self.dictionaries.family_frequency(word).is_some();
            given.is_some() && words.iter().enumerate().any(|(place, word)| family(place, word))
        })
    }

    /// The share of rows that read as a person's name may: two to four words of letters, none a word of prose.
    pub(super) fn like_full_names(&self) -> f64 {
        const PROSE: [&str; 16] = [
            "of",
            "the",
            "and",
            "at",
            "on",
            "in",
            "for",
            "by",
            "bar",
            "grill",
            "cafe",
            "restaurant",
            "club",
            "house",
            "shop",
            "group",
        ];
        self.share(|text| {
            let words: Vec<&str> = text.split_whitespace().collect();
            let is_word = |word: &&str| {
                word.chars().all(|c| c.is_alphabetic() || ".,'-’".contains(c))
                    && !PROSE.contains(&word.to_lowercase().as_str())
            };
            (2..=4).contains(&words.len()) && words.iter().all(is_word)
        })
    }

    /// The share of rows whose value ends in a legal form.
    pub(super) fn with_legal_form(&self) -> f64 {
        self.share(|text| {
            let words: Vec<&str> = text.split_whitespace().collect();
            let last = words.last().filter(|_| words.len() > 1);
            last.is_some_and(|word| self.dictionaries.legal_form(word).is_some())
        })
    }

    /// The share of rows whose value has a number and a word for a street.
    pub(super) fn like_streets(&self) -> f64 {
        self.share(|text| {
            let words: Vec<&str> = text.split([' ', ',']).filter(|word| !word.is_empty()).collect();
            let typed = words.iter().skip(1).any(|word| self.dictionaries.street_type(word).is_some());
            let german = words.iter().any(|word| {
                let word = word.to_lowercase();
                word.len() > 6 && ["straße", "strasse", "str."].iter().any(|ending| word.ends_with(ending))
            });
            (typed && words.len() > 1 && words.iter().any(|word| word.starts_with(|c: char| c.is_ascii_digit())))
                || german
        })
    }
}
